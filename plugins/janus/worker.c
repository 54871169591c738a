/* SPDX-License-Identifier: GPL-3.0-only */
/* Worker threads. DESIGN: one queue per worker, first come first served, so the events of a room leave in the order in
 * which its state changed. A handle is bound to the worker of the room that its first join or subscribe names; numbered requests that
 * overtake that request wait in the session's stash, and later ones that overtake each other in its window. The loop wakes for
 * messages, for key-frame requests that become due, and every TICK_MS for everything that depends on time. */
#include "worker.h"
#include "channel.h"
#include "hall.h"
#include "media.h"
#include "order.h"
#include "queue.h"
#include "reply.h"

#define TICK_MS 100
#define COLLECTING_MAX 16 /* reports at once, over all rooms: each may take max_report_bytes of memory */

struct buzz_worker {
	pthread_t thread;
	struct buzz_queue *queue;
	GHashTable *halls; /* struct buzz_room_key -> struct buzz_hall */
	struct buzz_keyframes *keyframes;
	/* struct buzz_session *, hold references */
	GPtrArray *holding;  /* those whose windows hold something */
	GPtrArray *stashing; /* those whose stashes do, whichever worker they will belong to */
};

static struct buzz_settings settings;
static struct buzz_worker *workers;
static guint worker_count;

struct buzz_message *buzz_message_new(enum buzz_message_type type, struct buzz_session *session)
{
	struct buzz_message *message = g_new0(struct buzz_message, 1);
	message->type = type;
	message->session = session ? buzz_session_ref(session) : NULL;
	return message;
}

void buzz_message_free(struct buzz_message *message)
{
	if (!message)
		return;
	g_free(message->transaction);
	buzz_request_free(message->request);
	buzz_sdp_free(message->sdp);
	g_free(message->simulcast);
	buzz_report_result_free(message->result);
	g_free(message->text);
	if (message->session)
		buzz_session_unref(message->session);
	g_free(message);
}

static void refuse(const struct buzz_message *message, const struct buzz_error *error)
{
	buzz_outbox_send(message->session, message->transaction, buzz_reply_error(error), NULL, BUZZ_JSEP_ANSWER);
}

/* The room that a request names, or NULL. */
static const struct buzz_room_key *named_room(const struct buzz_request *request)
{
	if (!request)
		return NULL;
	switch (request->type) {
	case BUZZ_REQUEST_JOIN:
		return &request->join.key;
	case BUZZ_REQUEST_SUBSCRIBE:
		return &request->subscribe.key;
	default:
		return NULL;
	}
}

/* A random text of 'length' characters without look-alikes: 5 bits each. */
static void random_text(char *text, size_t length)
{
	static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
	if (getentropy(text, length))
		g_error("buzz: the system has no randomness");
	for (size_t i = 0; i < length; i++)
		text[i] = alphabet[(unsigned char)text[i] % 32];
	text[length] = '\0';
}

static struct buzz_hall *hall_for(struct buzz_worker *worker, const struct buzz_room_key *key)
{
	struct buzz_hall *hall = g_hash_table_lookup(worker->halls, key);
	if (!hall) {
		hall = buzz_hall_new(key, &settings, worker->keyframes);
		g_hash_table_insert(worker->halls, g_memdup2(key, sizeof(*key)), hall);
	}
	return hall;
}

/* What can be refused before the room is asked. */
static int check(struct buzz_worker *worker, const struct buzz_message *message, struct buzz_error *error)
{
	const struct buzz_session *session = message->session;
	const struct buzz_room_key *key = named_room(message->request);
	if (session->spent)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL,
				 "this handle has been used; attach a new one");
	if (!key && !session->hall)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "join or subscribe first");
	if (key && !buzz_room_key_equal(key, &session->key))
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "this handle belongs to another room");
	if (message->request->type == BUZZ_REQUEST_JOIN &&
	    buzz_hall_rooms() >= (int)settings.max_rooms) {
		struct buzz_hall *hall = g_hash_table_lookup(worker->halls, key);
		if (!hall || !hall->counted)
			return buzz_fail(error, BUZZ_ERROR_SERVER_FULL, NULL, "the server has %u rooms already",
					 settings.max_rooms);
	}
	if (message->request->type == BUZZ_REQUEST_REPORT && buzz_hall_collecting() >= COLLECTING_MAX)
		return buzz_fail(error, BUZZ_ERROR_BUSY, NULL, "too many reports are being collected; try again later");
	return 0;
}

