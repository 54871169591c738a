/* SPDX-License-Identifier: GPL-3.0-only */
/* Sends key-frame requests to publishers, coalesced per m-line (keyframe.h). Owned by one worker thread. */
#pragma once
#include "session.h"

struct buzz_keyframes;

struct buzz_keyframes *buzz_keyframes_new(uint32_t interval_ms);
void buzz_keyframes_free(struct buzz_keyframes *keyframes);

/* Somebody wants a key frame of this m-line of a PUB: asks for it now, or as soon as the interval allows. */
void buzz_keyframes_want(struct buzz_keyframes *keyframes, struct buzz_session *pub, int mindex, int64_t now_ms);
/* Sends what has become due. */
void buzz_keyframes_poll(struct buzz_keyframes *keyframes, int64_t now_ms);
/* How long to wait, in ms, until the next one becomes due; at most limit_ms. */
int64_t buzz_keyframes_wait(const struct buzz_keyframes *keyframes, int64_t now_ms, int64_t limit_ms);
