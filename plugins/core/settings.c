/* SPDX-License-Identifier: GPL-3.0-only */
/* The one table of settings. Written once while the plugin starts, read-only afterwards. */
#include "settings.h"
#include <glib.h>
#include <stddef.h>
#include <string.h>

enum unit {
	COUNT,	 /* uint32_t */
	SECONDS, /* uint32_t, kept in ms */
	BOOLEAN, /* uint32_t, 0 or 1 */
	/* from here on char[max + 1], all empty at first: */
	FOLDER,
	STUN_URLS, /* separated by commas */
	TURN_URLS,
	SECRET, /* never repeated in an error */
};

struct setting {
	const char *section, *key;
	size_t offset;		    /* in struct buzz_settings */
	uint32_t min, max, initial; /* as kept: ms for SECONDS, bytes for texts */
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
    {"liveness", "quiet", AT(quiet_ms), 100, 60000, 800, SECONDS},
    {"liveness", "seat", AT(seat_ms), 0, 3600000, 20000, SECONDS},
    {"slots", "audio_slots", AT(audio_slots), 1, 64, 8, COUNT},
    {"slots", "video_slots", AT(video_slots), 1, 64, 8, COUNT},
    {"slots", "slot_step", AT(slot_step), 1, 32, 4, COUNT},
    {"slots", "max_slots", AT(max_slots), 1, 64, 60, COUNT},
    {"slots", "peer_audio_slots", AT(peer_audio_slots), 1, 64, 2, COUNT},
    {"slots", "peer_video_slots", AT(peer_video_slots), 1, 64, 2, COUNT},
    {"negotiation", "offer_timeout", AT(offer_timeout_ms), 500, 60000, 5000, SECONDS},
    {"negotiation", "offer_tries", AT(offer_tries), 1, 10, 3, COUNT},
    {"media", "keyframe_interval", AT(keyframe_interval_ms), 100, 10000, 500, SECONDS},
    {"reports", "folder", AT(reports_folder), 0, BUZZ_FOLDER_MAX, 0, FOLDER},
    {"reports", "deadline", AT(report_deadline_ms), 1000, 60000, 5000, SECONDS},
    {"reports", "max_bytes", AT(report_log_max), 16384, 16777216, 1048576, COUNT},
    {"reports", "max_report_bytes", AT(report_max), 65536, 1073741824, 67108864, COUNT},
    {"reports", "max_reports", AT(reports_max), 1, 100000, 200, COUNT},
    {"reports", "min_interval", AT(report_interval_ms), 0, 3600000, 30000, SECONDS},
    {"relay", "max_bytes", AT(relay_max_bytes), 1, 1048576, 16384, COUNT},
    {"relay", "max_channel_bytes", AT(relay_max_channel_bytes), 1, 65000, 60000, COUNT},
    {"relay", "rate", AT(relay_rate), 1, 10000, 20, COUNT},
    {"relay", "burst", AT(relay_burst), 1, 100000, 40, COUNT},
    {"relay", "receive", AT(relay_receive), 16384, 1000000000, 262144, COUNT},
    {"relay", "broadcast", AT(relay_broadcast), 0, 1, 1, BOOLEAN},
    {"relay", "all", AT(relay_all), 0, 1, 1, BOOLEAN},
    {"relay", "direct", AT(relay_direct), 0, 1, 1, BOOLEAN},
    {"ice", "stun", AT(ice_stun), 0, BUZZ_URLS_MAX, 0, STUN_URLS},
    {"ice", "turn", AT(ice_turn), 0, BUZZ_URLS_MAX, 0, TURN_URLS},
    {"ice", "turn_secret", AT(ice_turn_secret), 0, BUZZ_TURN_SECRET_MAX, 0, SECRET},
    {"ice", "turn_ttl", AT(ice_turn_ttl_ms), 60000, 86400000, 3600000, SECONDS},
};

static void *value_of(struct buzz_settings *settings, const struct setting *setting)
{
	return (char *)settings + setting->offset;
}

