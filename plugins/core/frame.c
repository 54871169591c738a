/* SPDX-License-Identifier: GPL-3.0-only */
/* Payload descriptors of the video codecs. No state; runs on the publisher's loop thread.
 *
 * What begins a key frame:
 * VP8   the start of partition 0 of a frame whose payload header says key frame.
 * VP9   the start of a frame of the lowest spatial layer that refers to no other picture.
 * H264  a sequence parameter set. Browsers send SPS, PPS and IDR with every key frame, in
 *       one STAP-A or in packets of their own. An IDR alone does not count: without its SPS
 *       nobody who joins there can decode it, and after its SPS the frame has begun already.
 * AV1   a packet that begins a coded video sequence, or whose first OBU is a sequence
 *       header. */
#include "frame.h"

#define PICTURE_LONG_MASK 0x7FFF
#define PICTURE_SHORT_MASK 0x7F

enum { H264_SPS = 7, H264_STAP_A = 24, H264_FU_A = 28 }; /* NAL unit types, RFC 6184 section 5.2 */
enum { AV1_OBU_SEQUENCE_HEADER = 1 };

/* The rest of a payload. A read past its end gives 0 and marks it as too short. */
struct reader {
	const uint8_t *start, *at, *end;
	bool short_of;
};

static uint8_t next(struct reader *reader)
{
	if (reader->at == reader->end) {
		reader->short_of = true;
		return 0;
	}
	return *reader->at++;
}

/* The picture id has the same form in VP8 and VP9: M bit, then 7 or 15 bits. */
static void read_picture_id(struct buzz_frame *frame, struct reader *reader)
{
	frame->picture_offset = (uint8_t)(reader->at - reader->start);
	uint8_t first = next(reader);
	frame->picture_long = first & 0x80;
	frame->picture_id = first & PICTURE_SHORT_MASK;
	if (frame->picture_long)
		frame->picture_id = (uint16_t)(frame->picture_id << 8 | next(reader));
}

static void read_tl0(struct buzz_frame *frame, struct reader *reader)
{
	frame->tl0_offset = (uint8_t)(reader->at - reader->start);
	frame->tl0 = next(reader);
}

/* RFC 7741 sections 4.2 and 4.3. */
static void read_vp8(struct buzz_frame *frame, struct reader *reader)
{
	uint8_t first = next(reader);
	uint8_t extension = first & 0x80 ? next(reader) : 0;

	if (extension & 0x80)
		read_picture_id(frame, reader);
	if (extension & 0x40)
		read_tl0(frame, reader);
	if (extension & 0x30) /* TID and Y, KEYIDX share a byte */
		next(reader);
	bool frame_start = (first & 0x17) == 0x10; /* S set, partition index 0 */
	bool inter = next(reader) & 0x01;
	frame->keyframe_start = frame_start && !inter;
}

/* RFC 9628 section 4.2. The scalability structure behind these fields is not needed. */
static void read_vp9(struct buzz_frame *frame, struct reader *reader)
{
	uint8_t first = next(reader);
	bool inter = first & 0x40, flexible = first & 0x10, frame_start = first & 0x08;
	uint8_t spatial = 0;

	if (first & 0x80)
		read_picture_id(frame, reader);
	if (first & 0x20) {
		spatial = next(reader) >> 1 & 0x07;
		if (!flexible)
			read_tl0(frame, reader);
	}
	next(reader);
	frame->keyframe_start = frame_start && !inter && spatial == 0;
}

/* RFC 6184 section 5.7.1: any of the aggregated units may be the parameter set. */
static bool stap_has_sps(struct reader *reader)
{
	while (reader->end - reader->at > 2) {
		size_t size = (size_t)next(reader) << 8;
		size |= next(reader);
		if (size == 0 || size > (size_t)(reader->end - reader->at))
			return false;
		if ((*reader->at & 0x1F) == H264_SPS)
			return true;
		reader->at += size;
	}
	return false;
}

static void read_h264(struct buzz_frame *frame, struct reader *reader)
{
	uint8_t type = next(reader) & 0x1F;

	if (type == H264_STAP_A) {
		frame->keyframe_start = stap_has_sps(reader);
	} else if (type == H264_FU_A) {
		uint8_t header = next(reader); /* section 5.8: S, E, R, type */
		frame->keyframe_start = (header & 0x80) && (header & 0x1F) == H264_SPS;
	} else {
		frame->keyframe_start = type == H264_SPS;
	}
}

/* RTP Payload Format for AV1 1.0, section 4.4: aggregation header Z Y WW N. */
static void read_av1(struct buzz_frame *frame, struct reader *reader)
{
	uint8_t aggregation = next(reader);
	bool continues = aggregation & 0x80, sequence_start = aggregation & 0x08;
	bool only_obu = (aggregation & 0x30) == 0x10; /* W = 1: the element has no length */

	if (!only_obu)
		while (next(reader) & 0x80) /* leb128 */
			;
	uint8_t obu_type = next(reader) >> 3 & 0x0F;
	frame->keyframe_start =
	        !continues && (sequence_start || obu_type == AV1_OBU_SEQUENCE_HEADER);
}

void buzz_frame_read(struct buzz_frame *frame, enum buzz_codec codec, const uint8_t *payload,
                     size_t length)
{
	struct reader reader = {.start = payload, .at = payload, .end = payload + length};

	*frame = (struct buzz_frame){0};
	switch (codec) {
	case BUZZ_CODEC_VP8:
		read_vp8(frame, &reader);
		break;
	case BUZZ_CODEC_VP9:
		read_vp9(frame, &reader);
		break;
	case BUZZ_CODEC_H264:
		read_h264(frame, &reader);
		break;
	case BUZZ_CODEC_AV1:
		read_av1(frame, &reader);
		break;
	case BUZZ_CODEC_NONE:
	case BUZZ_CODEC_OPUS:
	case BUZZ_CODEC_COUNT:
		break;
	}
	if (reader.short_of)
		*frame = (struct buzz_frame){0};
}

void buzz_frame_set_picture_id(const struct buzz_frame *frame, uint8_t *payload,
                               uint16_t picture_id)
{
	uint8_t *field = payload + frame->picture_offset;

	if (frame->picture_offset == 0)
		return;
	if (frame->picture_long) {
		field[0] = (uint8_t)(0x80 | (picture_id & PICTURE_LONG_MASK) >> 8);
		field[1] = (uint8_t)picture_id;
	} else {
		field[0] = picture_id & PICTURE_SHORT_MASK;
	}
}

void buzz_frame_set_tl0(const struct buzz_frame *frame, uint8_t *payload, uint8_t tl0)
{
	if (frame->tl0_offset != 0)
		payload[frame->tl0_offset] = tl0;
}
