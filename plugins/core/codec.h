/* SPDX-License-Identifier: GPL-3.0-only */
/* The codecs Buzz forwards: names on the wire, in SDP, and the payload types of our own offers. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum buzz_media { BUZZ_AUDIO, BUZZ_VIDEO };

enum buzz_codec {
	BUZZ_CODEC_NONE = 0,
	BUZZ_CODEC_OPUS,
	BUZZ_CODEC_VP8,
	BUZZ_CODEC_VP9,
	BUZZ_CODEC_H264,
	BUZZ_CODEC_AV1,
	BUZZ_CODEC_COUNT
};

/* A set of codecs: bit (1 << codec). */
typedef uint32_t buzz_codec_set;
#define BUZZ_CODEC_BIT(codec) (1u << (codec))
#define BUZZ_CODECS_ALL                                                                                                \
	(BUZZ_CODEC_BIT(BUZZ_CODEC_OPUS) | BUZZ_CODEC_BIT(BUZZ_CODEC_VP8) | BUZZ_CODEC_BIT(BUZZ_CODEC_VP9) |            \
	 BUZZ_CODEC_BIT(BUZZ_CODEC_H264) | BUZZ_CODEC_BIT(BUZZ_CODEC_AV1))

/* "opus", "vp8", "vp9", "h264", "av1"; NULL for BUZZ_CODEC_NONE. */
const char *buzz_codec_name(enum buzz_codec codec);
/* The codec of a wire name or of an SDP encoding name, compared without case; BUZZ_CODEC_NONE if it is none of ours. */
enum buzz_codec buzz_codec_from_name(const char *name);
enum buzz_media buzz_codec_media(enum buzz_codec codec);
/* RTP clock rate in Hz: 48000 for opus (RFC 7587), 90000 for video. */
uint32_t buzz_codec_clock_rate(enum buzz_codec codec);
/* The payload type under which Buzz offers this codec on every SUB: fixed, so that a stream's
 * packets need no per-subscriber table. */
uint8_t buzz_codec_payload_type(enum buzz_codec codec);