static void handle_request(struct buzz_worker *worker, struct buzz_message *message, int64_t now_ms)
{
	struct buzz_session *session = message->session;
	struct buzz_error error = {0};
	if (!message->request)
		return;
	if (check(worker, message, &error)) {
		refuse(message, &error);
		return;
	}
	const struct buzz_room_key *key = named_room(message->request);
	struct buzz_hall *hall = session->hall ? session->hall : hall_for(worker, key);
	buzz_hall_enter(hall, session);
	char id[11], seat[33];
	do
		random_text(id, sizeof(id) - 1);
	while (buzz_room_has_id(hall->room, id));
	random_text(seat, sizeof(seat) - 1);
	struct buzz_command command = {
		.type = BUZZ_COMMAND_REQUEST,
		.now_ms = now_ms,
		.handle = session->handle,
		.transaction = message->transaction,
		.request = message->request,
		.sdp = g_steal_pointer(&message->sdp),
		.sdp_is_offer = message->sdp_is_offer,
		.simulcast = message->simulcast,
		.simulcast_count = message->simulcast_count,
		.new_id = id,
		.new_seat = seat,
		.unix_s = g_get_real_time() / G_USEC_PER_SEC,
		.next_seq = session->next_seq,
	};
	buzz_hall_step(hall, &command);
	buzz_sdp_free(command.sdp);
}

static void hold(struct buzz_worker *worker, struct buzz_session *session)
{
	session->holding = true;
	g_ptr_array_add(worker->holding, buzz_session_ref(session));
}

/* Handles the requests that are next in order. */
static void release(struct buzz_worker *worker, struct buzz_session *session, int64_t now_ms)
{
	struct buzz_message *message;
	while ((message = buzz_order_next(session))) {
		handle_request(worker, message, now_ms);
		buzz_message_free(message);
	}
}

/* Handles all that is held, without what is missing: it was lost with the client's WebSocket. */
static void release_all(struct buzz_worker *worker, struct buzz_session *session, int64_t now_ms)
{
	while (buzz_order_holds(session)) {
		buzz_order_skip(session);
		release(worker, session, now_ms);
	}
}

/* Takes over the message. */
static void request_arrived(struct buzz_worker *worker, struct buzz_message *message, int64_t now_ms)
{
	struct buzz_session *session = message->session;
	struct buzz_error error = {0};
	if (session->detached) {
		buzz_message_free(message);
		return;
	}
	if (message->request && message->request->type == BUZZ_REQUEST_SYNC)
		release_all(worker, session, now_ms);
	if (message->seq == 0) {
		handle_request(worker, message, now_ms);
		buzz_message_free(message);
		return;
	}
	if (buzz_order_put(session, message, &error)) {
		if (message->request) /* otherwise it has been answered already */
			refuse(message, &error);
		buzz_message_free(message);
		return;
	}
	buzz_session_ref(session);
	release(worker, session, now_ms);
	if (buzz_order_holds(session) && !session->holding)
		hold(worker, session);
	buzz_session_unref(session);
}

/* Requests that have waited long enough for one that does not come are handled without it. */
static void release_overdue(struct buzz_worker *worker, int64_t now_ms)
{
	for (guint i = 0; i < worker->holding->len;) {
		struct buzz_session *session = worker->holding->pdata[i];
		while (buzz_order_overdue(session, now_ms)) {
			buzz_order_skip(session);
			release(worker, session, now_ms);
		}
		if (buzz_order_holds(session)) {
			i++;
			continue;
		}
		session->holding = false;
		g_ptr_array_remove_index_fast(worker->holding, i);
	}
}

/* Gives up one stashed request that has waited long enough: its number stays, its transaction is the caller's. NULL when
 * there is none; *waiting says whether others wait still. */
