/* SPDX-License-Identifier: GPL-3.0-only */
/* The one table of codecs; constant, so any thread may ask. */
#include "codec.h"
#include <glib.h>

static const struct {
	const char *name;
	enum buzz_media media;
	uint32_t clock_rate;
	uint8_t payload_type; /* dynamic; the video ones leave the next number to the core's RTX */
} codecs[BUZZ_CODEC_COUNT] = {
    [BUZZ_CODEC_OPUS] = {"opus", BUZZ_AUDIO, 48000, 111},
    [BUZZ_CODEC_VP8] = {"vp8", BUZZ_VIDEO, 90000, 96},
    [BUZZ_CODEC_VP9] = {"vp9", BUZZ_VIDEO, 90000, 98},
    [BUZZ_CODEC_H264] = {"h264", BUZZ_VIDEO, 90000, 102},
    [BUZZ_CODEC_AV1] = {"av1", BUZZ_VIDEO, 90000, 45},
};

const char *buzz_codec_name(enum buzz_codec codec)
{
	return codecs[codec].name;
}

enum buzz_codec buzz_codec_from_name(const char *name)
{
	for (int codec = BUZZ_CODEC_NONE + 1; codec < BUZZ_CODEC_COUNT; codec++)
		if (g_ascii_strcasecmp(codecs[codec].name, name) == 0)
			return (enum buzz_codec)codec;
	return BUZZ_CODEC_NONE;
}

enum buzz_media buzz_codec_media(enum buzz_codec codec)
{
	return codecs[codec].media;
}

uint32_t buzz_codec_clock_rate(enum buzz_codec codec)
{
	return codecs[codec].clock_rate;
}

uint8_t buzz_codec_payload_type(enum buzz_codec codec)
{
	return codecs[codec].payload_type;
}
