/* SPDX-License-Identifier: GPL-3.0-only */
/* The timeline of one slot: what its decoder has seen so far. Shared by the routes that feed the slot, which run on
 * their publishers' loop threads; all fields are atomics and nobody waits.
 *
 * Exactly one route leads a slot: the one whose generation stands in 'head'. It moves 'head' forward by
 * compare-and-swap; a new route takes over by writing generation + 1 the same way (retrying with the fresh value when
 * the old route moved in between). A route whose swap fails because the generation changed has lost the slot
 * and drops its packet. So sequence numbers and timestamps stay continuous through a takeover without a lock. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

struct buzz_timeline {
	_Atomic uint64_t head;    /* generation (16 bits) | seq (16) | timestamp (32); generation 0 = nothing sent yet */
	_Atomic uint32_t picture; /* picture id (16 bits) | TL0PICIDX (8): the last ones sent. May run one ahead of head
	                             across a takeover, which only skips an id before a key frame */
	_Atomic int64_t sent_ms;  /* monotonic, when head last moved */
	_Atomic uint64_t wanted;  /* id of the route that should lead, 0 = none: send nothing. Written by the worker */
};

void buzz_timeline_init(struct buzz_timeline *timeline, uint16_t first_seq, uint32_t first_timestamp);
