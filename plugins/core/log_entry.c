/* SPDX-License-Identifier: GPL-3.0-only */
/* Entries of uploaded logs. No state beyond the call; runs on whatever thread the core hands the message over, so
 * that the room's worker only ever appends text. */
#include "log_entry.h"
#include "redact.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define TIME_MAX INT64_C(9007199254740991) /* what a JSON number holds exactly */
#define PATH_MAX_BYTES 64

enum entry_type {
	TIME,	 /* ms, integer or fraction; kept as integer */
	REPEATS, /* at most BUZZ_LOG_REPEATS_MAX ms after the entry's time, kept as integers */
	LEVEL,	 /* debug, info, warn, error */
	WORD,	 /* at most 'max' of A-Z a-z 0-9 - _ */
	LINK,	 /* the same and ':', as in "sub:<participant>" */
	TEXT,	 /* at most 'max' bytes */
	NUMBERS, /* object of numbers */
};

static const struct {
	const char *name;
	enum entry_type type;
	bool required;
	size_t max;
} fields[] = {
    {"time", TIME, true, 0},	      {"repeats", REPEATS, false, 0},  {"level", LEVEL, true, 0},
    {"kind", WORD, true, 32},	      {"participant", WORD, false, 32}, {"connection", LINK, false, 64},
    {"stream", WORD, false, 64},      {"text", TEXT, true, BUZZ_LOG_TEXT_MAX}, {"data", NUMBERS, false, 0},
};

#define WORD_SET G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_"

static bool consists_of(const char *text, const char *set, size_t max)
{
	return strlen(text) <= max && text[strspn(text, set)] == '\0';
}

static json_t *read_time(const json_t *value)
{
	double time = json_number_value(value);
	if (!json_is_number(value) || !(time >= 0 && time <= (double)TIME_MAX))
		return NULL;
	return json_integer((json_int_t)time);
}

static json_t *read_repeats(const json_t *value)
{
	if (!json_is_array(value) || json_array_size(value) > BUZZ_LOG_REPEATS_MAX)
		return NULL;
	json_t *repeats = json_array();
	for (size_t i = 0; i < json_array_size(value); i++) {
		json_t *after = read_time(json_array_get(value, i));
		if (!after) {
			json_decref(repeats);
			return NULL;
		}
		json_array_append_new(repeats, after);
	}
	return repeats;
}

static json_t *read_level(const json_t *value)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	const char *text = json_string_value(value);
	for (size_t i = 0; text && i < G_N_ELEMENTS(levels); i++) {
		if (strcmp(text, levels[i]) == 0)
			return json_string(text);
	}
	return NULL;
}

static json_t *read_word(const json_t *value, const char *set, size_t max)
{
	const char *text = json_string_value(value);
	return text && strlen(text) == json_string_length(value) && consists_of(text, set, max) ? json_string(text)
												: NULL;
}

static json_t *read_text(const json_t *value, size_t max)
{
	const char *text = json_string_value(value);
	if (!text || strlen(text) != json_string_length(value) || strlen(text) > max)
		return NULL;
	g_autofree char *clean = buzz_redact(text);
	return json_string(clean);
}

static json_t *read_numbers(const json_t *value)
{
	if (!json_is_object(value) || json_object_size(value) > BUZZ_LOG_NUMBERS_MAX)
		return NULL;
	json_t *numbers = json_object();
	for (void *at = json_object_iter((json_t *)value); at; at = json_object_iter_next((json_t *)value, at)) {
		const json_t *number = json_object_iter_value(at);
		const char *name = json_object_iter_key(at);
		if (!json_is_number(number) || !consists_of(name, WORD_SET, 32)) {
			json_decref(numbers);
			return NULL;
		}
		json_object_set_new(numbers, name,
				    json_is_integer(number) ? json_integer(json_integer_value(number))
							    : json_real(json_real_value(number)));
	}
	return numbers;
}

/* A new value made from one that is in order, otherwise NULL. */
static json_t *read_value(const json_t *value, enum entry_type type, size_t max)
{
	switch (type) {
	case TIME:
		return read_time(value);
	case REPEATS:
		return read_repeats(value);
	case LEVEL:
		return read_level(value);
	case WORD:
		return read_word(value, WORD_SET, max);
	case LINK:
		return read_word(value, WORD_SET ":", max);
	case TEXT:
		return read_text(value, max);
	case NUMBERS:
		return read_numbers(value);
	}
	return NULL;
}

static int read_entry(json_t *kept, const json_t *entry, const char *path, struct buzz_error *error)
{
	if (!json_is_object(entry))
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path, "must be an object");
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		const json_t *value = json_object_get(entry, fields[i].name);
		char field[PATH_MAX_BYTES];
		g_snprintf(field, sizeof(field), "%s.%s", path, fields[i].name);
		if (fields[i].required && (!value || json_is_null(value)))
			return buzz_fail(error, BUZZ_ERROR_MISSING_FIELD, field, "is missing");
		if (!value)
			continue;
		json_t *read = read_value(value, fields[i].type, fields[i].max);
		if (!read)
			return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, field, "is not what a log entry has here");
		json_object_set_new(kept, fields[i].name, read);
	}
	return BUZZ_OK;
}

int buzz_log_entries_read(GString *text, const json_t *entries, const char *path, struct buzz_error *error)
{
	size_t count = json_array_size(entries), start = text->len;
	if (!json_is_array(entries) || count > BUZZ_LOG_ENTRIES_MAX)
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path, "must be an array of at most %d entries",
				 BUZZ_LOG_ENTRIES_MAX);
	for (size_t i = 0; i < count; i++) {
		char entry_path[PATH_MAX_BYTES];
		g_snprintf(entry_path, sizeof(entry_path), "%s[%zu]", path, i);
		json_t *kept = json_object();
		int code = read_entry(kept, json_array_get(entries, i), entry_path, error);
		char *json = code ? NULL : json_dumps(kept, JSON_COMPACT);
		json_decref(kept);
		if (code)
			return code;
		if (text->len > start)
			g_string_append_c(text, ',');
		g_string_append(text, json);
		free(json);
		if (text->len - start > BUZZ_LOG_PART_MAX)
			return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, path, "must be at most %d bytes of JSON",
					 BUZZ_LOG_PART_MAX);
	}
	return BUZZ_OK;
}
