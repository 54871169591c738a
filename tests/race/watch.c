/* SPDX-License-Identifier: GPL-3.0-only */
/* The rules of docs/protocol.md that concern order, and those of RTP that concern continuity.
 * Events: the thread that pushes the handle's event. Packets: the publishers' loop threads. */
#include "watch.h"
#include "codec.h"
#include "peer.h"
#include "rtp.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct watch_counts watch_counts;

struct client *client_new(bool is_pub, uint8_t room, uint32_t person)
{
	struct client *client = g_new0(struct client, 1);
	client->is_pub = is_pub;
	client->room = room;
	client->person = person;
	client->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	client->answered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return client;
}

void client_free(struct client *client)
{
	g_hash_table_unref(client->known);
	g_hash_table_unref(client->answered);
	g_free(client->id);
	g_free(client->offer);
	g_free(client);
}

/* --- events ------------------------------------------------------------------------------------- */

void watch_transaction(char *text, size_t size, const struct fake_handle *handle, unsigned number, unsigned note)
{
	g_snprintf(text, size, "%d-%u-%u", handle->number, number, note);
}

unsigned watch_note(const char *transaction)
{
	return (unsigned)strtoul(strrchr(transaction, '-') + 1, NULL, 10);
}

static const char *text_of(const json_t *body, const char *name)
{
	return json_string_value(json_object_get(body, name));
}

static void check(bool holds, const struct fake_handle *handle, const json_t *body, const char *rule)
{
	if (holds)
		return;
	char *text = json_dumps(body, JSON_COMPACT);
	fake_fail("handle %d: %s: %s", handle->number, rule, text);
}

/* 0 present, 1 silent, 2 away. */
static int presence_of(const json_t *body)
{
	const char *reason = text_of(body, "reason");
	return !reason ? 0 : strcmp(reason, "silent") == 0 ? 1 : 2;
}

static void meet(struct fake_handle *handle, struct client *client, const json_t *body, const json_t *participant)
{
	const char *id = text_of(participant, "id");
	check(id && strcmp(id, client->id) != 0, handle, body, "is announced to itself");
	check(!g_hash_table_contains(client->known, id), handle, body, "somebody joined twice");
	g_hash_table_insert(client->known, g_strdup(id), GINT_TO_POINTER(presence_of(participant)));
}

static void joined(struct fake_handle *handle, struct client *client, const char *transaction, const json_t *body)
{
	const json_t *participant = json_object_get(body, "participant");
	if (participant) {
		check(client->began && !transaction, handle, body, "somebody joined before it did");
		meet(handle, client, body, participant);
		return;
	}
	check(!client->began && transaction, handle, body, "joined twice, or without asking");
	client->began = true;
	client->id = g_strdup(text_of(body, "id"));
	size_t index;
	json_t *other;
	json_array_foreach(json_object_get(body, "participants"), index, other)
		meet(handle, client, body, other);
	atomic_fetch_add(&watch_counts.joins, 1);
}

static void left(struct fake_handle *handle, struct client *client, const json_t *body)
{
	const char *id = text_of(body, "participant");
	check(client->began, handle, body, "somebody left before it joined");
	if (strcmp(id, client->id) == 0)
		client->ended = true;
	else
		check(g_hash_table_remove(client->known, id), handle, body, "a stranger left");
	atomic_fetch_add(&watch_counts.lefts, 1);
}

static void interrupted(struct fake_handle *handle, struct client *client, const json_t *body)
{
	int now = presence_of(body);
	const char *id = text_of(body, "participant");
	gpointer before;
	if (strcmp(id, client->id) == 0) {
		check(client->began, handle, body, "is not in");
		return; /* the server does not hear it */
	}
	check(g_hash_table_lookup_extended(client->known, id, NULL, &before), handle, body, "a stranger");
	check(GPOINTER_TO_INT(before) != now, handle, body, "nothing has changed");
	g_hash_table_insert(client->known, g_strdup(id), GINT_TO_POINTER(now));
	atomic_fetch_add(&watch_counts.interruptions, 1);
}

