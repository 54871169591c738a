/* SPDX-License-Identifier: GPL-3.0-only */
#include "frame.h"
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#define NONE BUZZ_CODEC_NONE
#define OPUS BUZZ_CODEC_OPUS
#define VP8 BUZZ_CODEC_VP8
#define VP9 BUZZ_CODEC_VP9
#define H264 BUZZ_CODEC_H264
#define AV1 BUZZ_CODEC_AV1

#define KEY {.keyframe_start = true}
#define NO_KEY {.keyframe_start = false}

static const struct row {
	const char *say;
	enum buzz_codec codec;
	uint8_t bytes[16];
	size_t length;
	struct buzz_frame frame;
} rows[] = {
	{"vp8 key", VP8, {0x10, 0x00}, 2, KEY},
	{"vp8 inter", VP8, {0x10, 0x01}, 2, NO_KEY},
	{"vp8 not the start of the partition", VP8, {0x00, 0x00}, 2, NO_KEY},
	{"vp8 second partition", VP8, {0x11, 0x00}, 2, NO_KEY},
	{"vp8 reserved bit between S and PID", VP8, {0x18, 0x00}, 2, KEY},
	{"vp8 no payload behind the descriptor", VP8, {0x10}, 1, NO_KEY},
	{"vp8 no descriptor", VP8, {0}, 0, NO_KEY},
	{"vp8 extension missing", VP8, {0x90}, 1, NO_KEY},
	{"vp8 7-bit id", VP8, {0x90, 0x80, 0x7F, 0x00}, 4,
	 {.keyframe_start = true, .picture_offset = 2, .picture_id = 127}},
	{"vp8 15-bit id", VP8, {0x90, 0x80, 0xFF, 0xFE, 0x01}, 5,
	 {.picture_offset = 2, .picture_long = true, .picture_id = 0x7FFE}},
	{"vp8 15-bit id cut", VP8, {0x90, 0x80, 0xFF}, 3, NO_KEY},
	{"vp8 ids announced, nothing there", VP8, {0x90, 0xF0}, 2, NO_KEY},
	{"vp8 all fields", VP8, {0x90, 0xF0, 0x81, 0x02, 0x33, 0x20, 0x00}, 7,
	 {.keyframe_start = true, .picture_offset = 2, .picture_long = true, .picture_id = 0x102,
	  .tl0_offset = 4, .tl0 = 0x33}},
	{"vp8 all fields, no payload", VP8, {0x90, 0xF0, 0x81, 0x02, 0x33, 0x20}, 6, NO_KEY},
	{"vp8 tl0 without id", VP8, {0x90, 0x60, 0x44, 0x20, 0x01}, 5,
	 {.tl0_offset = 2, .tl0 = 0x44}},
	{"vp8 key index only", VP8, {0x90, 0x10, 0x05, 0x00}, 4, KEY},
	{"vp8 ids of a later packet", VP8, {0x80, 0x80, 0x05, 0x00}, 4,
	 {.picture_offset = 2, .picture_id = 5}},

	{"vp9 key", VP9, {0x08, 0}, 2, KEY},
	{"vp9 inter", VP9, {0x48, 0}, 2, NO_KEY},
	{"vp9 later packet", VP9, {0x04, 0}, 2, NO_KEY},
	{"vp9 no payload", VP9, {0x08}, 1, NO_KEY},
	{"vp9 empty", VP9, {0}, 0, NO_KEY},
	{"vp9 15-bit id", VP9, {0x88, 0x81, 0x00, 0}, 4,
	 {.keyframe_start = true, .picture_offset = 1, .picture_long = true, .picture_id = 0x100}},
	{"vp9 7-bit id, layers, tl0", VP9, {0xA8, 0x05, 0x00, 0x77, 0}, 5,
	 {.keyframe_start = true, .picture_offset = 1, .picture_id = 5, .tl0_offset = 3,
	  .tl0 = 0x77}},
	{"vp9 flexible has no tl0", VP9, {0xB8, 0x05, 0x00, 0x77}, 4,
	 {.keyframe_start = true, .picture_offset = 1, .picture_id = 5}},
	{"vp9 upper spatial layer", VP9, {0xA8, 0x05, 0x02, 0x77, 0}, 5,
	 {.picture_offset = 1, .picture_id = 5, .tl0_offset = 3, .tl0 = 0x77}},
	{"vp9 temporal layer and D do not matter", VP9, {0x28, 0xF1, 0x01, 0}, 4,
	 {.keyframe_start = true, .tl0_offset = 2, .tl0 = 1}},
	{"vp9 tl0 cut", VP9, {0xA8, 0x05, 0x00}, 3, NO_KEY},
	{"vp9 id cut", VP9, {0x88, 0x81}, 2, NO_KEY},

	{"h264 sps", H264, {0x67, 0x42}, 2, KEY},
	{"h264 sps of low importance", H264, {0x07}, 1, KEY},
	{"h264 pps", H264, {0x68}, 1, NO_KEY},
	{"h264 idr alone", H264, {0x65, 0x88}, 2, NO_KEY},
	{"h264 slice", H264, {0x41, 0x9A}, 2, NO_KEY},
	{"h264 empty", H264, {0}, 0, NO_KEY},
	{"h264 stap with sps", H264, {0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68}, 8, KEY},
	{"h264 stap, sps behind a delimiter", H264, {0x78, 0, 2, 0x09, 0x10, 0, 1, 0x67}, 8, KEY},
	{"h264 stap without sps", H264, {0x78, 0, 1, 0x68, 0, 1, 0x65}, 7, NO_KEY},
	{"h264 stap, unit cut", H264, {0x78, 0, 3, 0x67, 0x42}, 5, NO_KEY},
	{"h264 stap, empty unit", H264, {0x78, 0, 0, 0x67}, 4, NO_KEY},
	{"h264 stap, half a length", H264, {0x78, 0}, 2, NO_KEY},
	{"h264 stap, nothing", H264, {0x78}, 1, NO_KEY},
	{"h264 fragment of an idr", H264, {0x7C, 0x85}, 2, NO_KEY},
	{"h264 first fragment of an sps", H264, {0x7C, 0x87}, 2, KEY},
	{"h264 later fragment of an sps", H264, {0x7C, 0x07}, 2, NO_KEY},
	{"h264 fragment cut", H264, {0x7C}, 1, NO_KEY},

	{"av1 new sequence", AV1, {0x18, 0x30, 0}, 3, KEY},
	{"av1 new sequence, lengths", AV1, {0x28, 0x02, 0x08, 0, 0x30}, 5, KEY},
	{"av1 sequence header without N", AV1, {0x10, 0x08, 0}, 3, KEY},
	{"av1 sequence header behind a length", AV1, {0x20, 0x82, 0x00, 0x0A, 0, 0x30}, 6, KEY},
	{"av1 continuation", AV1, {0x98, 0x08, 0}, 3, NO_KEY},
	{"av1 frame", AV1, {0x10, 0x30, 0}, 3, NO_KEY},
	{"av1 only an aggregation header", AV1, {0x18}, 1, NO_KEY},
	{"av1 length cut", AV1, {0x08, 0x80, 0x80}, 3, NO_KEY},
	{"av1 empty", AV1, {0}, 0, NO_KEY},

	{"opus has no frames", OPUS, {0x10, 0x00}, 2, NO_KEY},
	{"unknown", NONE, {0x10, 0x00}, 2, NO_KEY},
};