static char *give_up_stashed(struct buzz_session *session, int64_t now_ms, bool *waiting)
{
	BUZZ_LOCK_SCOPE(&session->lock);
	*waiting = false;
	for (const GList *link = session->stash.head; link && !session->closed; link = link->next) {
		struct buzz_message *message = link->data;
		if (!message->request)
			continue;
		*waiting = true;
		if (now_ms - message->arrived_ms < BUZZ_SEQ_WAIT_MS)
			continue;
		g_clear_pointer(&message->request, buzz_request_free);
		return g_steal_pointer(&message->transaction);
	}
	session->stash_watched = *waiting;
	return NULL;
}

/* Requests for whose handle no join or subscribe comes are refused in the end. */
static void refuse_stashed(struct buzz_worker *worker, int64_t now_ms)
{
	struct buzz_error error = {0};
	buzz_fail(&error, BUZZ_ERROR_WRONG_STATE, NULL, "join or subscribe first");
	for (guint i = 0; i < worker->stashing->len;) {
		struct buzz_session *session = worker->stashing->pdata[i];
		char *transaction;
		bool waiting;
		while ((transaction = give_up_stashed(session, now_ms, &waiting))) {
			buzz_outbox_send(session, transaction, buzz_reply_error(&error), NULL, BUZZ_JSEP_ANSWER);
			g_free(transaction);
		}
		if (waiting)
			i++;
		else
			g_ptr_array_remove_index_fast(worker->stashing, i);
	}
}

static void report_result(const struct buzz_message *message, int64_t now_ms)
{
	struct buzz_session *session = message->session;
	if (!session->hall)
		return;
	struct buzz_command command = {.type = BUZZ_COMMAND_RESULT,
				       .now_ms = now_ms,
				       .handle = session->handle,
				       .result = message->result};
	buzz_hall_step(session->hall, &command);
}

static void connection_changed(const struct buzz_message *message, enum buzz_command_type type, int64_t now_ms)
{
	struct buzz_session *session = message->session;
	if (!session->hall)
		return;
	struct buzz_command command = {.type = type, .now_ms = now_ms, .handle = session->handle};
	buzz_hall_step(session->hall, &command);
}

static void detached(const struct buzz_message *message, int64_t now_ms)
{
	struct buzz_session *session = message->session;
	connection_changed(message, BUZZ_COMMAND_DETACH, now_ms);
	if (session->hall) /* it never became a member */
		buzz_hall_exit(session->hall, session);
	session->detached = true;
	buzz_order_clear(session);
	buzz_session_unref(session); /* the handle's own reference */
}

/* What came over a data channel is one request more in the room's queue; the channel keeps the order. */
static void channel_message(struct buzz_message *message, int64_t now_ms)
{
	struct buzz_session *session = message->session;
	struct buzz_error error = {0};
	char id[BUZZ_MESSAGE_ID_MAX + 1];
	int code = buzz_channel_read(message, id, &error);
	if (!session->hall)
		return;
	struct buzz_command command = {
		.type = BUZZ_COMMAND_REQUEST,
		.now_ms = now_ms,
		.handle = session->handle,
		.request = message->request,
		.refusal = code ? &error : NULL,
		.by_channel = true,
		.message_id = id,
	};
	buzz_hall_step(session->hall, &command);
	if (!buzz_channel_overrun(session, &error) || !session->hall)
		return;
	command.request = NULL;
	command.refusal = &error;
	command.message_id = "";
	buzz_hall_step(session->hall, &command);
}

static void slot_wanted(struct buzz_worker *worker, const struct buzz_message *message, int64_t now_ms)
{
	struct buzz_feed *feed =
		atomic_load_explicit(&message->session->feeds[message->mindex], memory_order_relaxed);
	atomic_store_explicit(&feed->keyframe_wanted, false, memory_order_release);
	if (feed->source)
		buzz_keyframes_want(worker->keyframes, feed->source, feed->source_mindex, now_ms);
}

