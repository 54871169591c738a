/* SPDX-License-Identifier: GPL-3.0-only */
/* The negotiation of one SUB. DESIGN: the table below is the whole machine; the functions only turn clock
 * and version numbers into its events and keep the counters. */
#include "negotiation.h"

struct cell {
	enum buzz_negotiation_state next;
	enum buzz_negotiation_action action;
};

#define IDLE BUZZ_NEGOTIATION_IDLE
#define OFFERED BUZZ_NEGOTIATION_OFFERED
#define DIRTY BUZZ_NEGOTIATION_DIRTY
#define STABLE BUZZ_NEGOTIATION_STABLE
#define CLOSED BUZZ_NEGOTIATION_CLOSED

static const struct cell table[BUZZ_NEGOTIATION_STATES][BUZZ_NEGOTIATION_EVENTS] = {
	[IDLE] = {
		[BUZZ_NEGOTIATION_CHANGE]       = {OFFERED, BUZZ_NEGOTIATION_OFFER},
		[BUZZ_NEGOTIATION_ANSWER]       = {IDLE,    BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_STALE]        = {IDLE,    BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_BAD]          = {IDLE,    BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_BAD_LAST]     = {IDLE,    BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_TIMEOUT]      = {IDLE,    BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_TIMEOUT_LAST] = {IDLE,    BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_ASK]          = {IDLE,    BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_CLOSE]        = {CLOSED,  BUZZ_NEGOTIATION_NOTHING},
	},
	[OFFERED] = {
		[BUZZ_NEGOTIATION_CHANGE]       = {DIRTY,   BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_ANSWER]       = {STABLE,  BUZZ_NEGOTIATION_ACCEPT},
		[BUZZ_NEGOTIATION_STALE]        = {OFFERED, BUZZ_NEGOTIATION_REFUSE_STALE},
		[BUZZ_NEGOTIATION_BAD]          = {OFFERED, BUZZ_NEGOTIATION_REFUSE_BAD},
		[BUZZ_NEGOTIATION_BAD_LAST]     = {CLOSED,  BUZZ_NEGOTIATION_GIVE_UP},
		[BUZZ_NEGOTIATION_TIMEOUT]      = {OFFERED, BUZZ_NEGOTIATION_OFFER_AGAIN},
		[BUZZ_NEGOTIATION_TIMEOUT_LAST] = {CLOSED,  BUZZ_NEGOTIATION_GIVE_UP},
		[BUZZ_NEGOTIATION_ASK]          = {OFFERED, BUZZ_NEGOTIATION_OFFER_ANEW},
		[BUZZ_NEGOTIATION_CLOSE]        = {CLOSED,  BUZZ_NEGOTIATION_NOTHING},
	},
	[DIRTY] = {
		[BUZZ_NEGOTIATION_CHANGE]       = {DIRTY,   BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_ANSWER]       = {OFFERED, BUZZ_NEGOTIATION_ACCEPT_AND_OFFER},
		[BUZZ_NEGOTIATION_STALE]        = {DIRTY,   BUZZ_NEGOTIATION_REFUSE_STALE},
		[BUZZ_NEGOTIATION_BAD]          = {DIRTY,   BUZZ_NEGOTIATION_REFUSE_BAD},
		[BUZZ_NEGOTIATION_BAD_LAST]     = {CLOSED,  BUZZ_NEGOTIATION_GIVE_UP},
		[BUZZ_NEGOTIATION_TIMEOUT]      = {DIRTY,   BUZZ_NEGOTIATION_OFFER_AGAIN},
		[BUZZ_NEGOTIATION_TIMEOUT_LAST] = {CLOSED,  BUZZ_NEGOTIATION_GIVE_UP},
		[BUZZ_NEGOTIATION_ASK]          = {DIRTY,   BUZZ_NEGOTIATION_OFFER_ANEW},
		[BUZZ_NEGOTIATION_CLOSE]        = {CLOSED,  BUZZ_NEGOTIATION_NOTHING},
	},
	[STABLE] = {
		[BUZZ_NEGOTIATION_CHANGE]       = {OFFERED, BUZZ_NEGOTIATION_OFFER},
		[BUZZ_NEGOTIATION_ANSWER]       = {STABLE,  BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_STALE]        = {STABLE,  BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_BAD]          = {STABLE,  BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_BAD_LAST]     = {STABLE,  BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_TIMEOUT]      = {STABLE,  BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_TIMEOUT_LAST] = {STABLE,  BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_ASK]          = {STABLE,  BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_CLOSE]        = {CLOSED,  BUZZ_NEGOTIATION_NOTHING},
	},
	[CLOSED] = {
		[BUZZ_NEGOTIATION_CHANGE]       = {CLOSED, BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_ANSWER]       = {CLOSED, BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_STALE]        = {CLOSED, BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_BAD]          = {CLOSED, BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_BAD_LAST]     = {CLOSED, BUZZ_NEGOTIATION_REFUSE_STATE},
		[BUZZ_NEGOTIATION_TIMEOUT]      = {CLOSED, BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_TIMEOUT_LAST] = {CLOSED, BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_ASK]          = {CLOSED, BUZZ_NEGOTIATION_NOTHING},
		[BUZZ_NEGOTIATION_CLOSE]        = {CLOSED, BUZZ_NEGOTIATION_NOTHING},
	},
};

