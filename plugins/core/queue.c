/* SPDX-License-Identifier: GPL-3.0-only */
/* A bounded queue between threads. */
#include "queue.h"
#include "lock.h"
#include <glib.h>
#include <time.h>

struct buzz_queue {
	struct buzz_lock lock;
	pthread_cond_t filled;
	GQueue items;
	size_t max;
};

struct buzz_queue *buzz_queue_new(size_t max)
{
	struct buzz_queue *queue = g_new0(struct buzz_queue, 1);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->filled, &monotonic);
	pthread_condattr_destroy(&monotonic);
	buzz_lock_init(&queue->lock);
	g_queue_init(&queue->items);
	queue->max = max;
	return queue;
}

void buzz_queue_free(struct buzz_queue *queue)
{
	g_assert(g_queue_is_empty(&queue->items));
	pthread_cond_destroy(&queue->filled);
	buzz_lock_clear(&queue->lock);
	g_free(queue);
}

static bool push(struct buzz_queue *queue, void *item, bool always)
{
	BUZZ_LOCK_SCOPE(&queue->lock);
	if (!always && g_queue_get_length(&queue->items) >= queue->max)
		return false;
	g_queue_push_tail(&queue->items, item);
	pthread_cond_signal(&queue->filled);
	return true;
}

bool buzz_queue_push(struct buzz_queue *queue, void *item)
{
	return push(queue, item, false);
}

void buzz_queue_push_always(struct buzz_queue *queue, void *item)
{
	push(queue, item, true);
}

void *buzz_queue_pop(struct buzz_queue *queue, int64_t timeout_ms)
{
	struct timespec deadline;
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += timeout_ms / 1000;
	deadline.tv_nsec += (timeout_ms % 1000) * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000;
	}
	BUZZ_LOCK_SCOPE(&queue->lock);
	while (g_queue_is_empty(&queue->items)) {
		if (buzz_lock_wait(&queue->lock, &queue->filled, &deadline))
			return NULL;
	}
	return g_queue_pop_head(&queue->items);
}
