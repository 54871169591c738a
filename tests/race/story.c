/* SPDX-License-Identifier: GPL-3.0-only */
/* Calls the plugin's callbacks as the core would and keeps what it says. The hooks run on the
 * plugin's threads; everything else on the test's. */
#include "story.h"
#include "peer.h"
#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>

struct pli {
	int64_t at_ms;
	int mindex;
};

/* Of one handle. */
struct record {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	GQueue events; /* struct heard * */
	GQueue plis;   /* struct pli * */
	struct heard *last; /* test thread */
	atomic_int slow_ms; /* of those with a description */
	atomic_bool holding, held;
	bool up, detached; /* test thread */
};

static GPtrArray *handles; /* struct fake_handle *, each with a reference */
static bool running;

int64_t story_now(void)
{
	return g_get_monotonic_time() / 1000;
}

static void heard_free(void *data)
{
	struct heard *heard = data;
	if (!heard)
		return;
	g_free(heard->transaction);
	json_decref(heard->body);
	g_free(heard->sdp);
	g_free(heard);
}

static void add(struct record *record, GQueue *queue, void *item)
{
	pthread_mutex_lock(&record->lock);
	g_queue_push_tail(queue, item);
	pthread_cond_broadcast(&record->changed);
	pthread_mutex_unlock(&record->lock);
}

/* The queue's oldest item, or NULL when none came in time. */
static void *take(struct record *record, GQueue *queue, int timeout_ms)
{
	int64_t deadline_us = g_get_real_time() + timeout_ms * 1000;
	struct timespec deadline = {deadline_us / 1000000, deadline_us % 1000000 * 1000};
	pthread_mutex_lock(&record->lock);
	while (g_queue_is_empty(queue) && pthread_cond_timedwait(&record->changed, &record->lock, &deadline) == 0)
		;
	void *item = g_queue_pop_head(queue);
	pthread_mutex_unlock(&record->lock);
	return item;
}

static void on_event(struct fake_handle *handle, const char *transaction, json_t *body, json_t *jsep)
{
	struct record *record = handle->user;
	int slow_ms = atomic_load(&record->slow_ms);
	struct heard *heard = g_new0(struct heard, 1);
	heard->at_ms = story_now();
	heard->transaction = g_strdup(transaction);
	heard->body = json_deep_copy(body);
	heard->sdp = g_strdup(json_string_value(json_object_get(jsep, "sdp")));
	if (slow_ms && jsep)
		g_usleep((gulong)slow_ms * 1000);
	/* a failed test releases nothing */
	while (atomic_load(&record->holding) && story_now() < heard->at_ms + STORY_WAIT_MS) {
		atomic_store(&record->held, true);
		g_usleep(1000);
	}
	add(record, &record->events, heard);
}

static void on_pli(struct fake_handle *handle, int mindex)
{
	struct record *record = handle->user;
	struct pli *pli = g_new(struct pli, 1);
	*pli = (struct pli){story_now(), mindex};
	add(record, &record->plis, pli);
}