static void pub_event(struct fake_handle *handle, struct client *client, const char *transaction, const json_t *body)
{
	const char *name = text_of(body, "buzz");
	check(!client->ended, handle, body, "comes after its own left");
	if (strcmp(name, "joined") == 0) {
		joined(handle, client, transaction, body);
	} else if (strcmp(name, "published") == 0) {
		check(client->began && transaction, handle, body, "was not asked for");
	} else if (strcmp(name, "streams") == 0) {
		check(g_hash_table_contains(client->known, text_of(body, "participant")), handle, body, "a stranger");
		atomic_fetch_add(&watch_counts.streams, 1);
	} else if (strcmp(name, "left") == 0) {
		left(handle, client, body);
	} else if (strcmp(name, "interrupted") == 0 || strcmp(name, "resumed") == 0) {
		interrupted(handle, client, body);
	} else if (strcmp(name, "channel") == 0) {
		check(client->began && !transaction, handle, body, "comes to somebody outside");
	} else if (strcmp(name, "relay") == 0) {
		const char *from = text_of(body, "from");
		check(client->began && !transaction, handle, body, "comes to somebody outside");
		check(g_hash_table_contains(client->known, from) || strcmp(from, client->id) == 0, handle, body, "a stranger");
	} else if (strcmp(name, "synced") == 0) {
		check(client->began && transaction, handle, body, "was not asked for");
		check(json_array_size(json_object_get(body, "participants")) == g_hash_table_size(client->known), handle,
		      body, "tells of other people than the events did");
	} else if (strcmp(name, "reported") == 0) {
		check(json_is_true(json_object_get(body, "stored")), handle, body, "is not stored");
		atomic_fetch_add(&watch_counts.reports, 1);
	} else if (strcmp(name, "report_part") == 0) {
		check(transaction && g_str_has_prefix(text_of(body, "text"), "{\"format\":1"), handle, body, "is no report");
		atomic_fetch_add(&watch_counts.report_parts, 1);
	} else if (strcmp(name, "collect") != 0 && strcmp(name, "progress") != 0) {
		bool answer = strcmp(name, "report") == 0 || strcmp(name, "logged") == 0;
		check(answer && transaction, handle, body, "does not belong on PUB");
	}
}

static void offered(struct fake_handle *handle, struct client *client, const json_t *body, const json_t *jsep)
{
	uint32_t version = (uint32_t)json_integer_value(json_object_get(body, "version"));
	check(jsep && strcmp(text_of(jsep, "type"), "offer") == 0, handle, body, "has no offer beside it");
	bool again = version == client->version, next = version == client->version + 1;
	check(again || (next && (version == 1 || client->version_answered)), handle, body,
	      "is neither the open version nor the next");
	check(!again || strcmp(client->offer, text_of(jsep, "sdp")) == 0, handle, body, "differs from the open one");
	client->version_answered &= again;
	client->version = version;
	g_free(client->offer);
	client->offer = g_strdup(text_of(jsep, "sdp"));
	atomic_fetch_add(&watch_counts.offers, 1);
	if (version > 1)
		atomic_fetch_add(&watch_counts.later_offers, 1);
}

static void slots(struct fake_handle *handle, struct client *client, const json_t *body)
{
	size_t index;
	json_t *slot;
	json_array_foreach(json_object_get(body, "slots"), index, slot) {
		g_autofree char *line = g_strdup_printf("a=mid:%s\r\n", text_of(slot, "mid"));
		check(client->offer && strstr(client->offer, line), handle, body, "a slot was never offered");
		atomic_fetch_add(&watch_counts.slots, 1);
	}
}

static void sub_event(struct fake_handle *handle, struct client *client, const char *transaction, const json_t *body,
		      const json_t *jsep)
{
	const char *name = text_of(body, "buzz");
	check(!client->ended, handle, body, "comes after SUB was given up");
	if (strcmp(name, "subscribed") == 0) {
		check(!client->began && transaction, handle, body, "subscribed twice, or without asking");
		client->began = true;
		return;
	}
	check(client->began, handle, body, "comes before subscribed");
	if (strcmp(name, "offer") == 0) {
		offered(handle, client, body, jsep);
	} else if (strcmp(name, "answered") == 0) {
		uint32_t version = (uint32_t)json_integer_value(json_object_get(body, "version"));
		check(version == client->version && !client->version_answered, handle, body, "was not open");
		client->version_answered = true;
		atomic_fetch_add(&watch_counts.answers, 1);
	} else if (strcmp(name, "slots") == 0) {
		slots(handle, client, body);
	} else if (strcmp(name, "synced") == 0 || strcmp(name, "restarting") == 0) {
		check(transaction, handle, body, "was not asked for");
	} else {
		check(false, handle, body, "does not belong on SUB");
	}
}

static void error(struct fake_handle *handle, struct client *client, const json_t *body)
{
	int code = (int)json_integer_value(json_object_get(body, "error_code"));
	check(code >= 430 && code < 499, handle, body, "is no error that should come");
	if (code == 444) /* negotiation_failed */
		client->ended = true;
	atomic_fetch_add(&watch_counts.errors, 1);
	atomic_fetch_add(&watch_counts.errors_by_code[code - 400], 1);
}

