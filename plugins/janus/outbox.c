/* SPDX-License-Identifier: GPL-3.0-only */
/* Ordered delivery of events. DESIGN: a session with 'sending' set belongs to one sending thread until its outbox is empty, so order
 * is kept without holding a lock while pushing. Without a session description the caller sends by itself, unless a thread is at it already. */
#include "outbox.h"
#include "queue.h"
#include "session.h"

/* How many handles can wait for candidate gathering at once; each thread sleeps otherwise. */
#define SENDERS 16

struct event {
	char *transaction;
	json_t *body;
	char *sdp;
	enum buzz_jsep jsep;
};

static struct buzz_queue *ready; /* struct buzz_session *, each with a reference */
static pthread_t senders[SENDERS];
static char stop; /* its address in the queue ends a sender */

static void event_push(struct buzz_session *session, struct event *event)
{
	buzz_core_push_event(session->janus, event->transaction, event->body, event->sdp,
			     event->jsep);
	g_free(event->transaction);
	g_free(event->sdp);
	g_free(event);
}

/* The next event to send, or NULL, which also gives up 'sending'. */
static struct event *next(struct buzz_session *session)
{
	BUZZ_LOCK_SCOPE(&session->lock);
	struct event *event = g_queue_pop_head(&session->outbox.events);
	if (!event)
		session->outbox.sending = false;
	return event;
}

static void drain(struct buzz_session *session)
{
	struct event *event;
	while ((event = next(session)))
		event_push(session, event);
}

static void *sender(void *unused)
{
	(void)unused;
	for (;;) {
		void *item = buzz_queue_pop(ready, 60000);
		if (item == &stop)
			return NULL;
		if (!item)
			continue;
		drain(item);
		buzz_session_unref(item);
	}
}

void buzz_outbox_start(void)
{
	ready = buzz_queue_new(SIZE_MAX);
	for (int i = 0; i < SENDERS; i++)
		pthread_create(&senders[i], NULL, sender, NULL);
}

void buzz_outbox_stop(void)
{
	for (int i = 0; i < SENDERS; i++)
		buzz_queue_push_always(ready, &stop);
	for (int i = 0; i < SENDERS; i++)
		pthread_join(senders[i], NULL);
	buzz_queue_free(ready);
}

/* Queues the event. True: nobody is sending, so the caller must see to it. */
static bool enqueue(struct buzz_session *session, struct event *event)
{
	BUZZ_LOCK_SCOPE(&session->lock);
	g_queue_push_tail(&session->outbox.events, event);
	if (session->outbox.sending)
		return false;
	session->outbox.sending = true;
	return true;
}

void buzz_outbox_send(struct buzz_session *session, const char *transaction, json_t *body, char *sdp,
		      enum buzz_jsep jsep)
{
	struct event *event = g_new(struct event, 1);
	*event = (struct event){g_strdup(transaction), body, sdp, jsep};
	bool slow = sdp != NULL;
	if (!enqueue(session, event))
		return;
	if (slow)
		buzz_queue_push_always(ready, buzz_session_ref(session));
	else
		drain(session);
}

void buzz_outbox_clear(struct buzz_outbox *outbox)
{
	struct event *event;
	while ((event = g_queue_pop_head(&outbox->events))) {
		g_free(event->transaction);
		json_decref(event->body);
		g_free(event->sdp);
		g_free(event);
	}
}
