/* SPDX-License-Identifier: GPL-3.0-only */
/* Client JSON becomes structures here and nowhere else. DESIGN: what a request may carry stands in
 * the tables below; one interpreter walks them, and what a table cannot say (fields that depend on
 * each other) follows in the request's 'finish'. Order of refusal: request, its fields in the
 * table's order, seq, then 'finish'. No state beyond the call; runs on whatever thread the core
 * hands the message over. */
#include "request.h"
#include <stddef.h>
#include <string.h>

#define STREAMS_MAX 64 /* entries of a list; how many are allowed is the room's setting */
#define CODECS_MAX 16
#define PATH_MAX_BYTES 64

enum field_type {
	VERSION, /* integer: the protocol's version; not kept */
	INTEGER, /* uint32_t, min to max */
	LONG,	 /* int64_t, min to max */
	BOOLEAN, /* bool */
	STRING,	 /* anything; not kept, 'finish' fetches it */
	TOKEN,	 /* char[max + 1], min to max of A-Z a-z 0-9 - _ */
	EVENT,	 /* the same, of A-Z a-z 0-9 . _ : - */
	DATA,	 /* struct buzz_data: any value */
	MID,	 /* char[BUZZ_MID_MAX + 1] */
	TEXT,	 /* char *, trimmed, min to max code points, no control characters */
	KIND,	 /* enum buzz_stream_kind */
	CODECS,	 /* buzz_codec_set, at most max names */
	STREAMS, /* GArray of struct buzz_stream_info, at most max */
	ENTRIES, /* GString of log entries */
};

struct field {
	const char *name;
	enum field_type type;
	bool required;
	int64_t min, max;
	size_t offset; /* of the target, from the start of the structure being filled */
};

#define IN_REQUEST(member) offsetof(struct buzz_request, member)
#define IN_STREAM(member) offsetof(struct buzz_stream_info, member)

static const struct field join_fields[] = {
    {"v", VERSION, true, 0, 0, 0},
    {"tenant", STRING, true, 0, 0, 0},
    {"room", STRING, true, 0, 0, 0},
    {"display", TEXT, true, 1, BUZZ_DISPLAY_MAX, IN_REQUEST(join.display)},
    {"link", TOKEN, false, 16, BUZZ_LINK_MAX, IN_REQUEST(join.link)},
    {"id", TOKEN, false, 1, BUZZ_ID_MAX, IN_REQUEST(join.id)},
    {"seat", TOKEN, false, 1, BUZZ_SEAT_MAX, IN_REQUEST(join.seat)},
    {"streams", STREAMS, false, 0, STREAMS_MAX, IN_REQUEST(join.streams)},
};

static const struct field publish_fields[] = {
    {"streams", STREAMS, true, 0, STREAMS_MAX, IN_REQUEST(publish.streams)},
};

static const struct field subscribe_fields[] = {
    {"v", VERSION, true, 0, 0, 0},
    {"tenant", STRING, true, 0, 0, 0},
    {"room", STRING, true, 0, 0, 0},
    {"link", TOKEN, false, 16, BUZZ_LINK_MAX, IN_REQUEST(subscribe.link)},
    {"id", TOKEN, false, 1, BUZZ_ID_MAX, IN_REQUEST(subscribe.id)},
    {"seat", TOKEN, false, 1, BUZZ_SEAT_MAX, IN_REQUEST(subscribe.seat)},
    {"from", TOKEN, false, 1, BUZZ_ID_MAX, IN_REQUEST(subscribe.from)},
    {"rtx", BOOLEAN, false, 0, 0, IN_REQUEST(subscribe.rtx)},
    {"codecs", CODECS, false, 1, CODECS_MAX, IN_REQUEST(subscribe.codecs)},
};

static const struct field answer_fields[] = {
    {"version", INTEGER, true, 1, UINT32_MAX, IN_REQUEST(answer.version)},
};

static const struct field report_fields[] = {
    {"text", TEXT, true, 1, BUZZ_REPORT_TEXT_MAX, IN_REQUEST(report_text)},
};

#define CLOCK_MS_MAX INT64_C(100000000000000) /* more than any clock is wrong by */
#define ERROR_MS_MAX INT64_C(3600000)

static const struct field log_fields[] = {
    {"report", TOKEN, true, 1, BUZZ_REPORT_ID_MAX, IN_REQUEST(log.report)},
    {"part", INTEGER, true, 0, INT32_MAX, IN_REQUEST(log.part)},
    {"last", BOOLEAN, true, 0, 0, IN_REQUEST(log.last)},
    {"offset_ms", LONG, true, -CLOCK_MS_MAX, CLOCK_MS_MAX, IN_REQUEST(log.offset_ms)},
    {"error_ms", LONG, true, 0, ERROR_MS_MAX, IN_REQUEST(log.error_ms)},
    {"entries", ENTRIES, true, 0, 0, IN_REQUEST(log.entries)},
};

