/* SPDX-License-Identifier: GPL-3.0-only */
/* The room keys of tests/data/room-keys.json, which html/js/room/room-key.js is tested with too. */
#include "room_key.h"
#include <glib.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static json_t *load(const char *name)
{
	const char *root = getenv("srcdir");
	g_autofree char *path = g_build_filename(root ? root : ".", "tests", "data", name, NULL);
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error);
	if (json == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return json;
}

static const char *text(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static void check_row(const json_t *row, size_t index)
{
	struct buzz_room_key key, untouched;
	struct buzz_error error = {0};
	memset(&key, 0x55, sizeof(key));
	memset(&untouched, 0x55, sizeof(untouched));
	int code = buzz_room_key_parse(&key, text(row, "tenant"), text(row, "room"), &error);

	const char *field = text(row, "error");
	if (field == NULL) {
		const json_t *expected = json_object_get(row, "key");
		if (code != BUZZ_OK)
			fail_msg("row %zu: refused: %s", index, error.text);
		assert_string_equal(key.tenant, text(expected, "tenant"));
		assert_string_equal(key.room, text(expected, "room"));
		return;
	}
	if (code == BUZZ_OK)
		fail_msg("row %zu: accepted as %s %s", index, key.tenant, key.room);
	assert_int_equal(code, BUZZ_ERROR_BAD_ROOM);
	assert_int_equal(error.code, BUZZ_ERROR_BAD_ROOM);
	assert_string_equal(error.field, field);
	assert_true(g_str_has_prefix(error.text, field));
	assert_memory_equal(&key, &untouched, sizeof(key));
}

static void test_vectors(void **state)
{
	(void)state;
	json_t *rows = load("room-keys.json");
	assert_true(json_array_size(rows) >= 45);
	size_t index;
	json_t *row;
	json_array_foreach(rows, index, row) check_row(row, index);
	json_decref(rows);
}

/* JSON cannot hold these. */
static void test_invalid_utf8(void **state)
{
	(void)state;
	static const char *const paths[] = {"/\xff", "/\xc3", "/\xed\xa0\x80", "/\xc0\xaf",
					    "/%C3\xff"};
	struct buzz_room_key key;
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		assert_int_equal(buzz_room_key_parse(&key, "a", paths[i], NULL),
				 BUZZ_ERROR_BAD_ROOM);
	assert_int_equal(buzz_room_key_parse(&key, "\xff", "/a", NULL), BUZZ_ERROR_BAD_ROOM);
}

/* A half escape and a half character may join up: "%C3" and a raw 0xA9 byte are one "é". */
static void test_mixed_escape(void **state)
{
	(void)state;
	struct buzz_room_key key;
	assert_int_equal(buzz_room_key_parse(&key, "a", "/%C3\xa9", NULL), BUZZ_OK);
	assert_string_equal(key.room, "\xc3\xa9");
}

static void test_equal(void **state)
{
	(void)state;
	static const struct {
		const char *tenant, *room;
	} names[] = {{"a", "b"}, {"a", "b/c"}, {"a", "b_c"}, {"ab", "c"}, {"a.b", "c"}, {"b", "a"}};
	struct buzz_room_key keys[G_N_ELEMENTS(names)], again;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		assert_int_equal(
		    buzz_room_key_parse(&keys[i], names[i].tenant, names[i].room, NULL), BUZZ_OK);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		memset(&again, 0x55, sizeof(again));
		assert_int_equal(buzz_room_key_parse(&again, names[i].tenant, names[i].room, NULL),
				 BUZZ_OK);
		assert_int_equal(buzz_room_key_hash(&again), buzz_room_key_hash(&keys[i]));
		for (size_t j = 0; j < G_N_ELEMENTS(names); j++)
			assert_int_equal(buzz_room_key_equal(&again, &keys[j]) != 0, i == j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_invalid_utf8),
	    cmocka_unit_test(test_mixed_escape),
	    cmocka_unit_test(test_equal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
