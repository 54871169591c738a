/* SPDX-License-Identifier: GPL-3.0-only */
/* The worker's half of the media plane; relay.c is the other. */
#include "media.h"

static _Atomic uint64_t last_route;

static void line_unref(void *data)
{
	struct buzz_line *line = data;
	if (atomic_fetch_sub_explicit(&line->references, 1, memory_order_acq_rel) != 1)
		return;
	buzz_session_unref(line->sub);
	g_free(line);
}

static void plan_free(struct buzz_plan *plan)
{
	if (!plan)
		return;
	for (guint i = 0; i < plan->count; i++)
		line_unref(plan->lines[i]);
	g_free(plan);
}

static void free_retired(struct buzz_uptrack *uptrack)
{
	struct buzz_plan *plan = atomic_exchange_explicit(&uptrack->retired, NULL, memory_order_acquire);
	while (plan) {
		struct buzz_plan *next = plan->next;
		plan_free(plan);
		plan = next;
	}
}

/* Posts a plan made from the worker's fields. One that was not taken yet is replaced. */
static void post(struct buzz_uptrack *uptrack)
{
	struct buzz_plan *plan = g_malloc0(sizeof(*plan) + uptrack->lines->len * sizeof(plan->lines[0]));
	plan->version = uptrack->version;
	plan->active = uptrack->active;
	plan->source = uptrack->source;
	plan->count = uptrack->lines->len;
	for (guint i = 0; i < plan->count; i++) {
		plan->lines[i] = uptrack->lines->pdata[i];
		atomic_fetch_add_explicit(&plan->lines[i]->references, 1, memory_order_relaxed);
	}
	plan_free(atomic_exchange_explicit(&uptrack->mailbox, plan, memory_order_acq_rel));
	free_retired(uptrack);
}

struct buzz_plan *buzz_media_plan(struct buzz_uptrack *uptrack)
{
	if (!atomic_load_explicit(&uptrack->mailbox, memory_order_relaxed))
		return uptrack->plan;
	struct buzz_plan *fresh = atomic_exchange_explicit(&uptrack->mailbox, NULL, memory_order_acq_rel);
	struct buzz_plan *old = uptrack->plan;
	if (!fresh)
		return old;
	uptrack->plan = fresh;
	if (old) {
		old->next = atomic_load_explicit(&uptrack->retired, memory_order_relaxed);
		while (!atomic_compare_exchange_weak_explicit(&uptrack->retired, &old->next, old,
							      memory_order_release, memory_order_relaxed))
			;
	}
	if (uptrack->layers_version != fresh->version) {
		const char *rids[BUZZ_LAYERS_MAX];
		for (int i = 0; i < BUZZ_LAYERS_MAX; i++)
			rids[i] = fresh->source.rids[i];
		buzz_layers_init(&uptrack->layers, rids, fresh->source.layers > 1 ? fresh->source.layers : 0);
		uptrack->layers_version = fresh->version;
	}
	return fresh;
}

static struct buzz_uptrack *uptrack_of(struct buzz_session *pub, int mindex)
{
	struct buzz_uptrack *uptrack = atomic_load_explicit(&pub->uptracks[mindex], memory_order_relaxed);
	if (uptrack)
		return uptrack;
	uptrack = g_new0(struct buzz_uptrack, 1);
	uptrack->lines = g_ptr_array_new_with_free_func(line_unref);
	atomic_store_explicit(&pub->uptracks[mindex], uptrack, memory_order_release);
	return uptrack;
}

static struct buzz_feed *feed_of(struct buzz_session *sub, int mindex)
{
	struct buzz_feed *feed = atomic_load_explicit(&sub->feeds[mindex], memory_order_relaxed);
	if (feed)
		return feed;
	feed = g_new0(struct buzz_feed, 1);
	/* RFC 3550 section 5.1 asks for random starts; below 2^15 they cannot wrap before SRTP has synchronised */
	buzz_timeline_init(&feed->timeline, (uint16_t)g_random_int_range(1, 1 << 15), g_random_int());
	atomic_store_explicit(&sub->feeds[mindex], feed, memory_order_release);
	return feed;
}

static bool same_layers(const struct buzz_source *a, const struct buzz_source *b)
{
	if (a->layers != b->layers)
		return false;
	for (int i = 0; i < BUZZ_LAYERS_MAX; i++) {
		if (strcmp(a->rids[i], b->rids[i]) != 0)
			return false;
	}
	return true;
}

static bool same_source(const struct buzz_source *a, const struct buzz_source *b)
{
	return a->codec == b->codec && a->payload_type == b->payload_type &&
	       a->rid_extension == b->rid_extension && same_layers(a, b);
}

void buzz_media_source(struct buzz_session *pub, int mindex, const struct buzz_source *source)
{
	struct buzz_uptrack *uptrack = uptrack_of(pub, mindex);
	if (uptrack->active && same_source(&uptrack->source, source))
		return;
	/* the SSRCs of layers that stay are kept: a browser names a layer only in the first packets of its SSRC */
	if (uptrack->version == 0 || !same_layers(&uptrack->source, source))
		uptrack->version++;
	uptrack->active = true;
	uptrack->source = *source;
	post(uptrack);
}

static void end_source(struct buzz_uptrack *uptrack)
{
	if (!uptrack->active)
		return;
	uptrack->active = false;
	g_ptr_array_set_size(uptrack->lines, 0);
	post(uptrack);
}

