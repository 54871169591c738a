/* SPDX-License-Identifier: GPL-3.0-only */
/* The room's record: what a line says, that an event for many is one line, that equal lines are folded, and its bounds. */
#include "record.h"
#include "error.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static struct buzz_record *record;

static int set_up(void **state)
{
	(void)state;
	record = buzz_record_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buzz_record_free(record);
	return 0;
}

/* One step in which these handles are told this. */
static void tell(int64_t wall_ms, const uint64_t *handles, size_t count, const char *json)
{
	GArray *effects = buzz_effects_new();
	json_error_t error;
	json_t *body = json_loads(json, 0, &error);
	assert_non_null(body);
	for (size_t i = 0; i < count; i++)
		buzz_effect_event(effects, handles[i], NULL, json_incref(body));
	json_decref(body);
	struct buzz_command command = {.type = BUZZ_COMMAND_TICK, .wall_ms = wall_ms};
	buzz_record_step(record, &command, effects);
	g_array_unref(effects);
}

static json_t *lines_within(size_t max)
{
	GString *text = g_string_new("[");
	buzz_record_write(record, text, max);
	assert_true(text->len <= max + 1);
	g_string_append_c(text, ']');
	json_error_t error;
	json_t *json = json_loads(text->str, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%s: %s", text->str, error.text);
	g_string_free(text, TRUE);
	return json;
}

static json_t *lines(void)
{
	return lines_within(SIZE_MAX - 1);
}

static const char *text_of(const json_t *all, size_t index, const char *member)
{
	return json_string_value(json_object_get(json_array_get(all, index), member));
}

static void test_lines(void **state)
{
	(void)state;
	static const struct {
		const char *body, *text, *participant, *connection, *kind, *level;
	} rows[] = {
		{"{\"buzz\":\"joined\",\"id\":\"p1\",\"seat\":\"hidden\",\"streams\":[{\"stream\":\"mic\",\"codec\":\"opus\",\"muted\":true}]}",
		 "joined: mic opus muted", "p1", "pub", "room", "info"},
		{"{\"buzz\":\"slots\",\"slots\":[{\"mid\":\"a0\",\"participant\":\"p2\",\"stream\":\"mic\"}],\"waiting\":[{\"participant\":\"p3\",\"stream\":\"cam\"}]}",
		 "slots: a0=p2/mic; waiting p3/cam", "p1", "pub", "slots", "info"},
		{"{\"buzz\":\"left\",\"participant\":\"p2\",\"reason\":\"timeout\"}", "left, reason timeout", "p2", "pub",
		 "room", "info"},
		{"{\"buzz\":\"error\",\"error_code\":441,\"error\":\"version: the open offer is 3\"}",
		 "error 441 version: the open offer is 3", "p1", "pub", "room", "warn"},
		{"{\"buzz\":\"offer\",\"version\":3}", "offer 3", "p1", "pub", "sdp", "info"},
		{"{\"buzz\":\"joined\",\"participant\":{\"id\":\"p4\",\"display\":\"Joe\",\"streams\":[]}}", "joined Joe", "p4",
		 "pub", "room", "info"},
	};
	const uint64_t pub = 1;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		tell(1000 + (int64_t)i, &pub, 1, rows[i].body);
	json_t *all = lines();
	assert_int_equal(json_array_size(all), G_N_ELEMENTS(rows));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_string_equal(text_of(all, i, "text"), rows[i].text);
		assert_string_equal(text_of(all, i, "participant"), rows[i].participant);
		assert_string_equal(text_of(all, i, "connection"), rows[i].connection);
		assert_string_equal(text_of(all, i, "kind"), rows[i].kind);
		assert_string_equal(text_of(all, i, "level"), rows[i].level);
	}
	json_decref(all);
}

static void test_one_line_for_many(void **state)
{
	(void)state;
	const uint64_t handles[] = {1, 2, 3};
	tell(1000, handles, 3, "{\"buzz\":\"left\",\"participant\":\"p9\",\"reason\":\"gone\"}");
	json_t *all = lines();
	assert_int_equal(json_array_size(all), 1);
	json_decref(all);
}