/* Takes over the message. */
static void dispatch(struct buzz_worker *worker, struct buzz_message *message, int64_t now_ms)
{
	switch (message->type) {
	case BUZZ_MESSAGE_REQUEST:
		request_arrived(worker, message, now_ms);
		return;
	case BUZZ_MESSAGE_MEDIA_UP:
		connection_changed(message, BUZZ_COMMAND_MEDIA_UP, now_ms);
		break;
	case BUZZ_MESSAGE_HANGUP:
		connection_changed(message, BUZZ_COMMAND_HANGUP, now_ms);
		break;
	case BUZZ_MESSAGE_DETACH:
		detached(message, now_ms);
		break;
	case BUZZ_MESSAGE_SOURCE_WANTED:
		buzz_keyframes_want(worker->keyframes, message->session, message->mindex, now_ms);
		break;
	case BUZZ_MESSAGE_SLOT_WANTED:
		slot_wanted(worker, message, now_ms);
		break;
	case BUZZ_MESSAGE_STASHED:
		g_ptr_array_add(worker->stashing, buzz_session_ref(message->session));
		break;
	case BUZZ_MESSAGE_RESULT:
		report_result(message, now_ms);
		break;
	case BUZZ_MESSAGE_CHANNEL:
		channel_message(message, now_ms);
		break;
	case BUZZ_MESSAGE_CHANNEL_READY:
		atomic_store(&message->session->channel_ready, false);
		connection_changed(message, BUZZ_COMMAND_CHANNEL_READY, now_ms);
		break;
	case BUZZ_MESSAGE_STOP:
		break;
	}
	buzz_message_free(message);
}

static void tick(struct buzz_worker *worker, int64_t now_ms)
{
	release_overdue(worker, now_ms);
	refuse_stashed(worker, now_ms);
	GHashTableIter iterator;
	gpointer value;
	g_hash_table_iter_init(&iterator, worker->halls);
	while (g_hash_table_iter_next(&iterator, NULL, &value)) {
		struct buzz_hall *hall = value;
		buzz_hall_tick(hall, now_ms);
		if (buzz_room_is_over(hall->room, now_ms))
			g_hash_table_iter_remove(&iterator);
	}
}

static int64_t now(void)
{
	return g_get_monotonic_time() / 1000;
}

static void *run(void *data)
{
	struct buzz_worker *worker = data;
	int64_t next_tick_ms = now();
	for (;;) {
		int64_t limit = MAX(next_tick_ms - now(), 0);
		struct buzz_message *message = buzz_queue_pop(
			worker->queue, buzz_keyframes_wait(worker->keyframes, now(), limit));
		if (message && message->type == BUZZ_MESSAGE_STOP) {
			buzz_message_free(message);
			return NULL;
		}
		int64_t now_ms = now();
		if (message)
			dispatch(worker, message, now_ms);
		buzz_keyframes_poll(worker->keyframes, now_ms);
		if (now_ms >= next_tick_ms) {
			tick(worker, now_ms);
			next_tick_ms = now_ms + TICK_MS;
		}
	}
}

void buzz_workers_start(const struct buzz_settings *wanted)
{
	settings = *wanted;
	worker_count = settings.workers ? settings.workers : g_get_num_processors();
	workers = g_new0(struct buzz_worker, worker_count);
	for (guint i = 0; i < worker_count; i++) {
		struct buzz_worker *worker = &workers[i];
		worker->queue = buzz_queue_new(settings.queue_max);
		worker->halls = g_hash_table_new_full(buzz_room_key_hash, buzz_room_key_equal, g_free,
						      (GDestroyNotify)buzz_hall_free);
		worker->keyframes = buzz_keyframes_new(settings.keyframe_interval_ms);
		worker->holding = g_ptr_array_new_with_free_func((GDestroyNotify)buzz_session_unref);
		worker->stashing = g_ptr_array_new_with_free_func((GDestroyNotify)buzz_session_unref);
		pthread_create(&worker->thread, NULL, run, worker);
	}
}

/* What is left in the queue after the worker has stopped. */
static void drop_queue(struct buzz_worker *worker)
{
	struct buzz_message *message;
	while ((message = buzz_queue_pop(worker->queue, 0))) {
		if (message->type == BUZZ_MESSAGE_DETACH)
			buzz_session_unref(message->session);
		buzz_message_free(message);
	}
}

void buzz_workers_stop(void)
{
	for (guint i = 0; i < worker_count; i++)
		buzz_queue_push_always(workers[i].queue, buzz_message_new(BUZZ_MESSAGE_STOP, NULL));
	for (guint i = 0; i < worker_count; i++)
		pthread_join(workers[i].thread, NULL);
	for (guint i = 0; i < worker_count; i++) {
		g_hash_table_unref(workers[i].halls);
		buzz_keyframes_free(workers[i].keyframes);
		g_ptr_array_unref(workers[i].holding);
		g_ptr_array_unref(workers[i].stashing);
		drop_queue(&workers[i]);
		buzz_queue_free(workers[i].queue);
	}
	g_free(workers);
	workers = NULL;
	worker_count = 0;
}