void buzz_media_source_end(struct buzz_session *pub, int mindex)
{
	end_source(uptrack_of(pub, mindex));
}

static void set_source(struct buzz_feed *feed, struct buzz_session *pub, int pub_mindex)
{
	if (feed->source)
		buzz_session_unref(feed->source);
	feed->source = pub ? buzz_session_ref(pub) : NULL;
	feed->source_mindex = pub_mindex;
}

/* At once rather than by the next tidying: an emptied slot that is filled again must not be led by its old source. */
static void drop_lines(struct buzz_uptrack *uptrack, const struct buzz_feed *feed)
{
	guint before = uptrack->lines->len;
	for (guint i = 0; i < uptrack->lines->len;) {
		const struct buzz_line *line = uptrack->lines->pdata[i];
		if (line->route.timeline == &feed->timeline)
			g_ptr_array_remove_index_fast(uptrack->lines, i);
		else
			i++;
	}
	if (uptrack->lines->len != before)
		post(uptrack);
}

void buzz_media_route(struct buzz_session *sub, int mindex, struct buzz_session *pub, int pub_mindex)
{
	struct buzz_feed *feed = feed_of(sub, mindex);
	if (!pub) {
		atomic_store_explicit(&feed->timeline.wanted, 0, memory_order_release);
		if (feed->source)
			drop_lines(uptrack_of(feed->source, feed->source_mindex), feed);
		set_source(feed, NULL, 0);
		return;
	}
	struct buzz_uptrack *uptrack = uptrack_of(pub, pub_mindex);
	struct buzz_line *line = g_new0(struct buzz_line, 1);
	uint64_t id = atomic_fetch_add(&last_route, 1) + 1;
	atomic_init(&line->references, 1);
	buzz_route_init(&line->route, id, &feed->timeline, uptrack->source.codec);
	line->sub = buzz_session_ref(sub);
	line->mindex = mindex;
	line->layer = -1;
	set_source(feed, pub, pub_mindex);
	atomic_store_explicit(&feed->timeline.wanted, id, memory_order_release);
	g_ptr_array_add(uptrack->lines, line);
	post(uptrack);
}

void buzz_media_forget(struct buzz_session *session)
{
	for (int i = 0; i < BUZZ_MINDEX_MAX; i++) {
		struct buzz_uptrack *uptrack = atomic_load_explicit(&session->uptracks[i], memory_order_relaxed);
		if (uptrack)
			end_source(uptrack);
		struct buzz_feed *feed = atomic_load_explicit(&session->feeds[i], memory_order_relaxed);
		if (feed)
			buzz_media_route(session, i, NULL, 0);
	}
}

void buzz_media_tidy(struct buzz_session *session)
{
	for (int i = 0; i < BUZZ_MINDEX_MAX; i++) {
		struct buzz_uptrack *uptrack = atomic_load_explicit(&session->uptracks[i], memory_order_relaxed);
		if (!uptrack)
			continue;
		guint before = uptrack->lines->len;
		for (guint j = 0; j < uptrack->lines->len;) {
			const struct buzz_line *line = uptrack->lines->pdata[j];
			if (buzz_route_alive(&line->route))
				j++;
			else
				g_ptr_array_remove_index_fast(uptrack->lines, j);
		}
		if (uptrack->lines->len != before)
			post(uptrack);
		else
			free_retired(uptrack);
	}
}

static void append_count(GArray *counters, struct buzz_counter counter, const struct buzz_count *count)
{
	counter.packets = atomic_load_explicit(&count->packets, memory_order_relaxed);
	counter.bytes = atomic_load_explicit(&count->bytes, memory_order_relaxed);
	counter.switches = atomic_load_explicit(&count->switches, memory_order_relaxed);
	g_array_append_val(counters, counter);
}

void buzz_media_count(struct buzz_session *pub, GArray *counters)
{
	for (int i = 0; i < BUZZ_MINDEX_MAX; i++) {
		const struct buzz_uptrack *uptrack = atomic_load_explicit(&pub->uptracks[i], memory_order_relaxed);
		if (!uptrack || !uptrack->active)
			continue;
		struct buzz_counter counter = {
			.pub = pub->handle, .mindex = i, .keyframes = uptrack->keyframes_asked};
		append_count(counters, counter, &uptrack->count);
		for (guint j = 0; j < uptrack->lines->len; j++) {
			const struct buzz_line *line = uptrack->lines->pdata[j];
			counter.sub = line->sub->handle;
			counter.slot = line->mindex;
			append_count(counters, counter, &line->count);
		}
	}
}

void buzz_media_free(struct buzz_session *session)
{
	for (int i = 0; i < BUZZ_MINDEX_MAX; i++) {
		struct buzz_uptrack *uptrack = atomic_load_explicit(&session->uptracks[i], memory_order_acquire);
		if (uptrack) {
			plan_free(uptrack->plan);
			plan_free(atomic_load(&uptrack->mailbox));
			free_retired(uptrack);
			g_ptr_array_unref(uptrack->lines);
			g_free(uptrack);
		}
		struct buzz_feed *feed = atomic_load_explicit(&session->feeds[i], memory_order_acquire);
		if (feed) {
			set_source(feed, NULL, 0);
			g_free(feed);
		}
	}
}
