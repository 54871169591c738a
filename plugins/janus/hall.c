/* SPDX-License-Identifier: GPL-3.0-only */
/* Runs a room: the only place where a room's effects become calls. Worker thread. */
#include "hall.h"
#include "media.h"
#include "report_store.h"

static atomic_int rooms, participants, collecting;

int buzz_hall_rooms(void)
{
	return atomic_load(&rooms);
}

int buzz_hall_participants(void)
{
	return atomic_load(&participants);
}

int buzz_hall_collecting(void)
{
	return atomic_load(&collecting);
}

struct buzz_hall *buzz_hall_new(const struct buzz_room_key *key, const struct buzz_settings *settings,
				struct buzz_keyframes *keyframes)
{
	struct buzz_hall *hall = g_new0(struct buzz_hall, 1);
	hall->room = buzz_room_new(key, settings);
	hall->keyframes = keyframes;
	hall->sessions = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
					       (GDestroyNotify)buzz_session_unref);
	return hall;
}

void buzz_hall_free(struct buzz_hall *hall)
{
	GHashTableIter iterator;
	gpointer value;
	g_hash_table_iter_init(&iterator, hall->sessions);
	while (g_hash_table_iter_next(&iterator, NULL, &value)) {
		struct buzz_session *session = value;
		session->hall = NULL;
		buzz_media_forget(session);
	}
	g_hash_table_unref(hall->sessions);
	atomic_fetch_sub(&participants, (int)buzz_room_count(hall->room));
	if (hall->counted)
		atomic_fetch_sub(&rooms, 1);
	if (hall->collecting)
		atomic_fetch_sub(&collecting, 1);
	buzz_room_free(hall->room);
	g_free(hall);
}

void buzz_hall_enter(struct buzz_hall *hall, struct buzz_session *session)
{
	if (session->hall == hall)
		return;
	session->hall = hall;
	g_hash_table_insert(hall->sessions, &session->handle, buzz_session_ref(session));
}

void buzz_hall_exit(struct buzz_hall *hall, struct buzz_session *session)
{
	session->hall = NULL;
	buzz_media_forget(session);
	g_hash_table_remove(hall->sessions, &session->handle);
}

static struct buzz_session *find(const struct buzz_hall *hall, uint64_t handle)
{
	return g_hash_table_lookup(hall->sessions, &handle);
}

static void run(struct buzz_hall *hall, struct buzz_effect *effect, int64_t now_ms)
{
	struct buzz_session *session = find(hall, effect->handle);
	if (effect->type == BUZZ_EFFECT_STORE) /* also when whoever asked for it has left */
		buzz_report_store_put(g_steal_pointer(&effect->report), session);
	if (!session)
		return; /* it has ended; the core would refuse it */
	switch (effect->type) {
	case BUZZ_EFFECT_EVENT:
		buzz_outbox_send(session, effect->transaction, g_steal_pointer(&effect->body),
				 g_steal_pointer(&effect->sdp), effect->jsep);
		break;
	case BUZZ_EFFECT_DATA: {
		gsize length;
		const char *text = g_bytes_get_data(effect->text, &length);
		buzz_core_relay_text(session->janus, text, length);
		break;
	}
	case BUZZ_EFFECT_SOURCE:
		buzz_media_source(session, effect->mindex, &effect->source);
		break;
	case BUZZ_EFFECT_SOURCE_END:
		buzz_media_source_end(session, effect->mindex);
		break;
	case BUZZ_EFFECT_ROUTE:
		buzz_media_route(session, effect->mindex, effect->pub ? find(hall, effect->pub) : NULL,
				 effect->pub_mindex);
		break;
	case BUZZ_EFFECT_KEYFRAME:
		buzz_keyframes_want(hall->keyframes, session, effect->pub_mindex, now_ms);
		break;
	case BUZZ_EFFECT_CLOSE:
		buzz_core_close_pc(session->janus);
		break;
	case BUZZ_EFFECT_FORGET:
		session->spent = true;
		buzz_hall_exit(hall, session);
		break;
	case BUZZ_EFFECT_READ:
		buzz_report_store_read(buzz_room_key(hall->room), effect->report_id, effect->offset,
				       effect->transaction, session);
		break;
	case BUZZ_EFFECT_STORE:
		break; /* see above */
	}
}

