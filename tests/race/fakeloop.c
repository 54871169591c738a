/* SPDX-License-Identifier: GPL-3.0-only */
/* Threads that call the plugin as Janus's do. DESIGN: a handle belongs to one loop for life, and
 * everything about its PeerConnection and its end is done there, in the order in which it was asked
 * for. The pool's threads nap at random, so that messages overtake each other. */
#include "fakeloop.h"
#include "queue.h"
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOPS_MAX 8
#define POOL_MAX 8
#define IDLE_MS 2
#define NAP_US 3000 /* of the pool, at most */

enum job_type { JOB_ATTACHED, JOB_SETUP, JOB_HANGUP, JOB_DESTROY, JOB_STOP };

struct job {
	enum job_type type;
	struct fake_handle *handle; /* holds a reference */
};

struct message {
	struct fake_handle *handle; /* holds a reference; NULL ends a thread of the pool */
	char *transaction;
	json_t *body, *jsep;
};

struct fake_loop {
	pthread_t thread;
	struct buzz_queue *jobs;
	GPtrArray *handles; /* loop thread: struct fake_handle *, those not destroyed; each with the core's own reference */
};

static struct fake_loop loops[LOOPS_MAX];
static int loop_count, pool_count;
static atomic_uint next_loop;
static void (*on_idle)(struct fake_handle *handle);
static pthread_t pool[POOL_MAX], admin;
static struct buzz_queue *messages;
static atomic_bool ending;
/* For the admin thread: some handle of late, with a reference. */
static pthread_mutex_t recent_lock = PTHREAD_MUTEX_INITIALIZER;
static struct fake_handle *recent;

static void destroy_handle(struct fake_loop *loop, struct fake_handle *handle)
{
	int error = 0;
	if (handle->up)
		create()->hangup_media(&handle->janus);
	create()->destroy_session(&handle->janus, &error);
	if (error)
		fake_fail("destroy_session of handle %d: %d", handle->number, error);
	handle->up = false;
	g_ptr_array_remove_fast(loop->handles, handle);
	fake_handle_unref(handle);
}

/* False: the thread ends. */
static bool do_job(struct fake_loop *loop, struct job *job)
{
	struct fake_handle *handle = job->handle;
	bool ended = handle && !g_ptr_array_find(loop->handles, handle, NULL);
	switch (job->type) {
	case JOB_ATTACHED:
		g_ptr_array_add(loop->handles, handle);
		break;
	case JOB_SETUP:
		if (ended || handle->up || g_atomic_int_get(&handle->janus.stopped))
			break;
		handle->up = true;
		create()->setup_media(&handle->janus);
		break;
	case JOB_HANGUP:
		if (ended)
			break;
		handle->up = false;
		create()->hangup_media(&handle->janus);
		break;
	case JOB_DESTROY:
		destroy_handle(loop, handle);
		break;
	case JOB_STOP:
		return false;
	}
	return true;
}

static void *loop_run(void *data)
{
	struct fake_loop *loop = data;
	int64_t idle_us = 0;
	for (bool go_on = true; go_on;) {
		struct job *job = buzz_queue_pop(loop->jobs, 1);
		if (job) {
			go_on = do_job(loop, job);
			if (job->handle)
				fake_handle_unref(job->handle);
			g_free(job);
		}
		if (g_get_monotonic_time() < idle_us)
			continue;
		for (guint i = 0; i < loop->handles->len; i++) {
			struct fake_handle *handle = loop->handles->pdata[i];
			if (handle->up && !g_atomic_int_get(&handle->janus.stopped))
				on_idle(handle);
		}
		idle_us = g_get_monotonic_time() + IDLE_MS * 1000;
	}
	return NULL;
}

static void post(struct fake_loop *loop, enum job_type type, struct fake_handle *handle)
{
	struct job *job = g_new0(struct job, 1);
	job->type = type;
	job->handle = handle;
	if (handle)
		fake_handle_ref(handle);
	buzz_queue_push_always(loop->jobs, job);
}

