/* SPDX-License-Identifier: GPL-3.0-only */
/* Coalesces key-frame requests of one source: at most one per interval, and a deferred one is always sent.
 * Pure; owned by the room's worker. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct buzz_keyframe {
	int64_t sent_ms; /* monotonic, 0 = never */
	bool pending;
};

/* Somebody wants a key frame now. True: ask the source now. False: it is pending, see buzz_keyframe_due. */
bool buzz_keyframe_request(struct buzz_keyframe *keyframe, int64_t now_ms, uint32_t interval_ms);
/* When the pending request may be sent (monotonic ms), or -1 if none is pending. */
int64_t buzz_keyframe_due(const struct buzz_keyframe *keyframe, uint32_t interval_ms);
/* True: a pending request has become due and is now to be sent. */
bool buzz_keyframe_poll(struct buzz_keyframe *keyframe, int64_t now_ms, uint32_t interval_ms);
