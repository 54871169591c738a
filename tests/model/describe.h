/* SPDX-License-Identifier: GPL-3.0-only */
/* Session descriptions for tests, in words: m-lines separated by blanks, each "audio:<mid>" or
 * "video:<mid>", with "-" before it when it is rejected, "=<codec>,<codec>" after it for other
 * codecs than opus and vp8, then "!<direction>" for another one than sendonly: "audio:0
 * video:1=h264,vp8 -video:2 video:3!inactive". */
#pragma once
#include "sdp.h"

struct described {
	bool rejected;
	enum buzz_media media;
	char mid[BUZZ_MID_MAX + 1];
	enum buzz_direction direction;
	size_t codec_count;
	enum buzz_codec codecs[BUZZ_CODEC_COUNT];
};

/* All return an array of struct described, or text, of the caller. */
GArray *describe_words(const char *words);
/* The answer to this offer (text) by someone who takes everything. */
GArray *describe_answer(const char *offer);
char *describe_write(const GArray *lines);
/* Both in one; the description is the caller's (buzz_sdp_free). */
struct buzz_sdp *describe_read(const char *words);