enum buzz_negotiation_action buzz_negotiation_table(enum buzz_negotiation_state state,
						    enum buzz_negotiation_event event,
						    enum buzz_negotiation_state *next)
{
	*next = table[state][event].next;
	return table[state][event].action;
}

static enum buzz_negotiation_action apply(struct buzz_negotiation *negotiation,
					  enum buzz_negotiation_event event, int64_t now_ms,
					  const struct buzz_negotiation_limits *limits)
{
	enum buzz_negotiation_action action =
		buzz_negotiation_table(negotiation->state, event, &negotiation->state);
	switch (action) {
	case BUZZ_NEGOTIATION_OFFER:
	case BUZZ_NEGOTIATION_ACCEPT_AND_OFFER:
		negotiation->version++;
		negotiation->tries = 1;
		negotiation->deadline_ms = now_ms + limits->timeout_ms;
		break;
	case BUZZ_NEGOTIATION_OFFER_ANEW:
		negotiation->tries = 1;
		negotiation->deadline_ms = now_ms + limits->timeout_ms;
		break;
	case BUZZ_NEGOTIATION_OFFER_AGAIN:
	case BUZZ_NEGOTIATION_REFUSE_BAD:
	case BUZZ_NEGOTIATION_REFUSE_STALE:
		negotiation->tries++;
		negotiation->deadline_ms = now_ms + limits->timeout_ms;
		break;
	default:
		break;
	}
	return action;
}

enum buzz_negotiation_action buzz_negotiation_change(struct buzz_negotiation *negotiation, int64_t now_ms,
						     const struct buzz_negotiation_limits *limits)
{
	return apply(negotiation, BUZZ_NEGOTIATION_CHANGE, now_ms, limits);
}

enum buzz_negotiation_action buzz_negotiation_answer(struct buzz_negotiation *negotiation, uint32_t version,
						     int usable, int64_t now_ms,
						     const struct buzz_negotiation_limits *limits)
{
	enum buzz_negotiation_event event = BUZZ_NEGOTIATION_ANSWER;
	if (version != negotiation->version)
		event = BUZZ_NEGOTIATION_STALE;
	else if (!usable)
		event = negotiation->tries >= limits->tries ? BUZZ_NEGOTIATION_BAD_LAST : BUZZ_NEGOTIATION_BAD;
	return apply(negotiation, event, now_ms, limits);
}

enum buzz_negotiation_action buzz_negotiation_ask(struct buzz_negotiation *negotiation, int64_t now_ms,
						  const struct buzz_negotiation_limits *limits)
{
	return apply(negotiation, BUZZ_NEGOTIATION_ASK, now_ms, limits);
}

enum buzz_negotiation_action buzz_negotiation_tick(struct buzz_negotiation *negotiation, int64_t now_ms,
						   const struct buzz_negotiation_limits *limits)
{
	int out = negotiation->state == OFFERED || negotiation->state == DIRTY;
	if (!out || now_ms < negotiation->deadline_ms)
		return BUZZ_NEGOTIATION_NOTHING;
	return apply(negotiation,
		     negotiation->tries >= limits->tries ? BUZZ_NEGOTIATION_TIMEOUT_LAST
							 : BUZZ_NEGOTIATION_TIMEOUT,
		     now_ms, limits);
}

void buzz_negotiation_close(struct buzz_negotiation *negotiation)
{
	static const struct buzz_negotiation_limits none;
	apply(negotiation, BUZZ_NEGOTIATION_CLOSE, 0, &none);
}
