/* SPDX-License-Identifier: GPL-3.0-only */
/* The interpreter of the tables of fields. Order of refusal: the table's. No state beyond the call; any thread. */
#include "field.h"
#include <string.h>

#define PATH_MAX_BYTES 64
#define IN_STREAM(member) offsetof(struct buzz_stream_info, member)

static const struct buzz_field stream_fields[] = {
    {"stream", BUZZ_FIELD_TOKEN, true, 1, BUZZ_STREAM_NAME_MAX, IN_STREAM(name)},
    {"kind", BUZZ_FIELD_KIND, true, 0, 0, IN_STREAM(kind)},
    {"mid", BUZZ_FIELD_MID, true, 1, BUZZ_MID_MAX, IN_STREAM(mid)},
    {"title", BUZZ_FIELD_TEXT, false, 0, BUZZ_TITLE_MAX, IN_STREAM(title)},
    {"of", BUZZ_FIELD_TOKEN, false, 1, BUZZ_STREAM_NAME_MAX, IN_STREAM(of)},
    {"muted", BUZZ_FIELD_BOOLEAN, false, 0, 0, IN_STREAM(muted)},
};

/* One value on its way into its target. */
struct slot {
	const struct buzz_field *field;
	const json_t *value;
	void *target;
	const char *path; /* as the client is told */
	struct buzz_error *error;
};

#define REFUSE(slot, ...) buzz_fail((slot)->error, BUZZ_ERROR_BAD_FIELD, (slot)->path, __VA_ARGS__)

