/* SPDX-License-Identifier: GPL-3.0-only */
/* Redaction: tests/data/redact.json, which the client's own redaction is held to as well. */
#include "redact.h"
#include <glib.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static void test_table(void **state)
{
	(void)state;
	json_error_t error;
	const char *folder = g_getenv("srcdir");
	g_autofree char *path = g_build_filename(folder ? folder : ".", "tests/data/redact.json", NULL);
	json_t *rows = json_load_file(path, 0, &error);
	if (!rows)
		fail_msg("%s: %s", path, error.text);
	assert_true(json_array_size(rows) > 20);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		g_autofree char *out = buzz_redact(json_string_value(json_array_get(row, 0)));
		assert_string_equal(out, json_string_value(json_array_get(row, 1)));
		g_autofree char *again = buzz_redact(out);
		assert_string_equal(again, out);
	}
	json_decref(rows);
}

/* Whatever stands around it, a secret never comes through, and the text stays UTF-8. */
static void test_random(void **state)
{
	(void)state;
	static const char *const pieces[] = {"a=ice-pwd:",  " ", "\r\n", "\"seat\":\"", "\"", "192.0.2.77", ":", ".", "::",
					     "2001:db8::77", "ü",  "ufrag ", "token=", "{",  "\\", "typ host ", "-", "7"};
	GRand *random = g_rand_new_with_seed(4711);
	for (int round = 0; round < 20000; round++) {
		GString *text = g_string_new(NULL);
		int count = g_rand_int_range(random, 0, 12);
		for (int i = 0; i < count; i++)
			g_string_append(text, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
		g_string_append(text, " a=ice-pwd:hunter2 seat=\"hunter2\" 192.0.2.77 ");
		g_autofree char *out = buzz_redact(text->str);
		assert_true(g_utf8_validate(out, -1, NULL));
		if (strstr(out, "hunter2"))
			fail_msg("%s -> %s", text->str, out);
		assert_null(strstr(strrchr(out, '='), "192.0.2.77"));
		g_string_free(text, TRUE);
	}
	g_rand_free(random);
}

/* A megabyte of the worst takes no longer than a megabyte of anything. */
static void test_time(void **state)
{
	(void)state;
	static const char *const worst[] = {"1.", "a:", "a-", "a.local-", "::", "seat ", "seat:", "\\\"", "ufrag ", "1:1 "};
	for (size_t i = 0; i < G_N_ELEMENTS(worst); i++) {
		GString *text = g_string_new(NULL);
		while (text->len < 1000000)
			g_string_append(text, worst[i]);
		gint64 start = g_get_monotonic_time();
		g_free(buzz_redact(text->str));
		if (g_get_monotonic_time() - start > 5 * G_USEC_PER_SEC)
			fail_msg("'%s' takes too long", worst[i]);
		g_string_free(text, TRUE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
