/* SPDX-License-Identifier: GPL-3.0-only */
/* Scope-bound leaf locks. Any thread. */
#include "lock.h"
#include <stdio.h>
#include <stdlib.h>

#ifdef BUZZ_DEBUG
static _Thread_local int held;

static void note(int change, const char *rule)
{
	if (rule && held != 0) {
		fprintf(stderr, "buzz: lock discipline: %s\n", rule);
		abort();
	}
	held += change;
}
#else
static void note(int change, const char *rule)
{
	(void)change;
	(void)rule;
}
#endif

void buzz_lock_init(struct buzz_lock *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
}

void buzz_lock_clear(struct buzz_lock *lock)
{
	pthread_mutex_destroy(&lock->mutex);
}

struct buzz_lock *buzz_lock_acquire(struct buzz_lock *lock)
{
	note(1, "a second lock was taken");
	pthread_mutex_lock(&lock->mutex);
	return lock;
}

void buzz_lock_release(struct buzz_lock **lock)
{
	pthread_mutex_unlock(&(*lock)->mutex);
	note(-1, NULL);
}

void buzz_lock_assert_none(void)
{
	note(0, "the core was called with a lock held");
}

int buzz_lock_wait(struct buzz_lock *lock, pthread_cond_t *condition, const struct timespec *deadline)
{
	return pthread_cond_timedwait(condition, &lock->mutex, deadline);
}