static const struct field read_report_fields[] = {
    {"report", TOKEN, true, 1, BUZZ_REPORT_ID_MAX, IN_REQUEST(read_report.report)},
    {"offset", INTEGER, true, 0, UINT32_MAX, IN_REQUEST(read_report.offset)},
};

static const struct field broadcast_fields[] = {
    {"event", EVENT, true, 1, BUZZ_EVENT_MAX, IN_REQUEST(relay.event)},
    {"data", DATA, false, 0, 0, IN_REQUEST(relay.data)},
};

static const struct field direct_fields[] = {
    {"to", TOKEN, true, 1, BUZZ_ID_MAX, IN_REQUEST(relay.to)},
    {"event", EVENT, true, 1, BUZZ_EVENT_MAX, IN_REQUEST(relay.event)},
    {"data", DATA, false, 0, 0, IN_REQUEST(relay.data)},
};

/* Of a message of a data channel, beside the request's own. */
static const struct field message_fields[] = {
    {"id", TOKEN, false, 1, BUZZ_MESSAGE_ID_MAX, 0},
};

static const struct field common_fields[] = {
    {"seq", INTEGER, false, 1, INT32_MAX, IN_REQUEST(seq)},
};

static const struct field stream_fields[] = {
    {"stream", TOKEN, true, 1, BUZZ_STREAM_NAME_MAX, IN_STREAM(name)},
    {"kind", KIND, true, 0, 0, IN_STREAM(kind)},
    {"mid", MID, true, 1, BUZZ_MID_MAX, IN_STREAM(mid)},
    {"title", TEXT, false, 0, BUZZ_TITLE_MAX, IN_STREAM(title)},
    {"of", TOKEN, false, 1, BUZZ_STREAM_NAME_MAX, IN_STREAM(of)},
    {"muted", BOOLEAN, false, 0, 0, IN_STREAM(muted)},
};

/* One value on its way into its target. */
struct slot {
	const struct field *field;
	const json_t *value;
	void *target;
	const char *path; /* as the client is told */
	struct buzz_error *error;
};

#define REFUSE(slot, ...) buzz_fail((slot)->error, BUZZ_ERROR_BAD_FIELD, (slot)->path, __VA_ARGS__)

static int read_fields(void *target, const json_t *object, const char *prefix,
		       const struct field *fields, size_t count, struct buzz_error *error);

/* The text of a JSON string without a NUL in it, otherwise NULL. */
static const char *string_of(const json_t *value)
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

static int read_integer(const struct slot *slot)
{
	const struct field *field = slot->field;
	json_int_t value = json_integer_value(slot->value);
	if (!json_is_integer(slot->value) || value < field->min || value > field->max)
		return REFUSE(slot,
			      "must be an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
			      field->min, field->max);
	*(uint32_t *)slot->target = (uint32_t)value;
	return BUZZ_OK;
}

static int read_long(const struct slot *slot)
{
	const struct field *field = slot->field;
	json_int_t value = json_integer_value(slot->value);
	if (!json_is_integer(slot->value) || value < field->min || value > field->max)
		return REFUSE(slot,
			      "must be an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
			      field->min, field->max);
	*(int64_t *)slot->target = value;
	return BUZZ_OK;
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
	return string_of(slot->value) ? BUZZ_OK : REFUSE(slot, "must be a string");
}

