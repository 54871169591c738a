/* SPDX-License-Identifier: GPL-3.0-only */
/* Settings: texts, ranges, relations, and that conf/janus.plugin.buzz.jcfg.sample tells the truth.
 */
#include "settings.h"
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

#define AT(member) offsetof(struct buzz_settings, member)
#define REFUSED UINT32_MAX

static void test_defaults(void **state)
{
	(void)state;
	struct buzz_settings settings;
	memset(&settings, 0xff, sizeof(settings));
	buzz_settings_defaults(&settings);
	static const struct buzz_settings expected = {
	    .workers = 0,
	    .queue_max = 4096,
	    .max_rooms = 10000,
	    .max_participants = 100,
	    .max_streams = 16,
	    .linger_ms = 5000,
	    .timeout_ms = 15000,
	    .interrupted_ms = 3000,
	    .interrupted_audio_ms = 6000,
	    .audio_slots = 8,
	    .video_slots = 8,
	    .slot_step = 4,
	    .max_slots = 60,
	    .offer_timeout_ms = 5000,
	    .offer_tries = 3,
	    .keyframe_interval_ms = 500,
	    .report_deadline_ms = 5000,
	    .report_log_max = 1048576,
	    .report_max = 67108864,
	    .reports_max = 200,
	    .report_interval_ms = 30000,
	};
	assert_memory_equal(&settings, &expected, sizeof(settings));
	assert_int_equal(buzz_settings_check(&settings, NULL), BUZZ_OK);
}

struct row {
	const char *section, *key, *value;
	size_t offset;
	uint32_t expected; /* or REFUSED */
};

static const struct row rows[] = {
    {"general", "workers", "0", AT(workers), 0},
    {"general", "workers", "64", AT(workers), 64},
    {"general", "workers", "65", AT(workers), REFUSED},
    {"general", "queue_max", "15", AT(queue_max), REFUSED},
    {"general", "queue_max", "16", AT(queue_max), 16},
    {"general", "queue_max", "1000000", AT(queue_max), 1000000},
    {"general", "queue_max", "1000001", AT(queue_max), REFUSED},
    {"rooms", "max_rooms", "0", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "0007", AT(max_rooms), 7},
    {"rooms", "max_participants", "10000", AT(max_participants), 10000},
    {"rooms", "max_participants", "10001", AT(max_participants), REFUSED},
    {"rooms", "max_streams", "0", AT(max_streams), 0},
    {"rooms", "max_streams", "65", AT(max_streams), REFUSED},
    {"rooms", "linger", "0", AT(linger_ms), 0},
    {"rooms", "linger", "3600", AT(linger_ms), 3600000},
    {"rooms", "linger", "3600.000", AT(linger_ms), 3600000},
    {"rooms", "linger", "3600.001", AT(linger_ms), REFUSED},
    {"liveness", "timeout", "0.999", AT(timeout_ms), REFUSED},
    {"liveness", "timeout", "1", AT(timeout_ms), 1000},
    {"liveness", "timeout", "600", AT(timeout_ms), 600000},
    {"liveness", "interrupted", "0.5", AT(interrupted_ms), 500},
    {"liveness", "interrupted", "0.499", AT(interrupted_ms), REFUSED},
    {"liveness", "interrupted", "2.05", AT(interrupted_ms), 2050},
    {"liveness", "interrupted", "2.005000", AT(interrupted_ms), 2005},
    {"liveness", "interrupted", "2.0005", AT(interrupted_ms), REFUSED},
    {"liveness", "interrupted_audio", "60", AT(interrupted_audio_ms), 60000},
    {"slots", "audio_slots", "64", AT(audio_slots), 64},
    {"slots", "video_slots", "0", AT(video_slots), REFUSED},
    {"slots", "slot_step", "33", AT(slot_step), REFUSED},
    {"slots", "max_slots", "64", AT(max_slots), 64},
    {"negotiation", "offer_timeout", "0.500000", AT(offer_timeout_ms), 500},
    {"negotiation", "offer_tries", "10", AT(offer_tries), 10},
    {"negotiation", "offer_tries", "11", AT(offer_tries), REFUSED},
    {"media", "keyframe_interval", "0.100000", AT(keyframe_interval_ms), 100},
    {"media", "keyframe_interval", "10.001", AT(keyframe_interval_ms), REFUSED},
    /* junk */
    {"rooms", "max_rooms", "", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "12x", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "x12", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", " 12", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "12 ", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "-1", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "+1", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "0x10", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "1e3", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "12.0", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "true", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "4294967297", AT(max_rooms), REFUSED},
    {"rooms", "max_rooms", "18446744073709551617", AT(max_rooms), REFUSED},
    {"rooms", "linger", "", AT(linger_ms), REFUSED},
    {"rooms", "linger", ".", AT(linger_ms), REFUSED},
    {"rooms", "linger", ".5", AT(linger_ms), REFUSED},
    {"rooms", "linger", "1.", AT(linger_ms), REFUSED},
    {"rooms", "linger", "1.5.5", AT(linger_ms), REFUSED},
    {"rooms", "linger", "1,5", AT(linger_ms), REFUSED},
    {"rooms", "linger", "-0.5", AT(linger_ms), REFUSED},
    {"rooms", "linger", "5s", AT(linger_ms), REFUSED},
    {"rooms", "linger", "4294967.297", AT(linger_ms), REFUSED},
    {"rooms", "linger", "18446744073709551.617", AT(linger_ms), REFUSED},
    {"reports", "deadline", "0.999", AT(report_deadline_ms), REFUSED},
    {"reports", "deadline", "60", AT(report_deadline_ms), 60000},
    {"reports", "deadline", "60.001", AT(report_deadline_ms), REFUSED},
    {"reports", "max_bytes", "16383", AT(report_log_max), REFUSED},
    {"reports", "max_bytes", "16777216", AT(report_log_max), 16777216},
    {"reports", "max_bytes", "16777217", AT(report_log_max), REFUSED},
    {"reports", "max_report_bytes", "65535", AT(report_max), REFUSED},
    {"reports", "max_report_bytes", "1073741824", AT(report_max), 1073741824},
    {"reports", "max_report_bytes", "1073741825", AT(report_max), REFUSED},
    {"reports", "max_reports", "0", AT(reports_max), REFUSED},
    {"reports", "max_reports", "100000", AT(reports_max), 100000},
    {"reports", "max_reports", "100001", AT(reports_max), REFUSED},
    {"reports", "min_interval", "0", AT(report_interval_ms), 0},
    {"reports", "min_interval", "3600", AT(report_interval_ms), 3600000},
    {"reports", "min_interval", "3601", AT(report_interval_ms), REFUSED},
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];
		struct buzz_settings settings, before;
		struct buzz_error error = {0};
		memset(&settings, 0xff, sizeof(settings));
		before = settings;
		int code = buzz_settings_set(&settings, row->section, row->key, row->value, &error);
		g_autofree char *path = g_strdup_printf("%s.%s", row->section, row->key);
		if (row->expected == REFUSED) {
			if (code != BUZZ_ERROR_BAD_FIELD)
				fail_msg("%s = '%s' was accepted", path, row->value);
			assert_string_equal(error.field, path);
			assert_true(g_str_has_prefix(error.text, path));
		} else {
			if (code != BUZZ_OK)
				fail_msg("%s = '%s': %s", path, row->value, error.text);
			*(uint32_t *)((char *)&before + row->offset) = row->expected;
		}
		assert_memory_equal(&settings, &before,
				    sizeof(settings)); /* nothing else changed */
	}
}

