/* SPDX-License-Identifier: GPL-3.0-only */
/* The one table of settings. Written once while the plugin starts, read-only afterwards. */
#include "settings.h"
#include <glib.h>
#include <stddef.h>
#include <string.h>

/* SECONDS are kept in ms. */
enum unit { COUNT, SECONDS, FOLDER };

struct setting {
	const char *section, *key;
	size_t offset;		    /* in struct buzz_settings: of a uint32_t, for FOLDER of its char array */
	uint32_t min, max, initial; /* as kept: ms for SECONDS */
	enum unit unit;
};

#define AT(member) offsetof(struct buzz_settings, member)

static const struct setting table[] = {
    {"general", "workers", AT(workers), 0, 64, 0, COUNT},
    {"general", "queue_max", AT(queue_max), 16, 1000000, 4096, COUNT},
    {"rooms", "max_rooms", AT(max_rooms), 1, 1000000, 10000, COUNT},
    {"rooms", "max_participants", AT(max_participants), 1, 10000, 100, COUNT},
    {"rooms", "max_streams", AT(max_streams), 0, 64, 16, COUNT},
    {"rooms", "linger", AT(linger_ms), 0, 3600000, 5000, SECONDS},
    {"liveness", "timeout", AT(timeout_ms), 1000, 600000, 15000, SECONDS},
    {"liveness", "interrupted", AT(interrupted_ms), 500, 60000, 3000, SECONDS},
    {"liveness", "interrupted_audio", AT(interrupted_audio_ms), 500, 60000, 6000, SECONDS},
    {"slots", "audio_slots", AT(audio_slots), 1, 64, 8, COUNT},
    {"slots", "video_slots", AT(video_slots), 1, 64, 8, COUNT},
    {"slots", "slot_step", AT(slot_step), 1, 32, 4, COUNT},
    {"slots", "max_slots", AT(max_slots), 1, 64, 60, COUNT},
    {"negotiation", "offer_timeout", AT(offer_timeout_ms), 500, 60000, 5000, SECONDS},
    {"negotiation", "offer_tries", AT(offer_tries), 1, 10, 3, COUNT},
    {"media", "keyframe_interval", AT(keyframe_interval_ms), 100, 10000, 500, SECONDS},
    {"reports", "folder", AT(reports_folder), 0, BUZZ_FOLDER_MAX, 0, FOLDER},
    {"reports", "deadline", AT(report_deadline_ms), 1000, 60000, 5000, SECONDS},
    {"reports", "max_bytes", AT(report_log_max), 16384, 16777216, 1048576, COUNT},
    {"reports", "max_report_bytes", AT(report_max), 65536, 1073741824, 67108864, COUNT},
    {"reports", "max_reports", AT(reports_max), 1, 100000, 200, COUNT},
    {"reports", "min_interval", AT(report_interval_ms), 0, 3600000, 30000, SECONDS},
};

static uint32_t *value_of(struct buzz_settings *settings, const struct setting *setting)
{
	return (uint32_t *)((char *)settings + setting->offset);
}

void buzz_settings_defaults(struct buzz_settings *settings)
{
	memset(settings->reports_folder, 0, sizeof(settings->reports_folder));
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (table[i].unit != FOLDER)
			*value_of(settings, &table[i]) = table[i].initial;
	}
}

/* Digits only; moves *text behind them. Values beyond 32 bits stay beyond every range. */
static bool read_digits(const char **text, uint64_t *value)
{
	const char *start = *text;
	*value = 0;
	for (; g_ascii_isdigit(**text); (*text)++)
		*value = MIN(*value * 10 + (uint64_t)(**text - '0'), UINT32_MAX + UINT64_C(1));
	return *text > start;
}

/* The fraction of a second behind the point, in whole ms. The configuration parser hands "0.5" over
 * as "0.500000", so zeros may follow the thousandths. */