static bool is_text(const struct setting *setting)
{
	return setting->unit >= FOLDER;
}

void buzz_settings_defaults(struct buzz_settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		if (!is_text(&table[i]))
			*(uint32_t *)value_of(settings, &table[i]) = table[i].initial;
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
	if (unit == BOOLEAN) {
		*value = strcmp(text, "true") == 0;
		return *value == 1 || strcmp(text, "false") == 0;
	}
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
	if (setting->unit == BOOLEAN)
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path, "must be true or false, not '%s'",
				 value);
	if (setting->unit == COUNT)
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path,
				 "must be a whole number from %u to %u, not '%s'", setting->min,
				 setting->max, value);
	return buzz_fail(
	    error, BUZZ_ERROR_BAD_FIELD, path,
	    "must be a number of seconds from %g to %g in whole milliseconds, not '%s'",
	    setting->min / 1000.0, setting->max / 1000.0, value);
}

/* It is told to browsers as it stands: printable ASCII behind the scheme, or behind its secure form. */
static bool is_url(const char *text, const char *scheme)
{
	size_t length = strlen(scheme);
	if (strncmp(text, scheme, length) != 0)
		return false;
	length += text[length] == 's';
	if (text[length] != ':' || text[length + 1] == '\0')
		return false;
	for (; *text; text++)
		if (!g_ascii_isgraph(*text))
			return false;
	return true;
}

static int set_text(struct buzz_settings *settings, const struct setting *setting, const char *path,
		    const char *text, struct buzz_error *error)
{
	if (strlen(text) > setting->max)
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path,
				 "must be at most %u bytes long", setting->max);
	char *target = value_of(settings, setting);
	memset(target, 0, setting->max + 1);
	memcpy(target, text, strlen(text));
	return BUZZ_OK;
}

/* Absolute, so that it does not depend on where Janus was started; empty means none. */
static int set_folder(struct buzz_settings *settings, const struct setting *setting, const char *path,
		      const char *value, struct buzz_error *error)
{
	if (strlen(value) > setting->max || (value[0] != '\0' && value[0] != '/'))
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path,
				 "must be empty or an absolute path of at most %u bytes, not '%s'", setting->max,
				 value);
	return set_text(settings, setting, path, value, error);
}

/* Blanks around the URLs are left out. */
static int set_urls(struct buzz_settings *settings, const struct setting *setting, const char *path,
		    const char *value, struct buzz_error *error)
{
	const char *scheme = setting->unit == STUN_URLS ? "stun" : "turn";
	/* of an empty text g_strsplit makes no part at all */
	g_auto(GStrv) urls = g_strsplit(value, ",", -1);
	for (char **url = urls; *url; url++)
		if (!is_url(g_strstrip(*url), scheme))
			return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path,
					 "must be URLs that begin with %s: or %ss:, separated by "
					 "commas, not '%s'",
					 scheme, scheme, value);
	g_autofree char *list = g_strjoinv(",", urls);
	return set_text(settings, setting, path, list, error);
}

static int set_one(struct buzz_settings *settings, const struct setting *setting, const char *path,
		   const char *value, struct buzz_error *error)
{
	if (setting->unit == STUN_URLS || setting->unit == TURN_URLS)
		return set_urls(settings, setting, path, value, error);
	if (setting->unit == FOLDER)
		return set_folder(settings, setting, path, value, error);
	if (setting->unit == SECRET)
		return set_text(settings, setting, path, value, error);
	uint64_t number;
	if (!read_value(value, setting->unit, &number) || number < setting->min ||
	    number > setting->max)
		return out_of_range(setting, path, value, error);
	*(uint32_t *)value_of(settings, setting) = (uint32_t)number;
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
		if (strcmp(setting->key, key) == 0)
			return set_one(settings, setting, path, value, error);
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
	    {AT(peer_audio_slots), AT(max_slots), "slots.peer_audio_slots",
	     "must not exceed slots.max_slots", true},
	    {AT(peer_video_slots), AT(max_slots), "slots.peer_video_slots",
	     "must not exceed slots.max_slots", true},
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