static void test_folder(void **state)
{
	(void)state;
	struct buzz_settings settings;
	struct buzz_error error = {0};
	buzz_settings_defaults(&settings);
	assert_int_equal(buzz_settings_set(&settings, "reports", "folder", "/var/lib/buzz", NULL), BUZZ_OK);
	assert_string_equal(settings.reports_folder, "/var/lib/buzz");
	g_autofree char *fits = g_strnfill(BUZZ_FOLDER_MAX, '/'), *longer = g_strnfill(BUZZ_FOLDER_MAX + 1, '/');
	const char *const refused[] = {"reports", "./reports", "../x", longer};
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		assert_int_equal(buzz_settings_set(&settings, "reports", "folder", refused[i], &error),
				 BUZZ_ERROR_BAD_FIELD);
		assert_string_equal(error.field, "reports.folder");
		assert_string_equal(settings.reports_folder, "/var/lib/buzz");
	}
	assert_int_equal(buzz_settings_set(&settings, "reports", "folder", fits, NULL), BUZZ_OK);
	assert_int_equal(buzz_settings_set(&settings, "reports", "folder", "", NULL), BUZZ_OK);
	assert_string_equal(settings.reports_folder, "");
}

static void test_error_texts(void **state)
{
	(void)state;
	static const struct {
		const char *section, *key, *value, *text;
	} texts[] = {
	    {"rooms", "max_rooms", "x",
	     "rooms.max_rooms: must be a whole number from 1 to 1000000, not 'x'"},
	    {"rooms", "linger", "x\n",
	     "rooms.linger: must be a number of seconds from 0 to 3600 in whole "
	     "milliseconds, not 'x?'"},
	    {"liveness", "interrupted", "0",
	     "liveness.interrupted: must be a number of seconds from 0.5 to 60 in "
	     "whole milliseconds, not '0'"},
	    {"rooms", "lingers", "5", "rooms.lingers: section 'rooms' has no key 'lingers'"},
	    {"rooms", "timeout", "5", "rooms.timeout: section 'rooms' has no key 'timeout'"},
	    {"room", "linger", "5", "room.linger: there is no section 'room'"},
	    {"", "linger", "5", ".linger: there is no section ''"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct buzz_settings settings = {0}, zero = {0};
		struct buzz_error error = {0};
		assert_int_equal(buzz_settings_set(&settings, texts[i].section, texts[i].key,
						   texts[i].value, &error),
				 BUZZ_ERROR_BAD_FIELD);
		assert_string_equal(error.text, texts[i].text);
		assert_memory_equal(&settings, &zero, sizeof(settings));
	}
}

static void test_long_names(void **state)
{
	(void)state;
	struct buzz_settings settings;
	struct buzz_error error;
	g_autofree char *section = g_strnfill(500, 's'), *key = g_strnfill(500, 'k');
	assert_int_equal(buzz_settings_set(&settings, section, key, "1", &error),
			 BUZZ_ERROR_BAD_FIELD);
	assert_int_equal(strlen(error.field), sizeof(error.field) - 1);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

static void test_check(void **state)
{
	(void)state;
	static const struct {
		const char *section, *key, *value, *field; /* field NULL: fine */
	} checks[] = {
	    {"liveness", "interrupted", "14.999", NULL},
	    {"liveness", "interrupted", "15", "liveness.interrupted"},
	    {"liveness", "interrupted", "16", "liveness.interrupted"},
	    {"liveness", "interrupted_audio", "15", "liveness.interrupted_audio"},
	    {"liveness", "timeout", "6.001", NULL},
	    {"liveness", "timeout", "6", "liveness.interrupted_audio"},
	    {"slots", "audio_slots", "60", NULL},
	    {"slots", "audio_slots", "61", "slots.audio_slots"},
	    {"slots", "video_slots", "61", "slots.video_slots"},
	    {"slots", "max_slots", "7", "slots.audio_slots"},
	    {"reports", "max_report_bytes", "1048576", NULL},
	    {"reports", "max_report_bytes", "1048575", "reports.max_bytes"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
		struct buzz_settings settings;
		struct buzz_error error = {0};
		buzz_settings_defaults(&settings);
		assert_int_equal(buzz_settings_set(&settings, checks[i].section, checks[i].key,
						   checks[i].value, NULL),
				 BUZZ_OK);
		int code = buzz_settings_check(&settings, &error);
		assert_int_equal(code, checks[i].field ? BUZZ_ERROR_BAD_FIELD : BUZZ_OK);
		assert_string_equal(error.field, checks[i].field ? checks[i].field : "");
	}
}

/* Applies each "#key = value" under its "section: {" to settings of which nothing is set. What the
 * sample leaves out stays unset, what it has too much is refused. */
static void test_sample(void **state)
{
	(void)state;
	const char *root = getenv("srcdir");
	g_autofree char *path =
	    g_build_filename(root ? root : ".", "conf", "janus.plugin.buzz.jcfg.sample", NULL);
	g_autofree char *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		fail_msg("cannot read %s", path);
	struct buzz_settings settings, defaults;
	memset(&settings, 0xff, sizeof(settings));
	buzz_settings_defaults(&defaults);
	g_autofree char *section = g_strdup("");
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		const char *at = g_strstrip(*line);
		if (g_str_has_suffix(at, ": {")) {
			g_free(section);
			section = g_strndup(at, strlen(at) - 3);
		}
		if (at[0] != '#' || !g_ascii_isalpha(at[1]))
			continue;
		g_auto(GStrv) pair = g_strsplit(at + 1, " = ", 2);
		assert_int_equal(g_strv_length(pair), 2);
		struct buzz_error error;
		const char *value = strcmp(pair[1], "\"\"") == 0 ? "" : pair[1];
		if (buzz_settings_set(&settings, section, pair[0], value, &error) != BUZZ_OK)
			fail_msg("%s", error.text);
	}
	assert_memory_equal(&settings, &defaults, sizeof(settings));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),	cmocka_unit_test(test_values),
	    cmocka_unit_test(test_error_texts), cmocka_unit_test(test_long_names),
	    cmocka_unit_test(test_folder),
	    cmocka_unit_test(test_check),	cmocka_unit_test(test_sample),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