int story_init(const char *settings)
{
	fake_hooks = (struct fake_hooks){.event = on_event, .pli = on_pli};
	g_autofree char *folder = g_dir_make_tmp("buzz-story-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(folder, "janus.plugin.buzz.jcfg", NULL);
	if (!folder || (settings && !g_file_set_contents(file, settings, -1, NULL)))
		fake_fail("cannot write %s", file);
	int result = create()->init(fake_callbacks(), folder);
	running = result == 0;
	if (running)
		handles = g_ptr_array_new();
	g_unlink(file);
	g_rmdir(folder);
	return result;
}

static void record_free(struct record *record)
{
	heard_free(record->last);
	g_queue_clear_full(&record->events, heard_free);
	g_queue_clear_full(&record->plis, g_free);
	g_free(record);
}

static int summary(const char *what)
{
	json_t *request = json_pack("{s:s}", "request", "summary");
	json_t *answer = create()->handle_admin_message(request);
	int value = (int)json_integer_value(json_object_get(answer, what));
	json_decref(answer);
	json_decref(request);
	return value;
}

void story_end(void)
{
	if (!running)
		return;
	running = false;
	for (guint i = 0; i < handles->len; i++)
		story_detach(handles->pdata[i]);
	for (int64_t deadline = story_now() + STORY_WAIT_MS; summary("sessions") > 0; g_usleep(1000)) {
		if (story_now() > deadline)
			fake_fail("%d sessions stay", summary("sessions"));
	}
	if (summary("participants") != 0)
		fake_fail("%d participants stay", summary("participants"));
	create()->destroy();
	for (guint i = 0; i < handles->len; i++) {
		struct fake_handle *handle = handles->pdata[i];
		record_free(handle->user);
		fake_handle_unref(handle);
	}
	g_ptr_array_unref(handles);
	fake_core_end();
}

struct fake_handle *story_attach(void)
{
	struct record *record = g_new0(struct record, 1);
	pthread_mutex_init(&record->lock, NULL);
	pthread_cond_init(&record->changed, NULL);
	struct fake_handle *handle = fake_handle_new(record);
	int error = 0;
	create()->create_session(&handle->janus, &error);
	if (error)
		fake_fail("create_session: %d", error);
	g_ptr_array_add(handles, handle);
	return handle;
}

void story_detach(struct fake_handle *handle)
{
	struct record *record = handle->user;
	int error = 0;
	if (record->detached)
		return;
	record->detached = true;
	g_atomic_int_set(&handle->janus.stopped, 1);
	if (record->up)
		create()->hangup_media(&handle->janus);
	create()->destroy_session(&handle->janus, &error);
	if (error)
		fake_fail("destroy_session: %d", error);
}

janus_plugin_result_type story_say(struct fake_handle *handle, const char *transaction, json_t *body, json_t *jsep)
{
	janus_plugin_result *result = create()->handle_message(&handle->janus, g_strdup(transaction), body, jsep);
	janus_plugin_result_type type = result->type;
	janus_plugin_result_destroy(result);
	return type;
}

const struct heard *story_hear(struct fake_handle *handle, const char *name)
{
	struct record *record = handle->user;
	heard_free(record->last);
	record->last = take(record, &record->events, STORY_WAIT_MS);
	if (!record->last)
		fake_fail("handle %d: %s did not come", handle->number, name);
	const char *heard = json_string_value(json_object_get(record->last->body, "buzz"));
	if (!heard || strcmp(heard, name) != 0)
		fake_fail("handle %d: not %s but %s", handle->number, name, json_dumps(record->last->body, JSON_COMPACT));
	return record->last;
}

const struct heard *story_hear_answer(struct fake_handle *handle, const char *name, const char *transaction)
{
	const struct heard *heard = story_hear(handle, name);
	if (g_strcmp0(heard->transaction, transaction) != 0)
		fake_fail("handle %d: %s answers %s, not %s", handle->number, name, heard->transaction, transaction);
	return heard;
}

int story_hear_error(struct fake_handle *handle, const char *transaction)
{
	const struct heard *heard = story_hear_answer(handle, "error", transaction);
	return (int)json_integer_value(json_object_get(heard->body, "error_code"));
}

void story_hear_nothing(struct fake_handle *handle, int ms)
{
	struct record *record = handle->user;
	struct heard *heard = take(record, &record->events, ms);
	if (heard)
		fake_fail("handle %d: did not expect %s", handle->number, json_dumps(heard->body, JSON_COMPACT));
}

void story_slow(struct fake_handle *handle, int ms)
{
	struct record *record = handle->user;
	atomic_store(&record->slow_ms, ms);
}

void story_hold(struct fake_handle *handle)
{
	struct record *record = handle->user;
	atomic_store(&record->held, false);
	atomic_store(&record->holding, true);
}

void story_wait_held(struct fake_handle *handle)
{
	const struct record *record = handle->user;
	int64_t deadline = story_now() + STORY_WAIT_MS;
	while (!atomic_load(&record->held)) {
		if (story_now() > deadline)
			fake_fail("handle %d: nothing came to be held", handle->number);
		g_usleep(1000);
	}
}

void story_release(struct fake_handle *handle)
{
	struct record *record = handle->user;
	atomic_store(&record->holding, false);
}

int64_t story_pli(struct fake_handle *handle, int timeout_ms, int *mindex)
{
	struct record *record = handle->user;
	g_autofree struct pli *pli = take(record, &record->plis, timeout_ms);
	if (pli && mindex)
		*mindex = pli->mindex;
	return pli ? pli->at_ms : -1;
}

static void set_up(struct fake_handle *handle)
{
	((struct record *)handle->user)->up = true;
	create()->setup_media(&handle->janus);
}

struct fake_handle *story_join(const char *room, const char *link, const char *streams)
{
	struct fake_handle *pub = story_attach();
	story_say(pub, "join", peer_join(room, "Somebody", link, streams), streams[0] ? peer_offer(streams) : NULL);
	story_hear_answer(pub, "joined", "join");
	if (streams[0])
		set_up(pub);
	return pub;
}

/* The m-lines before the first one of video. */
static int first_video(const char *sdp)
{
	const char *video = strstr(sdp, "m=video");
	int count = 0;
	while ((sdp = strstr(sdp, "\nm=")) && ++sdp < video)
		count++;
	return count;
}

struct fake_handle *story_subscribe(const char *room, const char *link, int *video)
{
	struct fake_handle *sub = story_attach();
	story_say(sub, "subscribe", peer_subscribe(room, link), NULL);
	story_hear_answer(sub, "subscribed", "subscribe");
	const struct heard *offer = story_hear(sub, "offer");
	json_t *answer = peer_answer_to(offer->sdp);
	if (video)
		*video = first_video(offer->sdp);
	story_hear(sub, "slots");
	story_say(sub, "answer", peer_answer(1), answer);
	story_hear_answer(sub, "answered", "answer");
	set_up(sub);
	return sub;
}
