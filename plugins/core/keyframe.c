/* SPDX-License-Identifier: GPL-3.0-only */
/* The clock of key-frame requests. Owned by the room's worker. */
#include "keyframe.h"

bool buzz_keyframe_request(struct buzz_keyframe *keyframe, int64_t now_ms, uint32_t interval_ms)
{
	keyframe->pending = true;
	return buzz_keyframe_poll(keyframe, now_ms, interval_ms);
}

int64_t buzz_keyframe_due(const struct buzz_keyframe *keyframe, uint32_t interval_ms)
{
	return keyframe->pending ? keyframe->sent_ms + interval_ms : -1;
}

bool buzz_keyframe_poll(struct buzz_keyframe *keyframe, int64_t now_ms, uint32_t interval_ms)
{
	bool never_sent = keyframe->sent_ms == 0;

	if (!keyframe->pending || (!never_sent && now_ms < keyframe->sent_ms + interval_ms))
		return false;
	keyframe->sent_ms = now_ms;
	keyframe->pending = false;
	return true;
}