static void *pool_run(void *data)
{
	unsigned seed = (unsigned)(uintptr_t)data;
	for (;;) {
		struct message *message = buzz_queue_pop(messages, 1000);
		if (!message)
			continue;
		struct fake_handle *handle = message->handle;
		if (handle) {
			if (rand_r(&seed) % 2)
				usleep((useconds_t)rand_r(&seed) % NAP_US);
			janus_plugin_result_destroy(create()->handle_message(
				&handle->janus, message->transaction, message->body, message->jsep));
			fake_handle_unref(handle);
		}
		g_free(message);
		if (!handle)
			return NULL;
	}
}

/* Takes the recent handle, with its reference, or puts another one there. */
static struct fake_handle *exchange_recent(struct fake_handle *handle)
{
	pthread_mutex_lock(&recent_lock);
	struct fake_handle *before = recent;
	recent = handle;
	pthread_mutex_unlock(&recent_lock);
	return before;
}

static void *admin_run(void *unused)
{
	(void)unused;
	json_t *summary = json_pack("{s:s}", "request", "summary");
	while (!atomic_load(&ending)) {
		struct fake_handle *handle = exchange_recent(NULL);
		for (int i = 0; handle && i < 20; i++) {
			json_t *info = create()->query_session(&handle->janus);
			if (!json_is_object(info))
				fake_fail("query_session gave no object");
			json_decref(info);
			usleep(500);
		}
		if (handle)
			fake_handle_unref(handle);
		json_decref(create()->handle_admin_message(summary));
		usleep(500);
	}
	json_decref(summary);
	return NULL;
}

void fake_threads_start(int wanted_loops, int wanted_pool, void (*idle)(struct fake_handle *handle))
{
	loop_count = wanted_loops;
	pool_count = wanted_pool;
	on_idle = idle;
	messages = buzz_queue_new(SIZE_MAX);
	for (int i = 0; i < loop_count; i++) {
		loops[i].jobs = buzz_queue_new(SIZE_MAX);
		loops[i].handles = g_ptr_array_new();
		pthread_create(&loops[i].thread, NULL, loop_run, &loops[i]);
	}
	for (int i = 0; i < pool_count; i++)
		pthread_create(&pool[i], NULL, pool_run, (void *)(uintptr_t)(i + 1));
	pthread_create(&admin, NULL, admin_run, NULL);
}

void fake_threads_stop(void)
{
	atomic_store(&ending, true);
	pthread_join(admin, NULL);
	for (int i = 0; i < pool_count; i++)
		buzz_queue_push_always(messages, g_new0(struct message, 1));
	for (int i = 0; i < pool_count; i++)
		pthread_join(pool[i], NULL);
	buzz_queue_free(messages);
	for (int i = 0; i < loop_count; i++) {
		post(&loops[i], JOB_STOP, NULL);
		pthread_join(loops[i].thread, NULL);
		if (loops[i].handles->len > 0)
			fake_fail("%u handles were not detached", loops[i].handles->len);
		g_ptr_array_unref(loops[i].handles);
		buzz_queue_free(loops[i].jobs);
	}
	struct fake_handle *handle = exchange_recent(NULL);
	if (handle)
		fake_handle_unref(handle);
}

struct fake_handle *fake_attach(void *user)
{
	struct fake_handle *handle = fake_handle_new(user);
	int error = 0;
	create()->create_session(&handle->janus, &error);
	if (error)
		fake_fail("create_session: %d", error);
	handle->loop = &loops[atomic_fetch_add(&next_loop, 1) % (unsigned)loop_count];
	fake_handle_ref(handle); /* the caller's */
	post(handle->loop, JOB_ATTACHED, handle);
	fake_handle_ref(handle);
	struct fake_handle *before = exchange_recent(handle);
	if (before)
		fake_handle_unref(before);
	return handle;
}

void fake_message(struct fake_handle *handle, const char *transaction, json_t *body, json_t *jsep)
{
	struct message *message = g_new0(struct message, 1);
	fake_handle_ref(handle);
	*message = (struct message){handle, g_strdup(transaction), body, jsep};
	buzz_queue_push_always(messages, message);
}

void fake_setup(struct fake_handle *handle)
{
	post(handle->loop, JOB_SETUP, handle);
}

void fake_hangup(struct fake_handle *handle)
{
	post(handle->loop, JOB_HANGUP, handle);
}

void fake_detach(struct fake_handle *handle)
{
	if (atomic_exchange(&handle->detaching, true))
		return;
	g_atomic_int_set(&handle->janus.stopped, 1);
	post(handle->loop, JOB_DESTROY, handle);
}
