/* SPDX-License-Identifier: GPL-3.0-only */
/* Client JSON becomes structures here and nowhere else. DESIGN: what a request may carry stands in
 * the tables below; one interpreter (field.c) walks them, and what a table cannot say (fields that depend
 * on each other) follows in the request's 'finish'. Order of refusal: request, its fields in the
 * table's order, seq, then 'finish'. No state beyond the call; runs on whatever thread the core
 * hands the message over. */
#include "request.h"
#include <string.h>

#define STREAMS_MAX 64 /* entries of a list; how many are allowed is the room's setting */
#define CODECS_MAX 16

#define IN_REQUEST(member) offsetof(struct buzz_request, member)

static const struct buzz_field join_fields[] = {
    {"v", BUZZ_FIELD_VERSION, true, 0, 0, 0},
    {"tenant", BUZZ_FIELD_STRING, true, 0, 0, 0},
    {"room", BUZZ_FIELD_STRING, true, 0, 0, 0},
    {"display", BUZZ_FIELD_TEXT, true, 1, BUZZ_DISPLAY_MAX, IN_REQUEST(join.display)},
    {"link", BUZZ_FIELD_TOKEN, false, 16, BUZZ_LINK_MAX, IN_REQUEST(join.link)},
    {"id", BUZZ_FIELD_TOKEN, false, 1, BUZZ_ID_MAX, IN_REQUEST(join.id)},
    {"seat", BUZZ_FIELD_TOKEN, false, 1, BUZZ_SEAT_MAX, IN_REQUEST(join.seat)},
    {"streams", BUZZ_FIELD_STREAMS, false, 0, STREAMS_MAX, IN_REQUEST(join.streams)},
};

static const struct buzz_field publish_fields[] = {
    {"streams", BUZZ_FIELD_STREAMS, true, 0, STREAMS_MAX, IN_REQUEST(publish.streams)},
};

static const struct buzz_field subscribe_fields[] = {
    {"v", BUZZ_FIELD_VERSION, true, 0, 0, 0},
    {"tenant", BUZZ_FIELD_STRING, true, 0, 0, 0},
    {"room", BUZZ_FIELD_STRING, true, 0, 0, 0},
    {"link", BUZZ_FIELD_TOKEN, false, 16, BUZZ_LINK_MAX, IN_REQUEST(subscribe.link)},
    {"id", BUZZ_FIELD_TOKEN, false, 1, BUZZ_ID_MAX, IN_REQUEST(subscribe.id)},
    {"seat", BUZZ_FIELD_TOKEN, false, 1, BUZZ_SEAT_MAX, IN_REQUEST(subscribe.seat)},
    {"from", BUZZ_FIELD_TOKEN, false, 1, BUZZ_ID_MAX, IN_REQUEST(subscribe.from)},
    {"rtx", BUZZ_FIELD_BOOLEAN, false, 0, 0, IN_REQUEST(subscribe.rtx)},
    {"codecs", BUZZ_FIELD_CODECS, false, 1, CODECS_MAX, IN_REQUEST(subscribe.codecs)},
};

static const struct buzz_field answer_fields[] = {
    {"version", BUZZ_FIELD_INTEGER, true, 1, UINT32_MAX, IN_REQUEST(answer.version)},
};

static const struct buzz_field report_fields[] = {
    {"text", BUZZ_FIELD_TEXT, true, 1, BUZZ_REPORT_TEXT_MAX, IN_REQUEST(report_text)},
};

#define CLOCK_MS_MAX INT64_C(100000000000000) /* more than any clock is wrong by */
#define ERROR_MS_MAX INT64_C(3600000)

static const struct buzz_field log_fields[] = {
    {"report", BUZZ_FIELD_TOKEN, true, 1, BUZZ_REPORT_ID_MAX, IN_REQUEST(log.report)},
    {"part", BUZZ_FIELD_INTEGER, true, 0, INT32_MAX, IN_REQUEST(log.part)},
    {"last", BUZZ_FIELD_BOOLEAN, true, 0, 0, IN_REQUEST(log.last)},
    {"offset_ms", BUZZ_FIELD_LONG, true, -CLOCK_MS_MAX, CLOCK_MS_MAX, IN_REQUEST(log.offset_ms)},
    {"error_ms", BUZZ_FIELD_LONG, true, 0, ERROR_MS_MAX, IN_REQUEST(log.error_ms)},
    {"entries", BUZZ_FIELD_ENTRIES, true, 0, 0, IN_REQUEST(log.entries)},
};

static const struct buzz_field read_report_fields[] = {
    {"report", BUZZ_FIELD_TOKEN, true, 1, BUZZ_REPORT_ID_MAX, IN_REQUEST(read_report.report)},
    {"offset", BUZZ_FIELD_INTEGER, true, 0, UINT32_MAX, IN_REQUEST(read_report.offset)},
};

static const struct buzz_field broadcast_fields[] = {
    {"event", BUZZ_FIELD_EVENT, true, 1, BUZZ_EVENT_MAX, IN_REQUEST(relay.event)},
    {"data", BUZZ_FIELD_DATA, false, 0, 0, IN_REQUEST(relay.data)},
};

static const struct buzz_field direct_fields[] = {
    {"to", BUZZ_FIELD_TOKEN, true, 1, BUZZ_ID_MAX, IN_REQUEST(relay.to)},
    {"event", BUZZ_FIELD_EVENT, true, 1, BUZZ_EVENT_MAX, IN_REQUEST(relay.event)},
    {"data", BUZZ_FIELD_DATA, false, 0, 0, IN_REQUEST(relay.data)},
};

/* Of a message of a data channel, beside the request's own. */
static const struct buzz_field message_fields[] = {
    {"id", BUZZ_FIELD_TOKEN, false, 1, BUZZ_MESSAGE_ID_MAX, 0},
};

static const struct buzz_field common_fields[] = {
    {"seq", BUZZ_FIELD_INTEGER, false, 1, INT32_MAX, IN_REQUEST(seq)},
};

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
	buzz_data_set(&request->relay.data, json_null());
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
	const struct buzz_field *fields;
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
	int code = buzz_fields_read(request, body, "", requests[index].fields,
			       requests[index].field_count, error);
	if (code == BUZZ_OK)
		code = buzz_fields_read(request, body, "", FIELDS(common_fields), error);
	if (code == BUZZ_OK && requests[index].finish != NULL)
		code = requests[index].finish(request, body, error);
	return code;
}

static int refuse_name(struct buzz_error *error)
{
	const char *names[G_N_ELEMENTS(requests) + 1] = {NULL};
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
		names[i] = requests[i].name;
	g_autofree char *list = g_strjoinv(", ", (char **)names);
	return buzz_fail(error, BUZZ_ERROR_BAD_REQUEST, "request", "must be one of %s", list);
}

int buzz_request_read(struct buzz_request **request, const json_t *body, struct buzz_error *error)
{
	*request = NULL;
	if (!json_is_object(body))
		return buzz_fail(error, BUZZ_ERROR_BAD_REQUEST, NULL, "the body must be an object");
	const char *name = buzz_field_string(json_object_get(body, "request"));
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
	return refuse_name(error);
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
	int code = buzz_fields_read(id, body, "", FIELDS(message_fields), error);
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
	return buzz_fields_read(&request, body, "", FIELDS(common_fields), NULL) == BUZZ_OK ? request.seq
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
