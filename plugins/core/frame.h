/* SPDX-License-Identifier: GPL-3.0-only */
/* What the first bytes of a video payload say: does a key frame start here, and which picture ids does it carry.
 * VP8 (RFC 7741), VP9 (RFC 9628), H264 (RFC 6184), AV1 (AOM RTP payload format 1.0). Every length is checked before
 * a byte is read; a payload too short for what it announces is 'not a key frame, no ids'. Fuzzed. */
#pragma once
#include "codec.h"
#include <stddef.h>

struct buzz_frame {
	bool keyframe_start; /* this packet begins a key frame */
	/* VP8 and VP9; offsets are from the start of the payload, 0 = the field is absent */
	uint8_t picture_offset;
	bool picture_long; /* 15 bits, otherwise 7 */
	uint16_t picture_id;
	uint8_t tl0_offset;
	uint8_t tl0;
};

void buzz_frame_read(struct buzz_frame *frame, enum buzz_codec codec, const uint8_t *payload, size_t length);
/* Write in place, in the form that is there (a 7-bit field takes the low 7 bits); nothing if the field is absent. */
void buzz_frame_set_picture_id(const struct buzz_frame *frame, uint8_t *payload, uint16_t picture_id);
void buzz_frame_set_tl0(const struct buzz_frame *frame, uint8_t *payload, uint8_t tl0);
