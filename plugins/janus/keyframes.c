/* SPDX-License-Identifier: GPL-3.0-only */
/* Key-frame requests to publishers. Worker thread. */
#include "keyframes.h"
#include "media.h"

struct pending {
	struct buzz_session *pub; /* holds a reference */
	int mindex;
};

struct buzz_keyframes {
	uint32_t interval_ms;
	GArray *pending; /* struct pending */
};

static void pending_clear(void *data)
{
	buzz_session_unref(((struct pending *)data)->pub);
}

struct buzz_keyframes *buzz_keyframes_new(uint32_t interval_ms)
{
	struct buzz_keyframes *keyframes = g_new0(struct buzz_keyframes, 1);
	keyframes->interval_ms = interval_ms;
	keyframes->pending = g_array_new(FALSE, FALSE, sizeof(struct pending));
	g_array_set_clear_func(keyframes->pending, pending_clear);
	return keyframes;
}

void buzz_keyframes_free(struct buzz_keyframes *keyframes)
{
	g_array_unref(keyframes->pending);
	g_free(keyframes);
}

static struct buzz_uptrack *uptrack_of(const struct buzz_session *pub, int mindex)
{
	return atomic_load_explicit(&pub->uptracks[mindex], memory_order_relaxed);
}

/* Before the PLI leaves, so that whoever wants one from now on says so again. */
static void send(struct buzz_session *pub, int mindex)
{
	struct buzz_uptrack *uptrack = uptrack_of(pub, mindex);
	atomic_store_explicit(&uptrack->keyframe_wanted, false, memory_order_release);
	uptrack->keyframes_asked++;
	if (uptrack->active && atomic_load(&pub->up))
		buzz_core_send_pli(pub->janus, mindex);
}

void buzz_keyframes_want(struct buzz_keyframes *keyframes, struct buzz_session *pub, int mindex, int64_t now_ms)
{
	struct buzz_uptrack *uptrack = uptrack_of(pub, mindex);
	if (!uptrack || buzz_codec_media(uptrack->source.codec) != BUZZ_VIDEO)
		return;
	bool was_pending = uptrack->keyframe.pending;
	if (buzz_keyframe_request(&uptrack->keyframe, now_ms, keyframes->interval_ms)) {
		send(pub, mindex);
	} else if (!was_pending) {
		struct pending pending = {buzz_session_ref(pub), mindex};
		g_array_append_val(keyframes->pending, pending);
	}
}

void buzz_keyframes_poll(struct buzz_keyframes *keyframes, int64_t now_ms)
{
	for (guint i = 0; i < keyframes->pending->len;) {
		struct pending pending = g_array_index(keyframes->pending, struct pending, i);
		struct buzz_keyframe *keyframe = &uptrack_of(pending.pub, pending.mindex)->keyframe;
		if (buzz_keyframe_poll(keyframe, now_ms, keyframes->interval_ms))
			send(pending.pub, pending.mindex);
		if (keyframe->pending)
			i++;
		else
			g_array_remove_index_fast(keyframes->pending, i);
	}
}

int64_t buzz_keyframes_wait(const struct buzz_keyframes *keyframes, int64_t now_ms, int64_t limit_ms)
{
	int64_t wait = limit_ms;
	for (guint i = 0; i < keyframes->pending->len; i++) {
		const struct pending *pending = &g_array_index(keyframes->pending, struct pending, i);
		int64_t due = buzz_keyframe_due(&uptrack_of(pending->pub, pending->mindex)->keyframe,
						keyframes->interval_ms);
		if (due >= 0)
			wait = MIN(wait, due - now_ms);
	}
	return MAX(wait, 0);
}