static bool read_fraction(const char **text, uint64_t *ms)
{
	const char *start = *text;
	uint64_t weight = 100;
	for (*ms = 0; g_ascii_isdigit(**text); (*text)++, weight /= 10) {
		if (weight == 0 && **text != '0')
			return false;
		*ms += weight * (uint64_t)(**text - '0');
	}
	return *text > start;
}

static bool read_value(const char *text, enum unit unit, uint64_t *value)
{
	if (!read_digits(&text, value))
		return false;
	if (unit == SECONDS) {
		uint64_t ms = 0;
		if (*text == '.') {
			text++;
			if (!read_fraction(&text, &ms))
				return false;
		}
		*value = *value * 1000 + ms;
	}
	return *text == '\0';
}

static int out_of_range(const struct setting *setting, const char *path, const char *value,
			struct buzz_error *error)
{
	if (setting->unit == COUNT)
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path,
				 "must be a whole number from %u to %u, not '%s'", setting->min,
				 setting->max, value);
	return buzz_fail(
	    error, BUZZ_ERROR_BAD_FIELD, path,
	    "must be a number of seconds from %g to %g in whole milliseconds, not '%s'",
	    setting->min / 1000.0, setting->max / 1000.0, value);
}

/* Absolute, so that it does not depend on where Janus was started; empty means none. */
static int set_folder(struct buzz_settings *settings, const struct setting *setting, const char *path,
		      const char *value, struct buzz_error *error)
{
	size_t length = strlen(value);
	if (length > setting->max || (length > 0 && value[0] != '/'))
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path,
				 "must be empty or an absolute path of at most %u bytes, not '%s'", setting->max,
				 value);
	memset(settings->reports_folder, 0, sizeof(settings->reports_folder));
	memcpy((char *)settings + setting->offset, value, length);
	return BUZZ_OK;
}

int buzz_settings_set(struct buzz_settings *settings, const char *section, const char *key,
		      const char *value, struct buzz_error *error)
{
	g_autofree char *path = g_strdup_printf("%s.%s", section, key);
	bool known = false;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		const struct setting *setting = &table[i];
		if (strcmp(setting->section, section) != 0)
			continue;
		known = true;
		if (strcmp(setting->key, key) != 0)
			continue;
		if (setting->unit == FOLDER)
			return set_folder(settings, setting, path, value, error);
		uint64_t number;
		if (!read_value(value, setting->unit, &number) || number < setting->min ||
		    number > setting->max)
			return out_of_range(setting, path, value, error);
		*value_of(settings, setting) = (uint32_t)number;
		return BUZZ_OK;
	}
	if (!known)
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path, "there is no section '%s'",
				 section);
	return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path, "section '%s' has no key '%s'", section,
			 key);
}

int buzz_settings_check(const struct buzz_settings *settings, struct buzz_error *error)
{
	static const struct {
		size_t lower, upper;
		const char *field, *text;
		bool may_equal;
	} pairs[] = {
	    {AT(interrupted_ms), AT(timeout_ms), "liveness.interrupted",
	     "must be below liveness.timeout", false},
	    {AT(interrupted_audio_ms), AT(timeout_ms), "liveness.interrupted_audio",
	     "must be below liveness.timeout", false},
	    {AT(audio_slots), AT(max_slots), "slots.audio_slots", "must not exceed slots.max_slots",
	     true},
	    {AT(video_slots), AT(max_slots), "slots.video_slots", "must not exceed slots.max_slots",
	     true},
	    {AT(report_log_max), AT(report_max), "reports.max_bytes",
	     "must not exceed reports.max_report_bytes", true},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		uint32_t lower = *(const uint32_t *)((const char *)settings + pairs[i].lower);
		uint32_t upper = *(const uint32_t *)((const char *)settings + pairs[i].upper);
		if (lower > upper || (lower == upper && !pairs[i].may_equal))
			return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, pairs[i].field, "%s",
					 pairs[i].text);
	}
	return BUZZ_OK;
}
