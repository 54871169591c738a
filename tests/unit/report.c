/* SPDX-License-Identifier: GPL-3.0-only */
/* A report: collecting in parts, those who lie, flood, leave or stay silent, and the file that comes of it; then the
 * same through a room. */
#include "report.h"
#include "room_private.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static struct buzz_settings settings;
static const struct buzz_room_key key = {.tenant = "school.example", .room = "maths/lesson1"};

static int set_up(void **state)
{
	(void)state;
	buzz_settings_defaults(&settings);
	g_strlcpy(settings.reports_folder, "/nowhere", sizeof(settings.reports_folder));
	settings.report_log_max = 100;
	settings.report_max = 65536;
	return 0;
}

static struct buzz_report *report_of(int people)
{
	struct buzz_report *report = buzz_report_new("r1", &key, "No <b>sound</b>", &settings);
	report->deadline_ms = 5000;
	for (int i = 0; i < people; i++) {
		char id[3] = {'p', (char)('0' + i), '\0'};
		buzz_report_expect(report, id, "Ada");
	}
	return report;
}

/* A part of this length. Returns the error's code. */
static int take(struct buzz_report *report, const char *id, uint32_t part, bool last, size_t length)
{
	struct buzz_log log = {.part = part, .last = last, .offset_ms = -7, .error_ms = 2,
			       .entries = g_string_new(NULL)};
	struct buzz_error error = {0};
	bool completed;
	if (length)
		g_string_append_printf(log.entries, "{\"t\":\"%0*d\"}", (int)length - 8, 0);
	int code = buzz_report_take(report, id, &log, &completed, &error);
	assert_int_equal(completed, code == 0 && last);
	assert_int_equal(error.code, code);
	g_string_free(log.entries, TRUE);
	return code;
}

static int append(void *data, const char *text, size_t length)
{
	g_string_append_len(data, text, (gssize)length);
	return 0;
}

