/* SPDX-License-Identifier: GPL-3.0-only */
/* The negotiation of one SUB, on which only the plugin offers: a pure table of states and events. Glare cannot
 * happen; what remains are lost, late, repeated and unusable answers, and changes while an offer is out.
 * Owned by the room's worker. */
#pragma once
#include <stdint.h>

enum buzz_negotiation_state {
	BUZZ_NEGOTIATION_IDLE,    /* nothing offered yet */
	BUZZ_NEGOTIATION_OFFERED, /* an offer is out */
	BUZZ_NEGOTIATION_DIRTY,   /* an offer is out and something changed since */
	BUZZ_NEGOTIATION_STABLE,
	BUZZ_NEGOTIATION_CLOSED,
	BUZZ_NEGOTIATION_STATES
};

enum buzz_negotiation_event {
	BUZZ_NEGOTIATION_CHANGE,       /* the m-lines should change */
	BUZZ_NEGOTIATION_ANSWER,       /* a usable answer to the open version */
	BUZZ_NEGOTIATION_STALE,        /* an answer to another version */
	BUZZ_NEGOTIATION_BAD,          /* an unusable answer to the open version */
	BUZZ_NEGOTIATION_BAD_LAST,     /* the same, and no try is left */
	BUZZ_NEGOTIATION_TIMEOUT,      /* no answer in time */
	BUZZ_NEGOTIATION_TIMEOUT_LAST, /* the same, and no try is left */
	BUZZ_NEGOTIATION_ASK,          /* the client may have missed the open offer */
	BUZZ_NEGOTIATION_CLOSE,
	BUZZ_NEGOTIATION_EVENTS
};

enum buzz_negotiation_action {
	BUZZ_NEGOTIATION_NOTHING,
	BUZZ_NEGOTIATION_OFFER,            /* send a new offer: new version, tries start again */
	BUZZ_NEGOTIATION_OFFER_AGAIN,      /* send the open version again */
	BUZZ_NEGOTIATION_OFFER_ANEW,       /* the same, and its tries start again */
	BUZZ_NEGOTIATION_ACCEPT,           /* the answer stands */
	BUZZ_NEGOTIATION_ACCEPT_AND_OFFER, /* and what changed meanwhile is offered at once */
	BUZZ_NEGOTIATION_REFUSE_STATE,     /* nothing is on offer */
	BUZZ_NEGOTIATION_REFUSE_STALE,     /* refuse, then send the open version again: the core took the answer for its
	                                      open offer and would refuse the real one (docs/design.md) */
	BUZZ_NEGOTIATION_REFUSE_BAD,       /* refuse, then offer again */
	BUZZ_NEGOTIATION_GIVE_UP
};

struct buzz_negotiation {
	enum buzz_negotiation_state state;
	uint32_t version;    /* of the newest offer, 0 = none yet */
	uint32_t tries;      /* how often it was sent */
	int64_t deadline_ms; /* monotonic, meaningful while an offer is out */
};

/* The bare table; for its test. */
enum buzz_negotiation_action buzz_negotiation_table(enum buzz_negotiation_state state,
						    enum buzz_negotiation_event event,
						    enum buzz_negotiation_state *next);

/* Each applies one event and returns what the caller must now do; version, tries and deadline are kept here. */
struct buzz_negotiation_limits {
	uint32_t timeout_ms; /* an offer unanswered for so long counts as lost */
	uint32_t tries;      /* an offer is sent at most so often */
};
enum buzz_negotiation_action buzz_negotiation_change(struct buzz_negotiation *negotiation, int64_t now_ms,
						     const struct buzz_negotiation_limits *limits);
enum buzz_negotiation_action buzz_negotiation_answer(struct buzz_negotiation *negotiation, uint32_t version,
						     int usable, int64_t now_ms,
						     const struct buzz_negotiation_limits *limits);
enum buzz_negotiation_action buzz_negotiation_ask(struct buzz_negotiation *negotiation, int64_t now_ms,
						  const struct buzz_negotiation_limits *limits);
enum buzz_negotiation_action buzz_negotiation_tick(struct buzz_negotiation *negotiation, int64_t now_ms,
						   const struct buzz_negotiation_limits *limits);
void buzz_negotiation_close(struct buzz_negotiation *negotiation);
