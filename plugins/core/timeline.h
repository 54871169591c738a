/* SPDX-License-Identifier: GPL-3.0-only */
/* The timeline of one slot: what its decoder has seen so far. Shared by the routes that feed the
 * slot, which run on their publishers' loop threads; all fields are atomics and nobody waits.
 *
 * Exactly one route leads a slot: the one whose generation stands in 'head'. It moves 'head'
 * forward by compare-and-swap; a new route takes over by writing generation + 1 the same way
 * (retrying with the fresh value when the old route moved in between). A route whose swap fails
 * because the generation changed has lost the slot and drops its packet. So sequence numbers and
 * timestamps stay continuous through a takeover without a lock. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct buzz_timeline {
	/* generation (16 bits) | seq (16) | timestamp (32); generation 0 = nothing sent yet */
	_Atomic uint64_t head;
	/* picture id (16 bits) | TL0PICIDX (8): the last ones sent. May run ahead of head across a
	 * takeover, which only skips an id before a key frame */
	_Atomic uint32_t picture;
	/* monotonic, when head's timestamp last moved */
	_Atomic int64_t sent_ms;
	/* id of the route that should lead, 0 = none: send nothing. Written by the worker */
	_Atomic uint64_t wanted;
};

/* 'head', unpacked. */
struct buzz_head {
	uint16_t generation;
	uint16_t seq;       /* the highest one given out */
	uint32_t timestamp; /* the highest one given out */
};

/* The last picture id and TL0PICIDX given out. */
struct buzz_picture {
	uint16_t id; /* 15 bits */
	uint8_t tl0;
};

/* The first packet of the slot will carry first_seq and first_timestamp. */
void buzz_timeline_init(struct buzz_timeline *timeline, uint16_t first_seq,
                        uint32_t first_timestamp);

/* All of these on any thread. */
struct buzz_head buzz_timeline_head(const struct buzz_timeline *timeline);
/* Moves head from exactly 'from' to 'to'; false, and nothing has changed, if it stands elsewhere
 * by now. */
bool buzz_timeline_move(struct buzz_timeline *timeline, struct buzz_head from, struct buzz_head to);
/* How far the timestamp must advance from 'head' for a packet of another source sent now: the time
 * since its timestamp moved, in ticks of clock_rate (Hz); at least 1, and at most 2^30 so that it
 * stays ahead in serial arithmetic. */
uint32_t buzz_timeline_elapsed(const struct buzz_timeline *timeline, struct buzz_head head,
                               int64_t now_ms, uint32_t clock_rate);
/* Reserves the next picture id and TL0PICIDX for a new source. Before its move of head, so that
 * the old source cannot use them without that move failing. */
struct buzz_picture buzz_timeline_reserve_picture(struct buzz_timeline *timeline);
/* The leader is about to send these; id_bits is 15, 7, or 0 for no id, tl0_bits 8 or 0. Older ones
 * than the last are not noted: they come from a thread that was late. Before its move of head. */
void buzz_timeline_note_picture(struct buzz_timeline *timeline, struct buzz_picture sent,
                                int id_bits, int tl0_bits);
