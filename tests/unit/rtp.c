/* SPDX-License-Identifier: GPL-3.0-only */
#include "rtp.h"
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#define FIXED(first, second)                                                                       \
	first, second, 0x12, 0x34, 0x89, 0xAB, 0xCD, 0xEF, 0xDE, 0xAD, 0xBE, 0xEF

/* On the heap and no longer than it is, so that the sanitizer sees a byte too many. */
static uint8_t *copy(const uint8_t *bytes, size_t length)
{
	uint8_t *data = malloc(length ? length : 1);

	assert_non_null(data);
	memcpy(data, bytes, length);
	return data;
}

static void whole_packets_are_read_and_others_refused(void **state)
{
	static const struct {
		const char *say;
		uint8_t bytes[32];
		size_t length;
		int result;
		size_t payload_at, payload_length, extensions_length;
	} rows[] = {
		{"plain", {FIXED(0x80, 0xE0), 1, 2, 3}, 15, 0, 12, 3, 0},
		{"no payload", {FIXED(0x80, 0xE0)}, 12, 0, 12, 0, 0},
		{"empty", {0}, 0, -1, 0, 0, 0},
		{"cut in the header", {FIXED(0x80, 0xE0)}, 11, -1, 0, 0, 0},
		{"version 1", {FIXED(0x40, 0xE0)}, 12, -1, 0, 0, 0},
		{"version 3", {FIXED(0xC0, 0xE0)}, 12, -1, 0, 0, 0},
		{"two sources", {FIXED(0x82, 0xE0), 0, 0, 0, 1, 0, 0, 0, 2, 9}, 21, 0, 20, 1, 0},
		{"sources cut", {FIXED(0x82, 0xE0), 0, 0, 0, 1, 0, 0, 0}, 19, -1, 0, 0, 0},
		{"padded", {FIXED(0xA0, 0xE0), 9, 9, 0, 0, 3}, 17, 0, 12, 2, 0},
		{"only padding", {FIXED(0xA0, 0xE0), 0, 0, 3}, 15, 0, 12, 0, 0},
		{"padding of 0", {FIXED(0xA0, 0xE0), 0, 0, 0}, 15, -1, 0, 0, 0},
		{"more padding than packet", {FIXED(0xA0, 0xE0), 0, 0, 4}, 15, -1, 0, 0, 0},
		{"padding bit alone", {FIXED(0xA0, 0xE0)}, 12, -1, 0, 0, 0},
		{"extension", {FIXED(0x90, 0xE0), 0xBE, 0xDE, 0, 1, 0x10, 5, 0, 0, 7},
		 21, 0, 20, 1, 4},
		{"extension of nothing", {FIXED(0x90, 0xE0), 0xBE, 0xDE, 0, 0, 7}, 17, 0, 16, 1, 0},
		{"extension header cut", {FIXED(0x90, 0xE0), 0xBE, 0xDE, 0}, 15, -1, 0, 0, 0},
		{"extension cut", {FIXED(0x90, 0xE0), 0xBE, 0xDE, 0, 2, 0, 0, 0, 0},
		 20, -1, 0, 0, 0},
		{"extension too long", {FIXED(0x90, 0xE0), 0xBE, 0xDE, 0xFF, 0xFF, 0},
		 17, -1, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t *data = copy(rows[i].bytes, rows[i].length);
		struct buzz_rtp rtp;
		print_message("%s\n", rows[i].say);
		assert_int_equal(buzz_rtp_read(&rtp, data, rows[i].length), rows[i].result);
		if (rows[i].result == 0) {
			assert_int_equal(rtp.payload - data, rows[i].payload_at);
			assert_int_equal(rtp.payload_length, rows[i].payload_length);
			assert_int_equal(rtp.extensions_length, rows[i].extensions_length);
		}
		free(data);
	}
}

static void fields_are_read_and_written(void **state)
{
	uint8_t data[] = {FIXED(0x80, 0xE1), 1};
	struct buzz_rtp rtp;

	(void)state;
	assert_int_equal(buzz_rtp_read(&rtp, data, sizeof(data)), 0);
	assert_true(rtp.marker);
	assert_int_equal(rtp.payload_type, 0x61);
	assert_int_equal(rtp.seq, 0x1234);
	assert_int_equal(rtp.timestamp, 0x89ABCDEF);
	assert_int_equal(rtp.ssrc, 0xDEADBEEF);
	assert_null(rtp.extensions);

	buzz_rtp_set_seq(data, 0xFFFE);
	buzz_rtp_set_timestamp(data, 0xFEDCBA98);
	buzz_rtp_set_payload_type(data, 0xFF); /* too large: must not reach the marker */
	assert_int_equal(buzz_rtp_read(&rtp, data, sizeof(data)), 0);
	assert_int_equal(rtp.seq, 0xFFFE);
	assert_int_equal(rtp.timestamp, 0xFEDCBA98);
	assert_int_equal(rtp.payload_type, 0x7F);
	assert_true(rtp.marker);
	assert_int_equal(rtp.ssrc, 0xDEADBEEF);

	data[1] = 0x61;
	buzz_rtp_set_payload_type(data, 96);
	assert_int_equal(data[1], 96);
}

static void extension_elements_are_found(void **state)
{
	static const struct {
		const char *say;
		uint16_t profile;
		uint8_t bytes[12]; /* of the extension block */
		size_t words;
		uint8_t id;
		int at; /* in the block, -1 = not there */
		size_t length;
	} rows[] = {
		{"first", 0xBEDE, {0x10, 'h', 0x32, 1, 2, 3, 0, 0}, 2, 1, 1, 1},
		{"second", 0xBEDE, {0x10, 'h', 0x32, 1, 2, 3, 0, 0}, 2, 3, 3, 3},
		{"absent", 0xBEDE, {0x10, 'h', 0x32, 1, 2, 3, 0, 0}, 2, 2, -1, 0},
		{"id 0 is nobody", 0xBEDE, {0x10, 'h', 0, 0}, 1, 0, -1, 0},
		{"padding between", 0xBEDE, {0, 0x10, 'h', 0, 0, 0x20, 'm', 0}, 2, 2, 6, 1},
		{"runs out of the block", 0xBEDE, {0x13, 1, 2, 3}, 1, 1, -1, 0},
		{"fills the block", 0xBEDE, {0x12, 1, 2, 3}, 1, 1, 1, 3},
		{"header in the last byte", 0xBEDE, {0x10, 1, 0, 0x20}, 1, 2, -1, 0},
		{"15 ends the list", 0xBEDE, {0xF0, 1, 0x20, 'm'}, 1, 2, -1, 0},
		{"15 is no id here", 0xBEDE, {0xF0, 1, 0, 0}, 1, 15, -1, 0},
		{"0 with a length ends it", 0xBEDE, {0x01, 0x20, 'm', 0}, 1, 2, -1, 0},
		{"17 needs two bytes", 0xBEDE, {0x10, 'h', 0, 0}, 1, 17, -1, 0},
		{"two bytes", 0x1000, {200, 2, 7, 8}, 1, 200, 2, 2},
		{"two bytes, second", 0x100F, {1, 1, 9, 0, 15, 1, 6, 0}, 2, 15, 6, 1},
		{"two bytes, no data", 0x1000, {0, 0, 4, 0}, 1, 4, 4, 0},
		{"two bytes, too long", 0x1000, {5, 3, 1, 2}, 1, 5, -1, 0},
		{"two bytes, no length", 0x1000, {0, 0, 0, 5}, 1, 5, -1, 0},
		{"another profile", 0x1234, {0x10, 'h', 0, 0}, 1, 1, -1, 0},
		{"nothing in it", 0xBEDE, {0}, 0, 1, -1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[32] = {FIXED(0x90, 0x60)};
		size_t length = 16 + rows[i].words * 4, found_length = 77;
		bytes[12] = (uint8_t)(rows[i].profile >> 8);
		bytes[13] = (uint8_t)rows[i].profile;
		bytes[15] = (uint8_t)rows[i].words;
		memcpy(bytes + 16, rows[i].bytes, rows[i].words * 4);
		uint8_t *data = copy(bytes, length);
		struct buzz_rtp rtp;
		print_message("%s\n", rows[i].say);
		assert_int_equal(buzz_rtp_read(&rtp, data, length), 0);
		const uint8_t *found = buzz_rtp_extension(&rtp, rows[i].id, &found_length);
		if (rows[i].at < 0) {
			assert_null(found);
		} else {
			assert_ptr_equal(found, data + 16 + rows[i].at);
			assert_int_equal(found_length, rows[i].length);
		}
		free(data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_packets_are_read_and_others_refused),
		cmocka_unit_test(fields_are_read_and_written),
		cmocka_unit_test(extension_elements_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
