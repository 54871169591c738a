/* SPDX-License-Identifier: GPL-3.0-only */
/* One publisher, 25 subscribers, 2,000 packets: on the way from incoming_rtp to relay_rtp nothing is allocated and nothing is
 * locked. DESIGN: malloc and its kin, and pthread_mutex_lock, are replaced by ones that count on the thread that asks them to.
 * Instructions per forwarded packet, for comparison:
 *	valgrind --tool=callgrind --toggle-collect=buzz_incoming_rtp tests/race/hotpath */
#define _GNU_SOURCE
#include "peer.h"
#include "story.h"
#include <dlfcn.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#define VIEWERS 25
#define PACKETS 2000
#define WARM_UP 200

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_MALLOC 0 /* the sanitizer has replaced malloc already */
#else
#define COUNTS_MALLOC 1
#endif

static _Thread_local bool counting;
static _Thread_local long allocations, locks;

/* GLib must find these too. */
#pragma GCC visibility push(default)
#if COUNTS_MALLOC
/* glibc's own names for them (malloc/malloc.c) */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
	allocations += counting;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations += counting;
	return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	allocations += counting;
	return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
	allocations += counting;
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	allocations += counting;
	*memory = __libc_memalign(alignment, size);
	return *memory ? 0 : 12; /* ENOMEM */
}

void free(void *memory)
{
	allocations += counting && memory;
	__libc_free(memory);
}
#endif

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	static _Atomic(int (*)(pthread_mutex_t *)) next;
	int (*lock)(pthread_mutex_t *) = atomic_load(&next);
	if (!lock) {
		lock = (int (*)(pthread_mutex_t *))dlsym(RTLD_NEXT, "pthread_mutex_lock");
		atomic_store(&next, lock);
	}
	locks += counting;
	return lock(mutex);
}
#pragma GCC visibility pop

/* That what is counted below is really counted. */
static void check_counters(void)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	counting = true;
	g_free(g_malloc(1));
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	counting = false;
	if (allocations != 2 * COUNTS_MALLOC || locks != 1)
		fake_fail("the counters count %ld allocations and %ld locks", allocations, locks);
}

static long relayed;

static void on_rtp(struct fake_handle *handle, const janus_plugin_rtp *packet)
{
	(void)handle;
	(void)packet;
	relayed++;
}

static atomic_bool keyframe; /* the next picture is one */

static void send(struct fake_handle *pub, struct peer_track *track, int count)
{
	uint8_t buffer[PEER_PACKET];
	for (int i = 0; i < count; i++) {
		size_t length = peer_packet(track, 'v', &keyframe, (struct peer_tag){0, 0}, buffer);
		janus_plugin_rtp packet = {.video = TRUE, .buffer = (char *)buffer, .length = (uint16_t)length};
		counting = true;
		create()->incoming_rtp(&pub->janus, &packet);
		counting = false;
	}
}

/* Until every route is there and leads. */
static void warm_up(struct fake_handle *pub, struct peer_track *track)
{
	int64_t deadline = story_now() + STORY_WAIT_MS;
	for (int steady = 0; steady < WARM_UP;) {
		keyframe = steady == 0;
		relayed = 0;
		send(pub, track, 1);
		if (relayed == VIEWERS)
			steady++;
		else if (relayed > 0) /* otherwise it was padding */
			steady = 0;
		if (story_now() > deadline)
			fake_fail("the last packet went to %ld of %d viewers", relayed, VIEWERS);
	}
}

int main(void)
{
	check_counters();
	if (story_init("liveness: { seat = 0; }")) /* whoever goes has left */
		fake_fail("init: %s", fake_log);
	fake_hooks.rtp = on_rtp;
	struct fake_handle *pub = story_join("r", "the-publishers-link", "v");
	for (int i = 0; i < VIEWERS; i++) {
		g_autofree char *link = g_strdup_printf("link-of-viewer-%02d", i);
		story_join("r", link, "");
		story_subscribe("r", link, NULL);
	}
	struct peer_track track = {0};
	warm_up(pub, &track);
	relayed = allocations = locks = 0;
	send(pub, &track, PACKETS);
	long forwarded = relayed, allocated = allocations, locked = locks;
	story_end();
	if (forwarded < PACKETS * VIEWERS * 9 / 10)
		fake_fail("only %ld packets were forwarded", forwarded);
	if (allocated || locked)
		fake_fail("%ld allocations and %ld locks for %ld packets", allocated, locked, forwarded);
	printf("%ld packets forwarded, no lock", forwarded);
	puts(COUNTS_MALLOC ? ", no allocation" : "; allocations are not counted under a sanitizer");
	return COUNTS_MALLOC ? 0 : 77; /* automake: skipped */
}
