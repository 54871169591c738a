/* SPDX-License-Identifier: GPL-3.0-only */
/* A bounded queue from many threads to one or more: how work reaches a worker. Overflow is refused, which is the defence
 * against floods; what must not be lost (a handle that ended) is pushed beyond the bound. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buzz_queue;

/* max: how many items may wait. */
struct buzz_queue *buzz_queue_new(size_t max);
/* The queue must be empty and unused. */
void buzz_queue_free(struct buzz_queue *queue);
/* False when full. Any thread. */
bool buzz_queue_push(struct buzz_queue *queue, void *item);
/* Never refuses. Any thread. */
void buzz_queue_push_always(struct buzz_queue *queue, void *item);
/* The oldest item, or NULL when none came within timeout_ms (at least 0). */
void *buzz_queue_pop(struct buzz_queue *queue, int64_t timeout_ms);
