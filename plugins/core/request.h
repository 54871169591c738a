/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads every request a client can send: the only place that looks into client JSON. Table-driven:
 * name, type, range, required. A request is accepted whole or refused whole. */
#pragma once
#include "field.h"
#include "room_key.h"

#define BUZZ_DISPLAY_MAX 64 /* code points */
#define BUZZ_LINK_MAX 64    /* characters; at least 16 */
#define BUZZ_ID_MAX 32
#define BUZZ_SEAT_MAX 64
#define BUZZ_REPORT_ID_MAX 32
#define BUZZ_REPORT_TEXT_MAX 2000 /* code points */
#define BUZZ_EVENT_MAX 64 /* name of a relayed event */
#define BUZZ_MESSAGE_ID_MAX 64

enum buzz_request_type {
	BUZZ_REQUEST_JOIN,
	BUZZ_REQUEST_PUBLISH,
	BUZZ_REQUEST_LEAVE,
	BUZZ_REQUEST_SUBSCRIBE,
	BUZZ_REQUEST_ANSWER,
	BUZZ_REQUEST_CLOCK,
	BUZZ_REQUEST_REPORT,
	BUZZ_REQUEST_LOG,
	BUZZ_REQUEST_READ_REPORT,
	BUZZ_REQUEST_BROADCAST,
	BUZZ_REQUEST_ALL,
	BUZZ_REQUEST_DIRECT,
	BUZZ_REQUEST_RESTART,
	BUZZ_REQUEST_SYNC,
	BUZZ_REQUEST_LAST = BUZZ_REQUEST_SYNC,
};

struct buzz_join {
	struct buzz_room_key key;
	char *display;
	char link[BUZZ_LINK_MAX + 1]; /* "" if absent */
	char id[BUZZ_ID_MAX + 1];     /* of the participant that comes back, or "" */
	char seat[BUZZ_SEAT_MAX + 1]; /* given exactly when id is */
	GArray *streams;              /* struct buzz_stream_info, never NULL */
};

struct buzz_publish {
	GArray *streams; /* never NULL */
};

struct buzz_subscribe {
	struct buzz_room_key key;
	char link[BUZZ_LINK_MAX + 1]; /* "" if id and seat are given */
	char id[BUZZ_ID_MAX + 1];
	char seat[BUZZ_SEAT_MAX + 1];
	char from[BUZZ_ID_MAX + 1]; /* "" = everybody's streams */
	bool rtx;
	buzz_codec_set codecs;
};

struct buzz_answer {
	uint32_t version;
};

struct buzz_log {
	char report[BUZZ_REPORT_ID_MAX + 1];
	uint32_t part; /* from 0 */
	bool last;
	int64_t offset_ms; /* what the client's clock lacks to the server's */
	int64_t error_ms;  /* how wrong that may be */
	GString *entries;  /* JSON objects joined by commas, redacted; never NULL */
};

struct buzz_read_report {
	char report[BUZZ_REPORT_ID_MAX + 1];
	uint32_t offset; /* bytes */
};

/* BROADCAST, ALL, DIRECT */
struct buzz_relay {
	char to[BUZZ_ID_MAX + 1]; /* DIRECT */
	char event[BUZZ_EVENT_MAX + 1];
	struct buzz_data data;
};

struct buzz_request {
	enum buzz_request_type type;
	uint32_t seq; /* 0 if absent */
	union {
		struct buzz_join join;
		struct buzz_publish publish;
		struct buzz_subscribe subscribe;
		struct buzz_answer answer;
		char *report_text;
		struct buzz_log log;
		struct buzz_read_report read_report;
		struct buzz_relay relay;
	};
};

/* Reads body (borrowed; may be any JSON value or NULL). 0 and *request is the caller's (buzz_request_free), or an
 * error code with *error filled and *request NULL. Checks everything that can be checked without the room's state,
 * including that stream names and mids are unique and that 'of' names a screen in the same list. */
int buzz_request_read(struct buzz_request **request, const json_t *body, struct buzz_error *error);
/* The seq of a body (borrowed; may be any JSON value or NULL), 0 if it has none that is valid: a refused request has used
 * its number up too, so that the ones after it need not wait for it. */
uint32_t buzz_request_seq(const json_t *body);
/* The name as it stands in a body. */
const char *buzz_request_name(enum buzz_request_type type);
/* Reads a message of a data channel (not NUL-terminated): the text of a request that may come that way. 0 and *request is the caller's,
 * or an error code as above. Either way id (BUZZ_MESSAGE_ID_MAX + 1 bytes) is what the client calls the message, or "". */
int buzz_request_read_text(struct buzz_request **request, const char *text, size_t length, char *id,
			   struct buzz_error *error);
void buzz_request_free(struct buzz_request *request); /* NULL is fine */