static json_t *file_of(const struct buzz_report *report)
{
	GString *text = g_string_new(NULL);
	assert_int_equal(buzz_report_write(report, "1.2.3", append, text), 0);
	json_error_t error;
	json_t *json = json_loads(text->str, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%s: %s", text->str, error.text);
	g_string_free(text, TRUE);
	return json;
}

static const json_t *participant(const json_t *file, size_t index)
{
	return json_array_get(json_object_get(file, "participants"), index);
}

static void check_log(const json_t *file, size_t index, const char *reason, size_t entries)
{
	const json_t *one = participant(file, index);
	const char *why = json_string_value(json_object_get(one, "reason"));
	assert_int_equal(json_is_true(json_object_get(one, "complete")), reason == NULL);
	assert_string_equal(why ? why : "", reason ? reason : "");
	assert_int_equal(json_array_size(json_object_get(one, "entries")), entries);
}

static void test_collects(void **state)
{
	(void)state;
	struct buzz_report *report = report_of(2);
	assert_int_equal(take(report, "p0", 0, false, 20), 0);
	assert_int_equal(take(report, "p1", 0, true, 0), 0);
	assert_false(buzz_report_is_over(report, 4999));
	assert_int_equal(take(report, "p0", 1, true, 20), 0);
	assert_true(buzz_report_is_over(report, 0));
	assert_int_equal(report->collected, 2);
	buzz_report_end(report);
	json_t *file = file_of(report);
	check_log(file, 0, NULL, 2);
	check_log(file, 1, NULL, 0);
	assert_string_equal(json_string_value(json_object_get(file, "text")), "No <b>sound</b>");
	assert_string_equal(json_string_value(json_object_get(file, "room")), "maths/lesson1");
	assert_int_equal(json_integer_value(json_object_get(participant(file, 0), "offset_ms")), -7);
	json_decref(file);
	buzz_report_free(report);
}

/* Everyone goes wrong in a way of his own; the one who does not is complete. */
static void test_liars(void **state)
{
	(void)state;
	struct buzz_report *report = report_of(7);
	report->max = report->used + 150;
	assert_int_equal(take(report, "p0", 0, true, 20), 0);
	assert_int_equal(take(report, "p0", 1, true, 20), BUZZ_ERROR_WRONG_STATE); /* after its last */
	assert_int_equal(take(report, "p1", 1, true, 20), BUZZ_ERROR_BAD_FIELD);   /* starts in the middle */
	assert_int_equal(take(report, "p1", 0, true, 20), BUZZ_ERROR_WRONG_STATE);
	assert_int_equal(take(report, "p2", 0, false, 20), 0);
	assert_int_equal(take(report, "p2", 0, false, 20), BUZZ_ERROR_BAD_FIELD); /* twice */
	assert_int_equal(take(report, "p3", 0, false, 60), 0);
	assert_int_equal(take(report, "p3", 1, false, 60), BUZZ_ERROR_BAD_FIELD); /* more than a log's share */
	buzz_report_left(report, "p4");
	buzz_report_left(report, "nobody");
	assert_int_equal(take(report, "p6", 0, true, 90), BUZZ_ERROR_BAD_FIELD); /* more than is left of all */
	assert_int_equal(take(report, "stranger", 0, true, 10), BUZZ_ERROR_WRONG_STATE);
	assert_false(buzz_report_is_over(report, 4999));
	assert_true(buzz_report_is_over(report, 5000));
	assert_int_equal(report->collected, 1);
	buzz_report_end(report);
	json_t *file = file_of(report);
	static const struct {
		const char *reason;
		size_t entries;
	} expected[] = {{NULL, 1}, {"out_of_order", 0}, {"out_of_order", 1}, {"too_large", 1},
			{"left", 0}, {"deadline", 0}, {"report_full", 0}};
	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
		check_log(file, i, expected[i].reason, expected[i].entries);
	json_decref(file);
	buzz_report_free(report);
}

/* Whatever names people have, and however much everybody sends: the file is no larger than the settings say. */
static void test_never_larger(void **state)
{
	(void)state;
	g_autofree char *quotes = g_strnfill(2000, '"'), *name = g_strnfill(64, '\\');
	for (int people = 1; people < 40; people += 3) {
		settings.report_max = 65536;
		settings.report_log_max = 65536;
		struct buzz_report *report = buzz_report_new("r1", &key, quotes, &settings);
		for (int i = 0; i < people; i++) {
			g_autofree char *id = g_strdup_printf("p%d", i);
			buzz_report_expect(report, id, name);
		}
		for (int i = 0, refused = 0; refused < people; i++) {
			g_autofree char *id = g_strdup_printf("p%d", i % people);
			struct buzz_log log = {.part = (uint32_t)(i / people), .offset_ms = INT32_MIN,
					       .error_ms = 3600000, .entries = g_string_new("{\"t\":1234567890}")};
			struct buzz_error error = {0};
			bool completed;
			refused += buzz_report_take(report, id, &log, &completed, &error) != 0;
			g_string_free(log.entries, TRUE);
		}
		g_autofree char *most = g_strnfill(report->server_max - 4, '7');
		g_string_printf(report->entries, "\"%s\"", most);
		g_string_assign(report->streams, report->entries->str);
		GString *text = g_string_new(NULL);
		assert_int_equal(buzz_report_write(report, "1.2.3", append, text), 0);
		assert_in_range(text->len, 65536 / 2, 65536);
		g_string_free(text, TRUE);
		buzz_report_free(report);
	}
}

static int refuse_third(void *data, const char *text, size_t length)
{
	(void)text;
	(void)length;
	return ++*(int *)data >= 3 ? 28 : 0;
}

static void test_writer_stops(void **state)
{
	(void)state;
	struct buzz_report *report = report_of(3);
	int calls = 0;
	assert_int_equal(buzz_report_write(report, "1", refuse_third, &calls), 28);
	assert_int_equal(calls, 3);
	buzz_report_free(report);
}

/* A room with people who are handles 1, 2, ... */
static struct buzz_room *room;
static GArray *effects;

static void step(struct buzz_command *command)
{
	if (effects)
		g_array_unref(effects);
	effects = buzz_effects_new();
	buzz_room_step(room, command, effects);
	assert_null(buzz_room_check(room));
}

static void ask(uint64_t handle, int64_t now_ms, const char *json, const char *id)
{
	json_error_t parse;
	struct buzz_error error = {0};
	struct buzz_request *request;
	json_t *body = json_loads(json, 0, &parse);
	assert_int_equal(buzz_request_read(&request, body, &error), 0);
	struct buzz_command command = {.type = BUZZ_COMMAND_REQUEST, .now_ms = now_ms, .wall_ms = 1000000 + now_ms,
				       .handle = handle, .transaction = "t", .request = request, .new_id = id,
				       .new_seat = "abcdefghijkmnpqrstuvwxyz23456789"};
	step(&command);
	buzz_request_free(request);
	json_decref(body);
}

static void tick(int64_t now_ms)
{
	struct buzz_command command = {.type = BUZZ_COMMAND_TICK, .now_ms = now_ms, .wall_ms = 1000000 + now_ms};
	step(&command);
}

static struct buzz_effect *effect_at(guint index)
{
	assert_true(index < effects->len);
	return &g_array_index(effects, struct buzz_effect, index);
}

static void assert_event(guint index, uint64_t handle, const char *name, const char *field, json_int_t value)
{
	const struct buzz_effect *effect = effect_at(index);
	assert_int_equal(effect->handle, handle);
	assert_string_equal(json_string_value(json_object_get(effect->body, "buzz")), name);
	if (field)
		assert_int_equal(json_integer_value(json_object_get(effect->body, field)), value);
}

static int open_room(void **state)
{
	set_up(state);
	room = buzz_room_new(&key, &settings);
	for (int i = 1; i <= 3; i++) {
		char id[3] = {'p', (char)('0' + i), '\0'};
		ask((uint64_t)i, 0,
		    "{\"request\":\"join\",\"v\":1,\"tenant\":\"school.example\",\"room\":\"/maths/lesson1\",\"display\":\"Ada\"}",
		    id);
	}
	return 0;
}

static int close_room(void **state)
{
	(void)state;
	g_array_unref(effects);
	effects = NULL;
	buzz_room_free(room);
	return 0;
}

#define REPORT "{\"request\":\"report\",\"text\":\"No sound\"}"
#define LOG(part, last)                                                                                                \
	"{\"request\":\"log\",\"report\":\"abcdefghijkmnpqr\",\"part\":" #part ",\"last\":" #last                      \
	",\"offset_ms\":0,\"error_ms\":1,\"entries\":[]}"

static void test_room_collects(void **state)
{
	(void)state;
	ask(1, 100, REPORT, "x");
	assert_int_equal(effects->len, 4);
	assert_event(0, 1, "report", "expected", 3);
	for (guint i = 1; i <= 3; i++)
		assert_event(i, i, "collect", "deadline_ms", 5000);
	ask(2, 150, REPORT, "x");
	assert_event(0, 2, "error", "error_code", BUZZ_ERROR_BUSY);
	ask(1, 200, LOG(0, true), "x");
	assert_event(0, 1, "logged", "part", 0);
	assert_event(1, 1, "progress", "collected", 1);
	ask(2, 200, "{\"request\":\"leave\"}", "x");
	tick(300);
	assert_int_equal(effects->len, 0); /* the third is still silent */
	tick(5100);
	assert_int_equal(effects->len, 1);
	struct buzz_effect *store = effect_at(0);
	assert_int_equal(store->type, BUZZ_EFFECT_STORE);
	json_t *file = file_of(store->report);
	check_log(file, 0, NULL, 0);
	check_log(file, 1, "left", 0);
	check_log(file, 2, "deadline", 0);
	const json_t *entries = json_object_get(json_object_get(file, "server"), "entries");
	assert_true(json_array_size(entries) >= 6);
	json_decref(file);
	struct buzz_report_result result = {.type = BUZZ_REPORT_STORED, .id = "r", .collected = 1, .expected = 3,
					    .reason = "full"};
	struct buzz_command command = {.type = BUZZ_COMMAND_RESULT, .now_ms = 5200, .handle = 1, .result = &result};
	step(&command);
	assert_event(0, 1, "reported", "collected", 1);
	assert_true(json_is_false(json_object_get(effect_at(0)->body, "stored")));
	command.handle = 2; /* who has left */
	step(&command);
	assert_int_equal(effects->len, 0);
	ask(1, 5300, REPORT, "x");
	assert_event(0, 1, "error", "error_code", BUZZ_ERROR_BUSY); /* min_interval */
	ask(3, 5300, REPORT, "x");
	assert_event(0, 3, "report", "expected", 2);
}

/* Whoever asked leaves: the report is made all the same, and the room lives until it is. */
static void test_all_leave(void **state)
{
	(void)state;
	ask(1, 100, REPORT, "x");
	for (uint64_t handle = 1; handle <= 3; handle++)
		ask(handle, 200, "{\"request\":\"leave\"}", "x");
	assert_false(buzz_room_is_over(room, 1000000));
	tick(300);
	assert_int_equal(effect_at(0)->type, BUZZ_EFFECT_STORE);
	assert_int_equal(effect_at(0)->report->collected, 0);
	assert_true(buzz_room_is_over(room, 1000000));
}

static void test_refusals(void **state)
{
	(void)state;
	ask(1, 100, LOG(0, true), "x");
	assert_event(0, 1, "error", "error_code", BUZZ_ERROR_NO_SUCH_REPORT);
	ask(9, 100, REPORT, "x");
	assert_event(0, 9, "error", "error_code", BUZZ_ERROR_WRONG_STATE);
	ask(1, 100, "{\"request\":\"clock\"}", "x");
	assert_event(0, 1, "clock", "server_ms", 1000100);
	ask(1, 100, "{\"request\":\"read_report\",\"report\":\"abc\",\"offset\":5}", "x");
	assert_int_equal(effect_at(0)->type, BUZZ_EFFECT_READ);
	assert_int_equal(effect_at(0)->offset, 5);
	struct buzz_report_result result = {.type = BUZZ_REPORT_PART, .code = BUZZ_ERROR_NO_SUCH_REPORT};
	struct buzz_command command = {.type = BUZZ_COMMAND_RESULT, .handle = 1, .result = &result};
	step(&command);
	assert_event(0, 1, "error", "error_code", BUZZ_ERROR_NO_SUCH_REPORT);
}

static void test_switched_off(void **state)
{
	close_room(state);
	settings.reports_folder[0] = '\0';
	room = buzz_room_new(&key, &settings);
	ask(1, 0,
	    "{\"request\":\"join\",\"v\":1,\"tenant\":\"school.example\",\"room\":\"/maths/lesson1\",\"display\":\"Ada\"}",
	    "p1");
	ask(1, 100, REPORT, "x");
	assert_event(0, 1, "error", "error_code", BUZZ_ERROR_NOT_AVAILABLE);
	ask(1, 100, "{\"request\":\"read_report\",\"report\":\"abc\",\"offset\":0}", "x");
	assert_event(0, 1, "error", "error_code", BUZZ_ERROR_NOT_AVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_collects, set_up),
		cmocka_unit_test_setup(test_liars, set_up),
		cmocka_unit_test_setup(test_never_larger, set_up),
		cmocka_unit_test_setup(test_writer_stops, set_up),
		cmocka_unit_test_setup_teardown(test_room_collects, open_room, close_room),
		cmocka_unit_test_setup_teardown(test_all_leave, open_room, close_room),
		cmocka_unit_test_setup_teardown(test_refusals, open_room, close_room),
		cmocka_unit_test_setup_teardown(test_switched_off, open_room, close_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