static void count(struct buzz_hall *hall, int before)
{
	int now = (int)buzz_room_count(hall->room);
	atomic_fetch_add(&participants, now - before);
	if (now > 0 && !hall->counted) {
		hall->counted = true;
		atomic_fetch_add(&rooms, 1);
	}
	if (buzz_room_is_collecting(hall->room) != hall->collecting) {
		hall->collecting = !hall->collecting;
		atomic_fetch_add(&collecting, hall->collecting ? 1 : -1);
	}
}

/* The clock that clients measure theirs against: the wall clock as it was when the first room was stepped, carried on by the
 * monotonic one, so that lines keep their order when somebody sets the clock. */
static int64_t wall_clock(int64_t now_ms)
{
	static _Atomic int64_t offset_ms;
	int64_t none = 0, offset = atomic_load(&offset_ms);
	if (offset == 0) {
		offset = g_get_real_time() / 1000 - g_get_monotonic_time() / 1000;
		if (!atomic_compare_exchange_strong(&offset_ms, &none, offset))
			offset = none;
	}
	return now_ms + offset;
}

/* What the media plane counted of everyone here; the caller's. */
static GArray *counters(const struct buzz_hall *hall)
{
	GArray *list = g_array_new(FALSE, TRUE, sizeof(struct buzz_counter));
	GHashTableIter iterator;
	gpointer value;
	g_hash_table_iter_init(&iterator, hall->sessions);
	while (g_hash_table_iter_next(&iterator, NULL, &value))
		buzz_media_count(value, list);
	return list;
}

void buzz_hall_step(struct buzz_hall *hall, struct buzz_command *command)
{
	int before = (int)buzz_room_count(hall->room);
	GArray *effects = buzz_effects_new();
	GArray *counted = buzz_room_wants_counters(hall->room, command) ? counters(hall) : NULL;
	command->wall_ms = wall_clock(command->now_ms);
	command->counters = counted;
	buzz_room_step(hall->room, command, effects);
#ifdef BUZZ_DEBUG
	const char *broken = buzz_room_check(hall->room);
	if (broken)
		g_error("buzz: room invariant: %s", broken);
#endif
	count(hall, before);
	for (guint i = 0; i < effects->len; i++)
		run(hall, &g_array_index(effects, struct buzz_effect, i), command->now_ms);
	g_array_unref(effects);
	if (counted)
		g_array_unref(counted);
}

void buzz_hall_tick(struct buzz_hall *hall, int64_t now_ms)
{
	guint size = g_hash_table_size(hall->sessions);
	g_autofree struct buzz_heard *heard = g_new(struct buzz_heard, size + 1);
	size_t heard_count = 0;
	GHashTableIter iterator;
	gpointer value;
	g_hash_table_iter_init(&iterator, hall->sessions);
	while (g_hash_table_iter_next(&iterator, NULL, &value)) {
		struct buzz_session *session = value;
		buzz_media_tidy(session);
		heard[heard_count++] = (struct buzz_heard){
			.handle = session->handle,
			.heard_ms = atomic_load_explicit(&session->heard_ms, memory_order_relaxed),
			.audio_packets = atomic_load_explicit(&session->audio_packets, memory_order_relaxed),
			.video_packets = atomic_load_explicit(&session->video_packets, memory_order_relaxed),
		};
	}
	struct buzz_command command = {
		.type = BUZZ_COMMAND_TICK,
		.now_ms = now_ms,
		.unix_s = g_get_real_time() / G_USEC_PER_SEC,
		.heard = heard,
		.heard_count = heard_count,
	};
	buzz_hall_step(hall, &command);
}
