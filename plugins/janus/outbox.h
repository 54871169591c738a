/* SPDX-License-Identifier: GPL-3.0-only */
/* Events on their way to one handle, in order. Pushing an event with a session description may wait for candidate
 * gathering (up to 5 s with STUN or TURN configured in Janus), so these are pushed by threads of their own, and whatever
 * comes for the same handle queues up behind; everything else is pushed at once by the caller. */
#pragma once
#include "effect.h"
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

struct buzz_session;

struct buzz_outbox {
	GQueue events; /* struct event *, under the session's lock */
	bool sending;  /* under the session's lock: a thread is at it */
};

/* Starts and ends the sending threads. */
void buzz_outbox_start(void);
void buzz_outbox_stop(void);

/* Sends body (taken over) with sdp (taken over, or NULL); transaction is copied, or NULL. Any thread of ours, no
 * lock held. */
void buzz_outbox_send(struct buzz_session *session, const char *transaction, json_t *body, char *sdp,
		      enum buzz_jsep jsep);
/* Frees what is left; for buzz_session_unref. */
void buzz_outbox_clear(struct buzz_outbox *outbox);