void watch_event(struct fake_handle *handle, const char *transaction, const json_t *body, const json_t *jsep)
{
	struct client *client = handle->user;
	if (transaction) {
		check((int)strtol(transaction, NULL, 10) == handle->number, handle, body, "answers another handle");
		check(g_hash_table_add(client->answered, g_strdup(transaction)), handle, body, "answers twice");
	}
	const char *name = text_of(body, "buzz");
	check(name != NULL, handle, body, "has no name");
	if (strcmp(name, "error") == 0)
		error(handle, client, body);
	else if (client->is_pub)
		pub_event(handle, client, transaction, body);
	else
		sub_event(handle, client, transaction, body, jsep);
}

/* --- packets ------------------------------------------------------------------------------------ */

struct seen {
	int handle, mindex;
	uint16_t seq;
	uint32_t timestamp;
	int picture_id;
	int thread;
	uint32_t order; /* within the thread */
};

static pthread_mutex_t logs_lock = PTHREAD_MUTEX_INITIALIZER;
static GPtrArray *logs; /* GArray of struct seen *; under the lock */
static _Thread_local GArray *my_log;
static _Thread_local int my_thread;

/* The lock is taken once per thread. */
static GArray *log_of_thread(void)
{
	if (my_log)
		return my_log;
	my_log = g_array_new(FALSE, FALSE, sizeof(struct seen));
	pthread_mutex_lock(&logs_lock);
	if (!logs)
		logs = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	my_thread = (int)logs->len;
	g_ptr_array_add(logs, my_log);
	pthread_mutex_unlock(&logs_lock);
	return my_log;
}

void watch_packet(struct fake_handle *handle, const janus_plugin_rtp *packet)
{
	const struct client *client = handle->user;
	const uint8_t *data = (const uint8_t *)packet->buffer;
	struct buzz_rtp rtp;
	struct peer_tag tag;
	int picture_id;
	if (buzz_rtp_read(&rtp, (uint8_t *)packet->buffer, packet->length) || (data[0] & 0x20))
		fake_fail("handle %d: a packet that is broken or padded", handle->number);
	enum buzz_codec codec = packet->video ? BUZZ_CODEC_VP8 : BUZZ_CODEC_OPUS;
	if (rtp.payload_type != buzz_codec_payload_type(codec))
		fake_fail("handle %d: payload type %d is not ours", handle->number, rtp.payload_type);
	if (!peer_read(data, packet->length, &tag, &picture_id))
		fake_fail("handle %d: a packet whose contents have changed", handle->number);
	if (client->is_pub || tag.room != client->room || tag.sender == client->person)
		fake_fail("handle %d: a packet of room %d, sender %u", handle->number, tag.room, tag.sender);
	GArray *log = log_of_thread();
	struct seen seen = {handle->number, packet->mindex, rtp.seq, rtp.timestamp, picture_id, my_thread, log->len};
	g_array_append_val(log, seen);
}

static int ahead(uint16_t a, uint16_t b)
{
	return (int16_t)(uint16_t)(a - b);
}

static int by_slot(const void *left_item, const void *right_item)
{
	const struct seen *a = left_item, *b = right_item;
	return a->handle != b->handle ? a->handle - b->handle : a->mindex - b->mindex;
}

static int by_seq(const void *left_item, const void *right_item)
{
	return ahead(((const struct seen *)left_item)->seq, ((const struct seen *)right_item)->seq);
}

static void check_pair(const struct seen *a, const struct seen *b)
{
	if (ahead(b->seq, a->seq) != 1)
		fake_fail("handle %d, slot %d: %u follows %u", a->handle, a->mindex, b->seq, a->seq);
	if ((int32_t)(b->timestamp - a->timestamp) < 0)
		fake_fail("handle %d, slot %d: the time goes back at %u", a->handle, a->mindex, b->seq);
	int step = (b->picture_id - a->picture_id) & 0x7FFF;
	if (a->picture_id >= 0 && b->picture_id >= 0 && step >= 0x4000)
		fake_fail("handle %d, slot %d: picture id %d after %d", a->handle, a->mindex, b->picture_id, a->picture_id);
	if (a->thread == b->thread && b->order < a->order)
		fake_fail("handle %d, slot %d: %u came after its successor", a->handle, a->mindex, a->seq);
}

size_t watch_packets_end(void)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct seen));
	for (guint i = 0; logs && i < logs->len; i++) {
		GArray *log = logs->pdata[i];
		g_array_append_vals(all, log->data, log->len);
	}
	g_array_sort(all, by_slot);
	for (guint start = 0, end; start < all->len; start = end) {
		struct seen *slot = &g_array_index(all, struct seen, start);
		for (end = start + 1; end < all->len && by_slot(slot, &g_array_index(all, struct seen, end)) == 0;)
			end++;
		qsort(slot, end - start, sizeof(*slot), by_seq);
		for (guint i = 1; i < end - start; i++)
			check_pair(&slot[i - 1], &slot[i]);
	}
	size_t count = all->len;
	g_array_unref(all);
	if (logs)
		g_ptr_array_unref(logs);
	logs = NULL;
	return count;
}