static int read_token(const struct slot *slot)
{
	const struct field *field = slot->field;
	const char *text = string_of(slot->value);
	size_t length = text ? strlen(text) : 0;
	if (text == NULL || length < (size_t)field->min || length > (size_t)field->max ||
	    strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_") != length)
		return REFUSE(slot, "must be %d to %d characters of A-Z a-z 0-9 - _",
			      (int)field->min, (int)field->max);
	memcpy(slot->target, text, length + 1);
	return BUZZ_OK;
}

static int read_event(const struct slot *slot)
{
	const struct field *field = slot->field;
	const char *text = string_of(slot->value);
	size_t length = text ? strlen(text) : 0;
	if (text == NULL || length < (size_t)field->min || length > (size_t)field->max ||
	    strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._:-") != length)
		return REFUSE(slot, "must be %d to %d characters of A-Z a-z 0-9 . _ : -",
			      (int)field->min, (int)field->max);
	memcpy(slot->target, text, length + 1);
	return BUZZ_OK;
}

static void set_data(struct buzz_data *data, json_t *value)
{
	json_decref(data->value);
	data->value = json_incref(value);
	data->bytes = json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
}

static int read_data(const struct slot *slot)
{
	set_data(slot->target, (json_t *)slot->value);
	return BUZZ_OK;
}

static int read_mid(const struct slot *slot)
{
	const char *text = string_of(slot->value);
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
	const struct field *field = slot->field;
	const char *start = string_of(slot->value);
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
	const char *name = string_of(slot->value);
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
		const char *name = string_of(json_array_get(slot->value, i));
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
		code = read_fields(&g_array_index(infos, struct buzz_stream_info, i), entry, path,
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
    [VERSION] = read_version, [INTEGER] = read_integer, [BOOLEAN] = read_boolean,
    [STRING] = read_string,   [TOKEN] = read_token,	[MID] = read_mid,
    [TEXT] = read_text,	      [KIND] = read_kind,	[CODECS] = read_codecs,
    [STREAMS] = read_streams, [LONG] = read_long,	[ENTRIES] = read_entries,
    [EVENT] = read_event,     [DATA] = read_data,
};

static int read_fields(void *target, const json_t *object, const char *prefix,
		       const struct field *fields, size_t count, struct buzz_error *error)
{
	for (size_t i = 0; i < count; i++) {
		const struct field *field = &fields[i];
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

static int read_key(struct buzz_room_key *key, const json_t *body, struct buzz_error *error)
{
	return buzz_room_key_parse(key, json_string_value(json_object_get(body, "tenant")),
				   json_string_value(json_object_get(body, "room")), error);
}

static void start_join(struct buzz_request *request)
{
	request->join.streams = buzz_stream_infos_new();
}

/* Whoever comes back shows both. */
static int check_seat(const char *id, const char *seat, struct buzz_error *error)
{
	bool has_id = id[0] != '\0', has_seat = seat[0] != '\0';
	if (has_id != has_seat)
		return buzz_fail(error, BUZZ_ERROR_MISSING_FIELD, has_id ? "seat" : "id", "is missing");
	return BUZZ_OK;
}

static int finish_join(struct buzz_request *request, const json_t *body, struct buzz_error *error)
{
	int code = check_seat(request->join.id, request->join.seat, error);
	if (code != BUZZ_OK)
		return code;
	return read_key(&request->join.key, body, error);
}

static void start_publish(struct buzz_request *request)
{
	request->publish.streams = buzz_stream_infos_new();
}

static void start_log(struct buzz_request *request)
{
	request->log.entries = g_string_new(NULL);
}

static void start_subscribe(struct buzz_request *request)
{
	request->subscribe.rtx = true;
	request->subscribe.codecs = BUZZ_CODECS_ALL;
}

static void start_relay(struct buzz_request *request)
{
	set_data(&request->relay.data, json_null());
}

/* Either the join's link, or the participant's id with its seat. */
static int finish_subscribe(struct buzz_request *request, const json_t *body,
			    struct buzz_error *error)
{
	const struct buzz_subscribe *subscribe = &request->subscribe;
	bool link = subscribe->link[0] != '\0', id = subscribe->id[0] != '\0',
	     seat = subscribe->seat[0] != '\0';
	if (link && (id || seat))
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, "link",
				 "must not stand beside id and seat");
	if (!link && !id && !seat)
		return buzz_fail(error, BUZZ_ERROR_MISSING_FIELD, "link",
				 "is missing, and so are id and seat");
	int code = check_seat(subscribe->id, subscribe->seat, error);
	if (code != BUZZ_OK)
		return code;
	return read_key(&request->subscribe.key, body, error);
}

#define FIELDS(table) table, G_N_ELEMENTS(table)

static const struct {
	const char *name;
	enum buzz_request_type type;
	const struct field *fields;
	size_t field_count;
	void (*start)(struct buzz_request *request); /* defaults */
	int (*finish)(struct buzz_request *request, const json_t *body, struct buzz_error *error);
} requests[] = {
    {"join", BUZZ_REQUEST_JOIN, FIELDS(join_fields), start_join, finish_join},
    {"publish", BUZZ_REQUEST_PUBLISH, FIELDS(publish_fields), start_publish, NULL},
    {"leave", BUZZ_REQUEST_LEAVE, NULL, 0, NULL, NULL},
    {"subscribe", BUZZ_REQUEST_SUBSCRIBE, FIELDS(subscribe_fields), start_subscribe,
     finish_subscribe},
    {"answer", BUZZ_REQUEST_ANSWER, FIELDS(answer_fields), NULL, NULL},
    {"clock", BUZZ_REQUEST_CLOCK, NULL, 0, NULL, NULL},
    {"report", BUZZ_REQUEST_REPORT, FIELDS(report_fields), NULL, NULL},
    {"log", BUZZ_REQUEST_LOG, FIELDS(log_fields), start_log, NULL},
    {"read_report", BUZZ_REQUEST_READ_REPORT, FIELDS(read_report_fields), NULL, NULL},
    {"broadcast", BUZZ_REQUEST_BROADCAST, FIELDS(broadcast_fields), start_relay, NULL},
    {"all", BUZZ_REQUEST_ALL, FIELDS(broadcast_fields), start_relay, NULL},
    {"direct", BUZZ_REQUEST_DIRECT, FIELDS(direct_fields), start_relay, NULL},
    {"restart", BUZZ_REQUEST_RESTART, NULL, 0, NULL, NULL},
    {"sync", BUZZ_REQUEST_SYNC, NULL, 0, NULL, NULL},
};

static int read_request(struct buzz_request *request, size_t index, const json_t *body,
			struct buzz_error *error)
{
	request->type = requests[index].type;
	if (requests[index].start != NULL)
		requests[index].start(request);
	int code = read_fields(request, body, "", requests[index].fields,
			       requests[index].field_count, error);
	if (code == BUZZ_OK)
		code = read_fields(request, body, "", FIELDS(common_fields), error);
	if (code == BUZZ_OK && requests[index].finish != NULL)
		code = requests[index].finish(request, body, error);
	return code;
}

int buzz_request_read(struct buzz_request **request, const json_t *body, struct buzz_error *error)
{
	*request = NULL;
	if (!json_is_object(body))
		return buzz_fail(error, BUZZ_ERROR_BAD_REQUEST, NULL, "the body must be an object");
	const char *name = string_of(json_object_get(body, "request"));
	if (name == NULL)
		return buzz_fail(error, BUZZ_ERROR_BAD_REQUEST, "request", "must be a string");
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		if (strcmp(requests[i].name, name) != 0)
			continue;
		struct buzz_request *read = g_new0(struct buzz_request, 1);
		int code = read_request(read, i, body, error);
		if (code == BUZZ_OK)
			*request = read;
		else
			buzz_request_free(read);
		return code;
	}
	return buzz_fail(error, BUZZ_ERROR_BAD_REQUEST, "request",
			 "must be one of join, publish, leave, subscribe, answer, broadcast, all, direct, "
			 "restart, sync");
}

static bool is_relay(const struct buzz_request *request)
{
	return request->type == BUZZ_REQUEST_BROADCAST || request->type == BUZZ_REQUEST_ALL ||
	       request->type == BUZZ_REQUEST_DIRECT;
}

int buzz_request_read_text(struct buzz_request **request, const char *text, size_t length, char *id,
			   struct buzz_error *error)
{
	*request = NULL;
	id[0] = '\0';
	json_t *body = json_loadb(text, length, 0, NULL);
	if (body == NULL)
		return buzz_fail(error, BUZZ_ERROR_BAD_REQUEST, NULL,
				 "a message must be the JSON text of a request");
	int code = read_fields(id, body, "", FIELDS(message_fields), error);
	if (code == BUZZ_OK)
		code = buzz_request_read(request, body, error);
	json_decref(body);
	if (code == BUZZ_OK && !is_relay(*request)) {
		buzz_request_free(*request);
		*request = NULL;
		return buzz_fail(error, BUZZ_ERROR_BAD_REQUEST, "request",
				 "must be one of broadcast, all, direct on a data channel");
	}
	return code;
}

uint32_t buzz_request_seq(const json_t *body)
{
	struct buzz_request request = {0};
	return read_fields(&request, body, "", FIELDS(common_fields), NULL) == BUZZ_OK ? request.seq
										       : 0;
}

const char *buzz_request_name(enum buzz_request_type type)
{
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		if (requests[i].type == type)
			return requests[i].name;
	}
	return "";
}

void buzz_request_free(struct buzz_request *request)
{
	if (request == NULL)
		return;
	if (request->type == BUZZ_REQUEST_JOIN) {
		g_free(request->join.display);
		g_array_unref(request->join.streams);
	} else if (request->type == BUZZ_REQUEST_PUBLISH) {
		g_array_unref(request->publish.streams);
	} else if (request->type == BUZZ_REQUEST_REPORT) {
		g_free(request->report_text);
	} else if (request->type == BUZZ_REQUEST_LOG) {
		g_string_free(request->log.entries, TRUE);
	} else if (is_relay(request)) {
		json_decref(request->relay.data.value);
	}
	g_free(request);
}