static void test_folds(void **state)
{
	(void)state;
	const uint64_t handle = 1;
	for (int i = 0; i < 5; i++)
		tell(1000 + i, &handle, 1, "{\"buzz\":\"offer\",\"version\":1}");
	tell(1010, &handle, 1, "{\"buzz\":\"offer\",\"version\":2}");
	json_t *all = lines();
	assert_int_equal(json_array_size(all), 2);
	const json_t *first = json_array_get(all, 0);
	assert_int_equal(json_integer_value(json_object_get(first, "count")), 5);
	assert_int_equal(json_integer_value(json_object_get(first, "time")), 1000);
	assert_int_equal(json_integer_value(json_object_get(first, "last")), 1004);
	json_decref(all);
}

/* Who is who is forgotten with the handle. */
static void test_forgets(void **state)
{
	(void)state;
	const uint64_t sub = 7;
	const char *connection;
	tell(1000, &sub, 1, "{\"buzz\":\"subscribed\",\"id\":\"p1\"}");
	assert_string_equal(buzz_record_who(record, 7, &connection), "p1");
	assert_string_equal(connection, "sub");
	GArray *effects = buzz_effects_new();
	buzz_effect_close(effects, 7);
	buzz_effect_forget(effects, 7);
	struct buzz_command command = {.type = BUZZ_COMMAND_HANGUP, .handle = 7, .wall_ms = 1001};
	buzz_record_step(record, &command, effects);
	g_array_unref(effects);
	assert_string_equal(buzz_record_who(record, 7, &connection), "");
	json_t *all = lines();
	assert_string_equal(text_of(all, 1, "text"), "connection ended");
	assert_string_equal(text_of(all, 1, "participant"), "p1");
	assert_string_equal(text_of(all, 2, "text"), "connection closed by the server");
	json_decref(all);
}

static void test_bounds(void **state)
{
	(void)state;
	const uint64_t handle = 1;
	for (int i = 1; i <= 9000; i++) {
		g_autofree char *body = g_strdup_printf("{\"buzz\":\"offer\",\"version\":%d}", i);
		tell(1000 + i, &handle, 1, body);
	}
	json_t *all = lines();
	assert_true(json_array_size(all) <= 4000);
	assert_string_equal(text_of(all, json_array_size(all) - 1, "text"), "offer 9000");
	json_decref(all);
	g_autofree char *long_reason = g_strnfill(5000, 'x');
	for (int i = 0; i < 300; i++) {
		g_autofree char *body =
			g_strdup_printf("{\"buzz\":\"left\",\"participant\":\"p%d\",\"reason\":\"%s\"}", i, long_reason);
		tell(1, &handle, 1, body);
	}
	all = lines();
	assert_true(json_array_size(all) < 140);
	json_decref(all);
}

/* When there is not space for all of them the oldest are left out, and the order stays. */
static void test_newest_within(void **state)
{
	(void)state;
	const uint64_t handle = 1;
	for (int i = 1; i <= 100; i++) {
		g_autofree char *body = g_strdup_printf("{\"buzz\":\"offer\",\"version\":%d}", i);
		tell(1000, &handle, 1, body);
	}
	for (size_t max = 0; max < 3000; max += 7) {
		json_t *all = lines_within(max);
		int count = (int)json_array_size(all);
		assert_in_range(count, max / 200, max / 100);
		for (int i = 0; i < count; i++) {
			g_autofree char *expected = g_strdup_printf("offer %d", 100 - count + 1 + i);
			assert_string_equal(text_of(all, (size_t)i, "text"), expected);
		}
		json_decref(all);
	}
}

/* What a report would only tell of itself is not recorded. */
static void test_silent(void **state)
{
	(void)state;
	const uint64_t handle = 1;
	tell(1, &handle, 1, "{\"buzz\":\"clock\",\"server_ms\":5}");
	tell(1, &handle, 1, "{\"buzz\":\"logged\"}");
	json_t *all = lines();
	assert_int_equal(json_array_size(all), 0);
	json_decref(all);
	struct buzz_command command = {.type = BUZZ_COMMAND_TICK};
	GArray *none = buzz_effects_new();
	buzz_record_step(NULL, &command, none);
	assert_string_equal(buzz_record_who(NULL, 1, NULL), "");
	g_array_unref(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_line_for_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_folds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forgets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_newest_within, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_silent, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
