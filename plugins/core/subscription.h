/* SPDX-License-Identifier: GPL-3.0-only */
/* One SUB: its slots, which stream each shows, and its negotiation. Pure: the assignment of streams to slots keeps what
 * is shown where it is, fills free slots, and asks for more slots in steps. Owned by the room's worker. */
#pragma once
#include "codec.h"
#include "negotiation.h"
#include "request.h"
#include "sdp.h"
#include "settings.h"

struct buzz_stream;

struct buzz_slot {
	enum buzz_media media;
	char mid[BUZZ_MID_MAX + 1];
	bool usable;                /* in an answer that took it */
	struct buzz_stream *stream; /* or NULL; never outlives the stream: the room assigns anew before freeing one */
	struct buzz_stream *routed; /* the stream that the media plane was last told to send here */
};

/* New ICE credentials, and with them another path. */
enum buzz_restart {
	BUZZ_RESTART_NONE,
	BUZZ_RESTART_WANTED,   /* the next offer brings them */
	BUZZ_RESTART_OFFERED,  /* the open offer does */
	BUZZ_RESTART_ANSWERED, /* they are in use, and nothing was heard since */
};

struct buzz_subscription {
	uint64_t handle;
	char from[BUZZ_ID_MAX + 1]; /* the participant whose streams alone it carries; "" = everybody else's */
	bool up; /* between setup_media and hangup_media */
	bool transport_cc;
	buzz_codec_set offered_codecs; /* what it said it can decode: constant, every offer has these */
	buzz_codec_set codecs;         /* what it can decode: the same at first, then as its answers say */
	struct buzz_negotiation negotiation;
	GPtrArray *slots;      /* struct buzz_slot *, index = mindex; only ever grows */
	guint offered;         /* slots in the open or last offer */
	enum buzz_restart restart;
	int64_t restarted_ms;   /* with ANSWERED: when, monotonic */
	GPtrArray *undecodable; /* struct buzz_stream *, borrowed, valid until the next assignment */
	GPtrArray *waiting;     /* the same: no slot for it, or not yet */
};

/* What a client asks for with 'subscribe'. */
struct buzz_subscription_wish {
	char from[BUZZ_ID_MAX + 1];
	bool transport_cc;
	buzz_codec_set codecs;
};

struct buzz_subscription *buzz_subscription_new(uint64_t handle, const struct buzz_subscription_wish *wish);
void buzz_subscription_free(struct buzz_subscription *subscription);

struct buzz_assignment {
	bool changed; /* slots, undecodable or waiting differ from before */
	bool grown;   /* slots were added: they have to be offered */
};

/* Assigns the visible streams (borrowed, in order of priority) to slots that are on offer or were answered; the first call
 * makes the slots of the first offer. When slots were added and are on offer now, call it again. Clears every reference
 * to a stream that is not visible any more, 'routed' excepted. */
struct buzz_assignment buzz_subscription_assign(struct buzz_subscription *subscription, const GPtrArray *visible,
						const struct buzz_settings *settings);

/* Takes an answer to the open offer: whether each slot is usable, and what can be decoded. 0, or BUZZ_ERROR_BAD_SDP
 * when its m-lines do not fit the offer; then nothing has changed. */
int buzz_subscription_answer(struct buzz_subscription *subscription, const struct buzz_sdp *answer,
			     struct buzz_error *error);

/* The text of the open offer: the caller's (g_free). */
char *buzz_subscription_write_offer(const struct buzz_subscription *subscription);