const char *buzz_field_string(const json_t *value)
{
	const char *text = json_string_value(value);
	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static int read_version(const struct slot *slot)
{
	if (!json_is_integer(slot->value))
		return REFUSE(slot, "must be an integer");
	if (json_integer_value(slot->value) != BUZZ_PROTOCOL_VERSION)
		return buzz_fail(slot->error, BUZZ_ERROR_BAD_VERSION, slot->path,
				 "this server speaks %d", BUZZ_PROTOCOL_VERSION);
	return BUZZ_OK;
}

static int check_range(const struct slot *slot)
{
	const struct buzz_field *field = slot->field;
	json_int_t value = json_integer_value(slot->value);
	if (!json_is_integer(slot->value) || value < field->min || value > field->max)
		return REFUSE(slot,
			      "must be an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
			      field->min, field->max);
	return BUZZ_OK;
}

static int read_integer(const struct slot *slot)
{
	int code = check_range(slot);
	if (code == BUZZ_OK)
		*(uint32_t *)slot->target = (uint32_t)json_integer_value(slot->value);
	return code;
}

static int read_long(const struct slot *slot)
{
	int code = check_range(slot);
	if (code == BUZZ_OK)
		*(int64_t *)slot->target = json_integer_value(slot->value);
	return code;
}

static int read_boolean(const struct slot *slot)
{
	if (!json_is_boolean(slot->value))
		return REFUSE(slot, "must be true or false");
	*(bool *)slot->target = json_is_true(slot->value);
	return BUZZ_OK;
}

static int read_string(const struct slot *slot)
{
	return buzz_field_string(slot->value) ? BUZZ_OK : REFUSE(slot, "must be a string");
}

/* A word of these characters; 'signs' names those that are no letters or digits. */
static int read_word(const struct slot *slot, const char *set, const char *signs)
{
	const struct buzz_field *field = slot->field;
	const char *text = buzz_field_string(slot->value);
	size_t length = text ? strlen(text) : 0;
	if (text == NULL || length < (size_t)field->min || length > (size_t)field->max ||
	    strspn(text, set) != length)
		return REFUSE(slot, "must be %d to %d characters of A-Z a-z 0-9 %s", (int)field->min,
			      (int)field->max, signs);
	memcpy(slot->target, text, length + 1);
	return BUZZ_OK;
}

static int read_token(const struct slot *slot)
{
	return read_word(slot, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_", "- _");
}

static int read_event(const struct slot *slot)
{
	return read_word(slot, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._:-", ". _ : -");
}

void buzz_data_set(struct buzz_data *data, json_t *value)
{
	json_decref(data->value);
	data->value = json_incref(value);
	data->bytes = json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
}

static int read_data(const struct slot *slot)
{
	buzz_data_set(slot->target, (json_t *)slot->value);
	return BUZZ_OK;
}

static int read_mid(const struct slot *slot)
{
	const char *text = buzz_field_string(slot->value);
	if (text == NULL || !buzz_sdp_mid_valid(text))
		return REFUSE(slot, "must be a mid of 1 to %d characters", BUZZ_MID_MAX);
	memcpy(slot->target, text, strlen(text) + 1);
	return BUZZ_OK;
}

static bool has_control(const char *text, const char *end)
{
	for (; text < end; text = g_utf8_next_char(text))
		if (g_unichar_type(g_utf8_get_char(text)) == G_UNICODE_CONTROL)
			return true;
	return false;
}

static int read_text(const struct slot *slot)
{
	const struct buzz_field *field = slot->field;
	const char *start = buzz_field_string(slot->value);
	if (start == NULL || !g_utf8_validate(start, -1, NULL))
		return REFUSE(slot, "must be a string");
	while (g_unichar_isspace(g_utf8_get_char(start)))
		start = g_utf8_next_char(start);
	const char *end = start + strlen(start);
	while (end > start && g_unichar_isspace(g_utf8_get_char(g_utf8_prev_char(end))))
		end = g_utf8_prev_char(end);

	glong length = g_utf8_strlen(start, end - start);
	if (length < field->min || length > field->max)
		return REFUSE(slot, "must be %d to %d characters long", (int)field->min,
			      (int)field->max);
	if (has_control(start, end))
		return REFUSE(slot, "has a control character");
	*(char **)slot->target = length > 0 ? g_strndup(start, (gsize)(end - start)) : NULL;
	return BUZZ_OK;
}

static int read_kind(const struct slot *slot)
{
	const char *name = buzz_field_string(slot->value);
	if (name == NULL || buzz_stream_kind_from_name(slot->target, name) != 0)
		return REFUSE(slot, "must be one of microphone, camera, screen, screen_audio");
	return BUZZ_OK;
}

static int check_array(const struct slot *slot)
{
	size_t size = json_array_size(slot->value);
	if (!json_is_array(slot->value) || size < (size_t)slot->field->min ||
	    size > (size_t)slot->field->max)
		return REFUSE(slot, "must be an array of %d to %d entries", (int)slot->field->min,
			      (int)slot->field->max);
	return BUZZ_OK;
}

static int read_codecs(const struct slot *slot)
{
	int code = check_array(slot);
	if (code != BUZZ_OK)
		return code;
	buzz_codec_set codecs = 0;
	for (size_t i = 0; i < json_array_size(slot->value); i++) {
		const char *name = buzz_field_string(json_array_get(slot->value, i));
		enum buzz_codec codec = name ? buzz_codec_from_name(name) : BUZZ_CODEC_NONE;
		if (codec == BUZZ_CODEC_NONE || strcmp(buzz_codec_name(codec), name) != 0) {
			char path[PATH_MAX_BYTES];
			g_snprintf(path, sizeof(path), "%s[%zu]", slot->path, i);
			return buzz_fail(slot->error, BUZZ_ERROR_BAD_FIELD, path,
					 "must be one of opus, vp8, vp9, h264, av1");
		}
		codecs |= BUZZ_CODEC_BIT(codec);
	}
	*(buzz_codec_set *)slot->target = codecs;
	return BUZZ_OK;
}

/* A refusal of a field of the list's entry 'index'. */
static int refuse_entry(const struct slot *slot, enum buzz_error_code code, guint index,
			const char *field, const char *why)
{
	char path[PATH_MAX_BYTES];
	g_snprintf(path, sizeof(path), "%s[%u].%s", slot->path, index, field);
	return buzz_fail(slot->error, code, path, "%s", why);
}

static const struct buzz_stream_info *find_screen(const GArray *infos, const char *name)
{
	for (guint i = 0; i < infos->len; i++) {
		const struct buzz_stream_info *info =
		    &g_array_index(infos, struct buzz_stream_info, i);
		if (info->kind == BUZZ_SCREEN && strcmp(info->name, name) == 0)
			return info;
	}
	return NULL;
}

/* What the entries of a list owe each other. */
static int check_stream(const struct slot *slot, const GArray *infos, guint index)
{
	const struct buzz_stream_info *info = &g_array_index(infos, struct buzz_stream_info, index);
	for (guint i = 0; i < index; i++) {
		const struct buzz_stream_info *other =
		    &g_array_index(infos, struct buzz_stream_info, i);
		if (strcmp(other->name, info->name) == 0)
			return refuse_entry(slot, BUZZ_ERROR_BAD_FIELD, index, "stream",
					    "another stream has this name");
		if (strcmp(other->mid, info->mid) == 0)
			return refuse_entry(slot, BUZZ_ERROR_BAD_FIELD, index, "mid",
					    "another stream has this mid");
	}
	if (info->title != NULL && info->kind != BUZZ_SCREEN)
		return refuse_entry(slot, BUZZ_ERROR_BAD_FIELD, index, "title",
				    "only a screen has a title");
	if (info->kind != BUZZ_SCREEN_AUDIO)
		return info->of[0] == '\0' ? BUZZ_OK
					   : refuse_entry(slot, BUZZ_ERROR_BAD_FIELD, index, "of",
							  "only screen_audio belongs to a stream");
	if (info->of[0] == '\0')
		return refuse_entry(slot, BUZZ_ERROR_MISSING_FIELD, index, "of", "is missing");
	if (find_screen(infos, info->of) == NULL)
		return refuse_entry(slot, BUZZ_ERROR_BAD_FIELD, index, "of",
				    "names no screen of this list");
	return BUZZ_OK;
}

static int read_streams(const struct slot *slot)
{
	int code = check_array(slot);
	if (code != BUZZ_OK)
		return code;
	GArray *infos = *(GArray **)slot->target;
	for (guint i = 0; i < json_array_size(slot->value); i++) {
		char path[PATH_MAX_BYTES];
		g_snprintf(path, sizeof(path), "%s[%u]", slot->path, i);
		const json_t *entry = json_array_get(slot->value, i);
		if (!json_is_object(entry))
			return buzz_fail(slot->error, BUZZ_ERROR_BAD_FIELD, path,
					 "must be an object");
		g_array_set_size(infos,
				 i + 1); /* zeroed; from here on the array frees what is read */
		code = buzz_fields_read(&g_array_index(infos, struct buzz_stream_info, i), entry, path,
				   stream_fields, G_N_ELEMENTS(stream_fields), slot->error);
		if (code != BUZZ_OK)
			return code;
	}
	for (guint i = 0; i < infos->len && code == BUZZ_OK; i++)
		code = check_stream(slot, infos, i);
	return code;
}

static int read_entries(const struct slot *slot)
{
	return buzz_log_entries_read(*(GString **)slot->target, slot->value, slot->path, slot->error);
}

static int (*const readers[])(const struct slot *slot) = {
    [BUZZ_FIELD_VERSION] = read_version, [BUZZ_FIELD_INTEGER] = read_integer, [BUZZ_FIELD_BOOLEAN] = read_boolean,
    [BUZZ_FIELD_STRING] = read_string,   [BUZZ_FIELD_TOKEN] = read_token,	[BUZZ_FIELD_MID] = read_mid,
    [BUZZ_FIELD_TEXT] = read_text,	      [BUZZ_FIELD_KIND] = read_kind,	[BUZZ_FIELD_CODECS] = read_codecs,
    [BUZZ_FIELD_STREAMS] = read_streams, [BUZZ_FIELD_LONG] = read_long,	[BUZZ_FIELD_ENTRIES] = read_entries,
    [BUZZ_FIELD_EVENT] = read_event,     [BUZZ_FIELD_DATA] = read_data,
};

int buzz_fields_read(void *target, const json_t *object, const char *prefix,
		       const struct buzz_field *fields, size_t count, struct buzz_error *error)
{
	for (size_t i = 0; i < count; i++) {
		const struct buzz_field *field = &fields[i];
		char path[PATH_MAX_BYTES];
		g_snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "." : "", field->name);
		const json_t *value = json_object_get(object, field->name);
		if (field->required && (value == NULL || json_is_null(value)))
			return buzz_fail(error, BUZZ_ERROR_MISSING_FIELD, path, "is missing");
		if (value == NULL)
			continue;
		struct slot slot = {field, value, (char *)target + field->offset, path, error};
		int code = readers[field->type](&slot);
		if (code != BUZZ_OK)
			return code;
	}
	return BUZZ_OK;
}
