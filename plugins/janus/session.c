/* SPDX-License-Identifier: GPL-3.0-only */
/* Lifetime of a handle of ours. References are held by: the core's plugin_handle (given up when the worker has
 * handled the detach), messages in a queue, the room's session table, an outbox being sent, and routes to its slots. */
#include "session.h"
#include "media.h"
#include "worker.h"

static _Atomic uint64_t last_handle;
static atomic_int alive;
/* Guards plugin_handle of every handle of the core against a detach while another thread takes a reference. */
static struct buzz_lock registry = {PTHREAD_MUTEX_INITIALIZER};

static struct buzz_session *session_new(janus_plugin_session *janus)
{
	struct buzz_session *session = g_new0(struct buzz_session, 1);
	atomic_init(&session->references, 1);
	session->handle = atomic_fetch_add(&last_handle, 1) + 1;
	session->janus = janus;
	session->next_seq = 1;
	buzz_core_ref(janus);
	buzz_lock_init(&session->lock);
	g_queue_init(&session->stash);
	g_queue_init(&session->outbox.events);
	atomic_fetch_add(&alive, 1);
	return session;
}

void buzz_session_attach(janus_plugin_session *janus)
{
	struct buzz_session *session = session_new(janus);
	BUZZ_LOCK_SCOPE(&registry);
	janus->plugin_handle = session;
}

struct buzz_session *buzz_session_of(janus_plugin_session *janus)
{
	BUZZ_LOCK_SCOPE(&registry);
	struct buzz_session *session = janus->plugin_handle;
	return session ? buzz_session_ref(session) : NULL;
}

struct buzz_session *buzz_session_detach(janus_plugin_session *janus)
{
	BUZZ_LOCK_SCOPE(&registry);
	struct buzz_session *session = janus->plugin_handle;
	janus->plugin_handle = NULL;
	return session;
}

struct buzz_session *buzz_session_ref(struct buzz_session *session)
{
	atomic_fetch_add_explicit(&session->references, 1, memory_order_relaxed);
	return session;
}

void buzz_session_unref(struct buzz_session *session)
{
	if (atomic_fetch_sub_explicit(&session->references, 1, memory_order_acq_rel) != 1)
		return;
	struct buzz_message *message;
	while ((message = g_queue_pop_head(&session->stash)))
		buzz_message_free(message);
	for (int i = 0; i < BUZZ_SEQ_WINDOW; i++)
		buzz_message_free(session->held[i]);
	buzz_outbox_clear(&session->outbox);
	buzz_media_free(session);
	buzz_lock_clear(&session->lock);
	buzz_core_unref(session->janus);
	g_free(session);
	atomic_fetch_sub(&alive, 1);
}

int buzz_session_count(void)
{
	return atomic_load(&alive);
}
