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
	    .quiet_ms = 800,
	    .seat_ms = 20000,
	    .audio_slots = 8,
	    .video_slots = 8,
	    .slot_step = 4,
	    .max_slots = 60,
	    .offer_timeout_ms = 5000,
	    .offer_tries = 3,
	    .peer_audio_slots = 2,
	    .peer_video_slots = 2,
	    .keyframe_interval_ms = 500,
	    .report_deadline_ms = 5000,
	    .report_log_max = 1048576,
	    .report_max = 67108864,
	    .reports_max = 200,
	    .report_interval_ms = 30000,
	    .relay_max_bytes = 16384,
	    .relay_max_channel_bytes = 60000,
	    .relay_rate = 20,
	    .relay_burst = 40,
	    .relay_receive = 262144,
	    .relay_broadcast = 1,
	    .relay_all = 1,
	    .relay_direct = 1,
	    .ice_turn_ttl_ms = 3600000,
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
    {"liveness", "quiet", "0.099", AT(quiet_ms), REFUSED},
    {"liveness", "quiet", "0.1", AT(quiet_ms), 100},
    {"liveness", "quiet", "60", AT(quiet_ms), 60000},
    {"liveness", "quiet", "60.001", AT(quiet_ms), REFUSED},
    {"liveness", "seat", "0", AT(seat_ms), 0},
    {"liveness", "seat", "3600", AT(seat_ms), 3600000},
    {"liveness", "seat", "3601", AT(seat_ms), REFUSED},
    {"liveness", "seat", "-1", AT(seat_ms), REFUSED},
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
    {"slots", "peer_audio_slots", "1", AT(peer_audio_slots), 1},
    {"slots", "peer_video_slots", "65", AT(peer_video_slots), REFUSED},
    {"relay", "max_bytes", "1048576", AT(relay_max_bytes), 1048576},
    {"relay", "max_bytes", "0", AT(relay_max_bytes), REFUSED},
    {"relay", "max_channel_bytes", "65000", AT(relay_max_channel_bytes), 65000},
    {"relay", "max_channel_bytes", "65001", AT(relay_max_channel_bytes), REFUSED},
    {"relay", "rate", "1", AT(relay_rate), 1},
    {"relay", "burst", "0", AT(relay_burst), REFUSED},
    {"relay", "receive", "16383", AT(relay_receive), REFUSED},
    {"relay", "broadcast", "false", AT(relay_broadcast), 0},
    {"relay", "all", "true", AT(relay_all), 1},
    {"relay", "direct", "false", AT(relay_direct), 0},
    {"relay", "direct", "", AT(relay_direct), REFUSED},
    {"relay", "direct", "no", AT(relay_direct), REFUSED},
    {"relay", "direct", "True", AT(relay_direct), REFUSED},
    {"relay", "direct", "false ", AT(relay_direct), REFUSED},
    {"relay", "direct", "0", AT(relay_direct), REFUSED},
    {"ice", "turn_ttl", "60", AT(ice_turn_ttl_ms), 60000},
    {"ice", "turn_ttl", "86401", AT(ice_turn_ttl_ms), REFUSED},
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
	    {"relay", "all", "yes", "relay.all: must be true or false, not 'yes'"},
	    {"ice", "stun", "turn:a",
	     "ice.stun: must be URLs that begin with stun: or stuns:, separated by commas, not "
	     "'turn:a'"},
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

static void test_urls(void **state)
{
	(void)state;
	static const struct {
		const char *key, *value, *kept; /* kept NULL: refused */
	} urls[] = {
	    {"stun", "", ""},
	    {"stun", "stun:a.example", "stun:a.example"},
	    {"stun", " stun:a.example:3478 , stuns:b.example ", "stun:a.example:3478,stuns:b.example"},
	    {"turn", "turn:a:3478?transport=tcp,turns:[2001:db8::1]:443",
	     "turn:a:3478?transport=tcp,turns:[2001:db8::1]:443"},
	    {"stun", "turn:a", NULL},
	    {"turn", "stun:a", NULL},
	    {"turn", "turn", NULL},
	    {"turn", "turn:", NULL},
	    {"turn", "turnss:a", NULL},
	    {"turn", "TURN:a", NULL},
	    {"turn", "https://a", NULL},
	    {"turn", "turn:a,", NULL},
	    {"turn", ",turn:a", NULL},
	    {"turn", "turn:a b", NULL},
	    {"turn", "turn:a\x7f", NULL},
	    {"turn", "turn:\xc3\xa4", NULL},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
		struct buzz_settings settings;
		buzz_settings_defaults(&settings);
		bool stun = strcmp(urls[i].key, "stun") == 0;
		int code = buzz_settings_set(&settings, "ice", urls[i].key, urls[i].value, NULL);
		if ((code == BUZZ_OK) != (urls[i].kept != NULL))
			fail_msg("%s = '%s': %d", urls[i].key, urls[i].value, code);
		assert_string_equal(stun ? settings.ice_stun : settings.ice_turn,
				    urls[i].kept ? urls[i].kept : "");
	}
}

static void test_long_texts(void **state)
{
	(void)state;
	struct buzz_settings settings;
	struct buzz_error error = {0};
	buzz_settings_defaults(&settings);
	g_autofree char *most = g_strnfill(BUZZ_TURN_SECRET_MAX, 'k');
	g_autofree char *over = g_strdup_printf("%sk", most);
	g_autofree char *list = g_strdup_printf("turn:%0*d", BUZZ_URLS_MAX, 0);
	assert_int_equal(buzz_settings_set(&settings, "ice", "turn_secret", most, NULL), BUZZ_OK);
	assert_string_equal(settings.ice_turn_secret, most);
	assert_int_equal(buzz_settings_set(&settings, "ice", "turn_secret", "short", NULL),
			 BUZZ_OK);
	assert_int_equal(buzz_settings_set(&settings, "ice", "turn_secret", over, &error),
			 BUZZ_ERROR_BAD_FIELD);
	assert_string_equal(settings.ice_turn_secret, "short");
	assert_null(strstr(error.text, "kkk")); /* a secret is in no log */
	assert_int_equal(buzz_settings_set(&settings, "ice", "turn", list, NULL),
			 BUZZ_ERROR_BAD_FIELD);
	/* what is behind a shorter text is zero, as in the defaults */
	assert_int_equal(buzz_settings_set(&settings, "ice", "turn_secret", "", NULL), BUZZ_OK);
	struct buzz_settings defaults;
	buzz_settings_defaults(&defaults);
	assert_memory_equal(&settings, &defaults, sizeof(settings));
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
	    {"slots", "peer_audio_slots", "61", "slots.peer_audio_slots"},
	    {"slots", "peer_video_slots", "61", "slots.peer_video_slots"},
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
		/* texts stand in quotes, which the parser of the file takes off */
		g_autofree char *value = g_strdup(pair[1]);
		if (value[0] == '"' && g_str_has_suffix(value + 1, "\"")) {
			value[strlen(value) - 1] = '\0';
			memmove(value, value + 1, strlen(value));
		}
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
	    cmocka_unit_test(test_urls),	cmocka_unit_test(test_long_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
