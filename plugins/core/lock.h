/* SPDX-License-Identifier: GPL-3.0-only */
/* A mutex that is only ever held for a scope. Every lock is a leaf: a thread holds at most one, and none while it calls the
 * Janus core; debug builds (BUZZ_DEBUG) abort otherwise. pthread rather than GMutex, because ThreadSanitizer cannot
 * see GLib's. */
#pragma once
#include <pthread.h>

struct buzz_lock {
	pthread_mutex_t mutex;
};

void buzz_lock_init(struct buzz_lock *lock);
void buzz_lock_clear(struct buzz_lock *lock);
struct buzz_lock *buzz_lock_acquire(struct buzz_lock *lock);
void buzz_lock_release(struct buzz_lock **lock);
/* Aborts a debug build when the calling thread holds a lock. */
void buzz_lock_assert_none(void);
/* For waiting on a condition with the lock held: as pthread_cond_timedwait. */
int buzz_lock_wait(struct buzz_lock *lock, pthread_cond_t *condition, const struct timespec *deadline);

/* Holds the lock until the end of the enclosing scope. */
#define BUZZ_LOCK_SCOPE(lock)                                                                      \
	__attribute__((cleanup(buzz_lock_release), unused)) struct buzz_lock *buzz_scope_lock =    \
		buzz_lock_acquire(lock)