/* Binds the session to the worker of the room, once, and takes what waited for that. */
static struct buzz_worker *bind(struct buzz_session *session, const struct buzz_room_key *key, GQueue *stash)
{
	BUZZ_LOCK_SCOPE(&session->lock);
	if (!session->worker && !session->closed) {
		session->worker = &workers[buzz_room_key_hash(key) % worker_count];
		session->key = *key;
		atomic_store(&session->poke, session->worker);
		*stash = session->stash;
		g_queue_init(&session->stash);
	}
	return session->worker;
}

/* The worker. NULL when there is none: a numbered request that may have overtaken the one that binds the handle was stashed,
 * any other is still the caller's, and *error is set. *watch: a worker must look after the stash from now on. */
static struct buzz_worker *bound(struct buzz_message *message, bool *watch, struct buzz_error *error)
{
	struct buzz_session *session = message->session;
	BUZZ_LOCK_SCOPE(&session->lock);
	if (session->worker)
		return session->worker;
	if ((message->seq <= 1 && message->request) || session->closed ||
	    g_queue_get_length(&session->stash) >= BUZZ_SEQ_WINDOW) {
		buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "join or subscribe first");
		return NULL;
	}
	*watch = message->request && !session->stash_watched;
	session->stash_watched |= *watch;
	g_queue_push_tail(&session->stash, message);
	/* the stash belongs to the session: it must not keep the session alive */
	buzz_session_unref(session);
	message->session = NULL;
	return NULL;
}

static int push(struct buzz_worker *worker, struct buzz_message *message, struct buzz_error *error)
{
	if (buzz_queue_push(worker->queue, message))
		return 0;
	buzz_message_free(message);
	return buzz_fail(error, BUZZ_ERROR_BUSY, NULL, "the server is busy; try again later");
}

/* A request that names a room: the first one binds the handle to it. */
static int bind_and_push(struct buzz_message *message, const struct buzz_room_key *key, struct buzz_error *error)
{
	struct buzz_session *session = message->session;
	GQueue stash = G_QUEUE_INIT;
	struct buzz_worker *worker = bind(session, key, &stash);
	if (!worker) {
		buzz_message_free(message);
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "the handle has ended");
	}
	buzz_session_ref(session);
	int code = push(worker, message, error);
	struct buzz_message *waiting;
	while ((waiting = g_queue_pop_head(&stash))) {
		waiting->session = buzz_session_ref(session);
		buzz_queue_push_always(worker->queue, waiting);
	}
	buzz_session_unref(session);
	return code;
}

/* Any other request. */
static int push_or_stash(struct buzz_message *message, struct buzz_error *error)
{
	struct buzz_session *session = message->session;
	bool watch = false;
	struct buzz_worker *worker = bound(message, &watch, error);
	if (worker)
		return push(worker, message, error);
	if (watch)
		buzz_queue_push_always(workers[session->handle % worker_count].queue,
				       buzz_message_new(BUZZ_MESSAGE_STASHED, session));
	if (error->code && message->seq && message->request) { /* its number is used up all the same */
		struct buzz_error ignored = {0};
		g_clear_pointer(&message->request, buzz_request_free);
		push_or_stash(message, &ignored);
	} else if (error->code) {
		buzz_message_free(message);
	}
	return error->code;
}

int buzz_workers_request(struct buzz_message *message, struct buzz_error *error)
{
	const struct buzz_room_key *key = named_room(message->request);
	message->arrived_ms = now();
	return key ? bind_and_push(message, key, error) : push_or_stash(message, error);
}

void buzz_workers_notify(struct buzz_message *message)
{
	struct buzz_worker *worker = atomic_load(&message->session->poke);
	if (worker)
		buzz_queue_push_always(worker->queue, message);
	else
		buzz_message_free(message);
}

struct buzz_summary buzz_workers_summary(void)
{
	return (struct buzz_summary){buzz_hall_rooms(), buzz_hall_participants()};
}