/* On the heap and no longer than it is, so that the sanitizer sees a byte too many. */
static uint8_t *copy(const uint8_t *bytes, size_t length)
{
	uint8_t *data = malloc(length ? length : 1);

	assert_non_null(data);
	memcpy(data, bytes, length);
	return data;
}

static void descriptors_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t *payload = copy(rows[i].bytes, rows[i].length);
		struct buzz_frame frame;
		const struct buzz_frame *expected = &rows[i].frame;
		print_message("%s\n", rows[i].say);
		buzz_frame_read(&frame, rows[i].codec, payload, rows[i].length);
		assert_int_equal(frame.keyframe_start, expected->keyframe_start);
		assert_int_equal(frame.picture_offset, expected->picture_offset);
		assert_int_equal(frame.picture_long, expected->picture_long);
		assert_int_equal(frame.picture_id, expected->picture_id);
		assert_int_equal(frame.tl0_offset, expected->tl0_offset);
		assert_int_equal(frame.tl0, expected->tl0);
		free(payload);
	}
}

static void ids_are_written_in_the_form_that_is_there(void **state)
{
	static const struct {
		const char *say;
		enum buzz_codec codec;
		uint8_t bytes[8], written[8];
		size_t length;
	} cases[] = {
		{"long", VP8, {0x90, 0xF0, 0x81, 0x02, 0x33, 0x20, 0x00},
		 {0x90, 0xF0, 0xD5, 0x9A, 0xC4, 0x20, 0x00}, 7},
		{"short", VP8, {0x90, 0x80, 0x7F, 0x00}, {0x90, 0x80, 0x1A, 0x00}, 4},
		{"tl0 only", VP8, {0x90, 0x60, 0x44, 0x20, 0x01}, {0x90, 0x60, 0xC4, 0x20, 0x01},
		 5},
		{"vp9", VP9, {0xA8, 0x05, 0x00, 0x77, 0}, {0xA8, 0x1A, 0x00, 0xC4, 0}, 5},
		{"nothing there", VP8, {0x10, 0x00}, {0x10, 0x00}, 2},
		{"h264", H264, {0x67, 0x42}, {0x67, 0x42}, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *payload = copy(cases[i].bytes, cases[i].length);
		struct buzz_frame frame;
		print_message("%s\n", cases[i].say);
		buzz_frame_read(&frame, cases[i].codec, payload, cases[i].length);
		/* the top bit is not the id's */
		buzz_frame_set_picture_id(&frame, payload, 0xD59A);
		buzz_frame_set_tl0(&frame, payload, 0xC4);
		assert_memory_equal(payload, cases[i].written, cases[i].length);
		free(payload);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_read),
		cmocka_unit_test(ids_are_written_in_the_form_that_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
