/* SPDX-License-Identifier: GPL-3.0-only */
/* The threads that own the rooms. A room belongs to the worker its key hashes to; everything that happens to it
 * comes through that worker's queue, is turned into a command, stepped, and its effects are run, with nothing locked. */
#pragma once
#include "room.h"
#include "session.h"

enum buzz_message_type {
	BUZZ_MESSAGE_REQUEST,
	BUZZ_MESSAGE_MEDIA_UP,
	BUZZ_MESSAGE_HANGUP,
	BUZZ_MESSAGE_DETACH,        /* carries the handle's own reference */
	BUZZ_MESSAGE_SOURCE_WANTED, /* a route of this PUB's m-line wants a key frame */
	BUZZ_MESSAGE_SLOT_WANTED,   /* the client of this SUB's slot wants a key frame */
	BUZZ_MESSAGE_STASHED,       /* requests of this handle wait for the one that binds it */
	BUZZ_MESSAGE_RESULT,        /* a report was stored or read for this PUB, or could not be */
	BUZZ_MESSAGE_CHANNEL,       /* a message of PUB's data channel */
	BUZZ_MESSAGE_CHANNEL_READY,
	BUZZ_MESSAGE_STOP,
};

struct buzz_message {
	enum buzz_message_type type;
	struct buzz_session *session; /* holds a reference; NULL for STOP */
	int mindex;                   /* SOURCE_WANTED, SLOT_WANTED */
	/* REQUEST */
	uint32_t seq; /* 0 = not numbered */
	int64_t arrived_ms; /* monotonic */
	char *transaction;
	struct buzz_request *request; /* NULL: it was refused when read, and only its number counts */
	struct buzz_sdp *sdp;
	bool sdp_is_offer;
	struct buzz_simulcast *simulcast; /* array, one per m-line that has it */
	size_t simulcast_count;
	struct buzz_report_result *result; /* RESULT */
	/* CHANNEL */
	char *text; /* not NUL-terminated; NULL: it was binary */
	size_t text_length;
};

/* A message about session, taking a reference to it. */
struct buzz_message *buzz_message_new(enum buzz_message_type type, struct buzz_session *session);
void buzz_message_free(struct buzz_message *message);

/* settings is copied. Starts the worker threads. */
void buzz_workers_start(const struct buzz_settings *settings);
/* Ends them; no callback of the core may run any more. */
void buzz_workers_stop(void);

/* Hands a request to the room's worker; binds the handle if the request is the one that does. Takes over the message. 0, or
 * an error, and then the message has been freed. Any thread, no lock held. */
int buzz_workers_request(struct buzz_message *message, struct buzz_error *error);
/* Hands anything else to the worker the session is bound to; never refused. Frees it if there is none. */
void buzz_workers_notify(struct buzz_message *message);

struct buzz_summary {
	int rooms, participants;
};
struct buzz_summary buzz_workers_summary(void);
