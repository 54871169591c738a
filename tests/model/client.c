/* SPDX-License-Identifier: GPL-3.0-only */
/* Clients and a media plane that believe what they are told, and complain when it cannot be. */
#include "client.h"
#include <stdarg.h>
#include <string.h>

static void __attribute__((format(printf, 2, 3)))
complain(struct clients *clients, const char *format, ...)
{
	if (clients->complaint[0])
		return;
	va_list arguments;
	va_start(arguments, format);
	g_vsnprintf(clients->complaint, sizeof(clients->complaint), format, arguments);
	va_end(arguments);
}

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));
	return value ? value : "";
}

/* The entry of an array whose member 'name' is 'value', and its index; or NULL. */
static json_t *find(const json_t *array, const char *name, const char *value, size_t *index)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *entry = json_array_get(array, i);
		if (strcmp(text(entry, name), value) == 0) {
			if (index)
				*index = i;
			return entry;
		}
	}
	return NULL;
}

static void *source_key(uint64_t pub, int mindex)
{
	return GSIZE_TO_POINTER((gsize)pub * BUZZ_SDP_SECTIONS_MAX + (gsize)mindex);
}

/* The codec of a source, or BUZZ_CODEC_NONE if there is none. */
static enum buzz_codec source_codec(const struct clients *clients, uint64_t pub, int mindex)
{
	return GPOINTER_TO_INT(g_hash_table_lookup(clients->sources, source_key(pub, mindex)));
}

static void client_clear(struct client *client)
{
	json_decref(client->own);
	json_decref(client->others);
	json_decref(client->slots);
	g_free(client->offer);
	g_clear_pointer(&client->lines, g_array_unref);
	g_clear_pointer(&client->reply, g_array_unref);
}

void client_renew(struct client *client, uint64_t handle)
{
	client_clear(client);
	memset(client, 0, sizeof(*client));
	client->handle = handle;
}

void client_hung_up(struct client *client, int64_t now_ms)
{
	client->hung_up_ms = now_ms;
	client->channel = client->told_channel = false;
}

void clients_init(struct clients *clients)
{
	memset(clients, 0, sizeof(*clients));
	clients->sources = g_hash_table_new(NULL, NULL);
}

void clients_clear(struct clients *clients)
{
	for (int i = 0; i < CLIENTS; i++)
		client_clear(&clients->all[i]);
	g_hash_table_unref(clients->sources);
}

static struct client *find_client(struct clients *clients, uint64_t handle)
{
	for (int i = 0; i < CLIENTS; i++) {
		if (clients->all[i].handle == handle)
			return &clients->all[i];
	}
	return NULL;
}

/* The PUB of a participant, or NULL. */
static struct client *find_pub(struct clients *clients, const char *id)
{
	for (int i = 0; i < CLIENTS; i++) {
		struct client *client = &clients->all[i];
		if (client->role == CLIENT_PUB && strcmp(client->id, id) == 0)
			return client;
	}
	return NULL;
}

/* --- events to a PUB
 * ---------------------------------------------------------------------------------------------- */

static void note_joined(struct clients *clients, struct client *client, const json_t *body)
{
	json_t *participant = json_object_get(body, "participant");
	if (!participant) {
		if (client->role != CLIENT_FRESH || find_pub(clients, text(body, "id")))
			complain(clients, "%d joined twice, or as somebody else",
				 (int)client->handle);
		client->role = CLIENT_PUB;
		g_strlcpy(client->id, text(body, "id"), sizeof(client->id));
		client->own = json_incref(json_object_get(body, "streams"));
		client->others = json_deep_copy(json_object_get(body, "participants"));
		return;
	}
	if (client->role != CLIENT_PUB || find(client->others, "id", text(participant, "id"), NULL))
		complain(clients, "%d hears of %s again", (int)client->handle,
			 text(participant, "id"));
	json_array_append_new(client->others,
			      json_deep_copy(participant)); /* the event is for all of them */
}

static void note_left(struct clients *clients, struct client *client, const json_t *body)
{
	size_t index;
	if (client->role == CLIENT_PUB && strcmp(client->id, text(body, "participant")) == 0)
		client->put_out = true;
	else if (client->role == CLIENT_PUB &&
		 find(client->others, "id", text(body, "participant"), &index))
		json_array_remove(client->others, index);
	else
		complain(clients, "%d hears that a stranger has left", (int)client->handle);
}

static void note_presence(struct clients *clients, json_t *other, const json_t *body)
{
	bool interrupted = strcmp(text(body, "buzz"), "resumed") != 0;
	json_object_set_new(other, "interrupted", json_boolean(interrupted));
	if (interrupted)
		json_object_set(other, "reason", json_object_get(body, "reason"));
	else
		json_object_del(other, "reason");
	clients->away += strcmp(text(body, "reason"), "away") == 0;
}

static void note_own_silence(struct clients *clients, struct client *client, const json_t *body)
{
	bool unheard = strcmp(text(body, "buzz"), "interrupted") == 0;
	bool known = unheard ? strcmp(text(body, "reason"), "silent") == 0
			     : strcmp(text(body, "buzz"), "resumed") == 0;
	/* after a sync it may be told once more */
	if (!known || (client->unheard == unheard && !unheard))
		complain(clients, "%d hears no news of itself", (int)client->handle);
	client->unheard = unheard;
}

/* streams, interrupted, resumed: something new about somebody. */
static void note_change(struct clients *clients, struct client *client, const json_t *body)
{
	json_t *other = find(client->others, "id", text(body, "participant"), NULL);
	if (client->role == CLIENT_PUB && strcmp(client->id, text(body, "participant")) == 0) {
		note_own_silence(clients, client, body);
		return;
	}
	if (client->role != CLIENT_PUB || !other) {
		complain(clients, "%d hears of a stranger", (int)client->handle);
		return;
	}
	json_t *before = json_deep_copy(other);
	json_t *streams = json_object_get(body, "streams");
	if (streams)
		json_object_set(other, "streams", streams);
	else
		note_presence(clients, other, body);
	if (json_equal(before, other))
		complain(clients, "%d hears no news of %s", (int)client->handle, text(other, "id"));
	json_decref(before);
}

static void note_channel(struct clients *clients, struct client *client)
{
	if (client->role != CLIENT_PUB || !client->channel || client->told_channel)
		complain(clients, "%d is told of a channel", (int)client->handle);
	client->told_channel = true;
}

static void note_relay(struct clients *clients, struct client *client, const json_t *body)
{
	const char *from = text(body, "from");
	if (client->role != CLIENT_PUB ||
	    (strcmp(from, client->id) != 0 && !find(client->others, "id", from, NULL)))
		complain(clients, "%d has a message from a stranger", (int)client->handle);
}

/* The truth is what it knew: nothing gets lost here. */
static void note_synced(struct clients *clients, struct client *client, const json_t *body)
{
	if (client->role != CLIENT_PUB && client->role != CLIENT_SUB)
		complain(clients, "%d is synchronised and is not in", (int)client->handle);
	if (client->role == CLIENT_PUB &&
	    (!json_equal(client->own, json_object_get(body, "streams")) ||
	     !json_equal(client->others, json_object_get(body, "participants"))))
		complain(clients, "sync tells %d something that it was not told", (int)client->handle);
	if (strcmp(client->id, text(body, "id")) != 0)
		complain(clients, "sync tells %d that it is somebody else", (int)client->handle);
}

static void note_published(struct clients *clients, struct client *client, const json_t *body)
{
	if (client->role != CLIENT_PUB)
		complain(clients, "%d has published and is no PUB", (int)client->handle);
	json_decref(client->own);
	client->own = json_incref(json_object_get(body, "streams"));
}

/* --- events to a SUB
 * ---------------------------------------------------------------------------------------------- */

static void note_subscribed(struct clients *clients, struct client *client, const json_t *body)
{
	const struct client *pub = find_pub(clients, text(body, "id"));
	if ((client->role != CLIENT_FRESH && client->role != CLIENT_WAITING) || !pub)
		complain(clients, "%d subscribes twice, or for a stranger", (int)client->handle);
	client->role = CLIENT_SUB;
	g_strlcpy(client->id, text(body, "id"), sizeof(client->id));
	g_strlcpy(client->from, text(body, "from"), sizeof(client->from));
	if (client->from[0] && !(pub && find(pub->others, "id", client->from, NULL)))
		complain(clients, "%d carries a stranger's streams, or its own", (int)client->handle);
}

static void note_ended(struct clients *clients, struct client *client, const json_t *body)
{
	if (client->role != CLIENT_SUB || strcmp(client->from, text(body, "participant")) != 0)
		complain(clients, "%d ends, and is not a SUB for who has left", (int)client->handle);
}

/* Nothing but behind what is there: an m-line never changes its place. */
static bool extends(const GArray *lines, const GArray *before)
{
	for (guint i = 0; before && i < before->len; i++) {
		if (i >= lines->len || strcmp(g_array_index(lines, struct described, i).mid,
					      g_array_index(before, struct described, i).mid) != 0)
			return false;
	}
	return true;
}

static void note_offer(struct clients *clients, struct client *client, const json_t *body,
		       const char *sdp, bool restart)
{
	uint32_t version = (uint32_t)json_integer_value(json_object_get(body, "version"));
	if (client->role != CLIENT_SUB) {
		complain(clients, "an offer to %d, which is no SUB", (int)client->handle);
	} else if (version == client->version) {
		if (client->answered == version || g_strcmp0(sdp, client->offer) != 0)
			complain(clients, "offer %u to %d is sent again for no reason, or differs",
				 version, (int)client->handle);
		if (restart)
			complain(clients, "offer %u to %d restarts again", version, (int)client->handle);
	} else if (version != client->version + 1 || client->answered != client->version) {
		complain(clients, "offer %u to %d after %u, of which %u is answered", version,
			 (int)client->handle, client->version, client->answered);
	} else {
		GArray *lines = describe_answer(sdp);
		bool more = !client->lines || lines->len > client->lines->len;
		if (!extends(lines, client->lines) || (!more && !restart))
			complain(clients, "offer %u to %d has no more slots", version,
				 (int)client->handle);
		if (restart != client->restarts)
			complain(clients, "offer %u to %d restarts unasked, or does not", version,
				 (int)client->handle);
		client->restarts = false;
		if (client->lines)
			g_array_unref(client->lines);
		client->lines = lines;
		clients->grown += version > 1;
		client->version = version;
		g_free(client->offer);
		client->offer = g_strdup(sdp);
	}
}

static void note_answered(struct clients *clients, struct client *client, const json_t *body)
{
	uint32_t version = (uint32_t)json_integer_value(json_object_get(body, "version"));
	if (client->role != CLIENT_SUB || version != client->version ||
	    client->answered == version || !client->reply) {
		complain(clients, "answer %u of %d is accepted out of turn", version,
			 (int)client->handle);
		return;
	}
	client->answered = version;
	for (guint i = 0; i < client->reply->len; i++) {
		const struct described *line = &g_array_index(client->reply, struct described, i);
		bool receives =
		    line->direction == BUZZ_RECVONLY || line->direction == BUZZ_SENDRECV;
		client->took[i] = !line->rejected && receives && line->codec_count > 0;
	}
}

/* The m-line of the offer with this mid, or -1. */
static int line_of(const struct client *client, const char *mid)
{
	for (guint i = 0; client->lines && i < client->lines->len; i++) {
		if (strcmp(g_array_index(client->lines, struct described, i).mid, mid) == 0)
			return (int)i;
	}
	return -1;
}

/* What a client knows of a stream that an entry of slots, waiting or undecodable names; or NULL. */
static json_t *known_stream(struct clients *clients, const struct client *sub, const json_t *entry)
{
	struct client *pub = find_pub(clients, sub->id);
	json_t *other = pub ? find(pub->others, "id", text(entry, "participant"), NULL) : NULL;
	return find(json_object_get(other, "streams"), "stream", text(entry, "stream"), NULL);
}

static void note_slots(struct clients *clients, struct client *client, const json_t *body)
{
	static const char *const lists[] = {"slots", "waiting", "undecodable"};
	if (client->role != CLIENT_SUB || client->version == 0)
		complain(clients, "slots for %d, which has no offer", (int)client->handle);
	for (size_t l = 0; l < G_N_ELEMENTS(lists); l++) {
		const json_t *list = json_object_get(body, lists[l]);
		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *entry = json_array_get(list, i);
			const json_t *stream = known_stream(clients, client, entry);
			if (!stream || (client->from[0] &&
					strcmp(client->from, text(entry, "participant")) != 0))
				complain(clients,
					 "%d is shown %s of %s, and knows of no such stream",
					 (int)client->handle, text(entry, "stream"),
					 text(entry, "participant"));
			if (l == 2 && strcmp(text(entry, "codec"), text(stream, "codec")) != 0)
				complain(clients, "%d cannot decode a codec that is not used",
					 (int)client->handle);
			if (l == 0 && line_of(client, text(entry, "mid")) < 0)
				complain(clients,
					 "%d is shown something in %s, which was not offered",
					 (int)client->handle, text(entry, "mid"));
		}
	}
	json_decref(client->slots);
	client->slots = json_deep_copy(body);
}

/* What the clients are told of reports changes nothing that they know of the room. */
static bool is_about_reports(const char *name)
{
	static const char *const names[] = {"clock", "report", "collect", "logged", "progress"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static void note_event(struct clients *clients, struct client *client,
		       const struct buzz_effect *effect)
{
	const char *name = text(effect->body, "buzz");
	if (effect->transaction) {
		if (strcmp(effect->transaction, client->asked) != 0)
			complain(clients, "%d has an answer to what it did not ask",
				 (int)client->handle);
		client->asked[0] = '\0';
	}
	if (strcmp(name, "joined") == 0)
		note_joined(clients, client, effect->body);
	else if (strcmp(name, "left") == 0)
		note_left(clients, client, effect->body);
	else if (strcmp(name, "streams") == 0 || strcmp(name, "interrupted") == 0 ||
		 strcmp(name, "resumed") == 0)
		note_change(clients, client, effect->body);
	else if (strcmp(name, "published") == 0)
		note_published(clients, client, effect->body);
	else if (strcmp(name, "subscribed") == 0)
		note_subscribed(clients, client, effect->body);
	else if (strcmp(name, "offer") == 0)
		note_offer(clients, client, effect->body, effect->sdp,
			   effect->jsep == BUZZ_JSEP_OFFER_RESTART);
	else if (strcmp(name, "synced") == 0)
		note_synced(clients, client, effect->body);
	else if (strcmp(name, "restarting") == 0)
		client->restarts = client->lines != NULL;
	else if (strcmp(name, "answered") == 0)
		note_answered(clients, client, effect->body);
	else if (strcmp(name, "slots") == 0)
		note_slots(clients, client, effect->body);
	else if (strcmp(name, "channel") == 0)
		note_channel(clients, client);
	else if (strcmp(name, "relay") == 0)
		note_relay(clients, client, effect->body);
	else if (strcmp(name, "ended") == 0)
		note_ended(clients, client, effect->body);
	else if (strcmp(name, "error") != 0 && strcmp(name, "relayed") != 0 && !is_about_reports(name))
		complain(clients, "an event called '%s'", name);
}

/* --- the media plane
 * ---------------------------------------------------------------------------------------------- */

static void note_route(struct clients *clients, struct client *client,
		       const struct buzz_effect *effect)
{
	struct client_source *route = &client->routes[effect->mindex];
	if (client->role != CLIENT_SUB || (guint)effect->mindex >= client->lines->len) {
		complain(clients, "a route to %d/%d, which is not offered", (int)client->handle,
			 effect->mindex);
		return;
	}
	const struct described *line =
	    &g_array_index(client->lines, struct described, effect->mindex);
	enum buzz_codec codec = source_codec(clients, effect->pub, effect->pub_mindex);
	if (effect->pub && (codec == BUZZ_CODEC_NONE || buzz_codec_media(codec) != line->media))
		complain(clients, "a route to %d/%d from a source that is not, or of another media",
			 (int)client->handle, effect->mindex);
	if (!effect->pub && !route->pub)
		complain(clients, "%d/%d is told to send nothing twice", (int)client->handle,
			 effect->mindex);
	*route = (struct client_source){.pub = effect->pub, .mindex = effect->pub_mindex};
}

static void note_forget(struct clients *clients, struct client *client)
{
	if (client->role == CLIENT_FRESH)
		complain(clients, "%d is forgotten and was never in", (int)client->handle);
	client->role = CLIENT_GONE;
	memset(client->routes, 0, sizeof(client->routes));
}

void client_note(struct clients *clients, const struct buzz_effect *effect)
{
	if (effect->type == BUZZ_EFFECT_STORE) {
		clients->stored++; /* also for somebody who has left */
		return;
	}
	struct client *client = find_client(clients, effect->handle);
	if (!client || client->role == CLIENT_GONE) {
		complain(clients, "effect %d on %d, which is not there", (int)effect->type,
			 (int)effect->handle);
		return;
	}
	switch (effect->type) {
	case BUZZ_EFFECT_EVENT:
		note_event(clients, client, effect);
		break;
	case BUZZ_EFFECT_DATA:
		if (client->role != CLIENT_PUB || !client->channel)
			complain(clients, "%d is sent data and has no channel", (int)client->handle);
		break;
	case BUZZ_EFFECT_SOURCE:
		g_hash_table_insert(clients->sources, source_key(effect->handle, effect->mindex),
				    GINT_TO_POINTER(effect->source.codec));
		break;
	case BUZZ_EFFECT_SOURCE_END:
		if (!g_hash_table_remove(clients->sources,
					 source_key(effect->handle, effect->mindex)))
			complain(clients, "the source %d/%d ends twice", (int)effect->handle,
				 effect->mindex);
		break;
	case BUZZ_EFFECT_ROUTE:
		note_route(clients, client, effect);
		break;
	case BUZZ_EFFECT_KEYFRAME:
		if (source_codec(clients, effect->pub, effect->pub_mindex) <= BUZZ_CODEC_OPUS)
			complain(clients, "a key frame of %d/%d", (int)effect->pub,
				 effect->pub_mindex);
		break;
	case BUZZ_EFFECT_CLOSE:
		if (client->role != CLIENT_PUB && client->role != CLIENT_SUB)
			complain(clients, "%d is closed and has no connection",
				 (int)client->handle);
		break;
	case BUZZ_EFFECT_FORGET:
		note_forget(clients, client);
		break;
	case BUZZ_EFFECT_READ:
		if (client->role != CLIENT_PUB)
			complain(clients, "%d may not read reports", (int)client->handle);
		break;
	case BUZZ_EFFECT_STORE:
		break; /* see above */
	}
}

/* --- after a step
 * -------------------------------------------------------------------------------------------------
 */

static void check_pub(struct clients *clients, const struct client *client,
		      const struct buzz_room *room)
{
	const struct buzz_member *member = buzz_room_member(room, client->handle);
	if (!member || client->put_out) {
		complain(clients, "%d has left and was not told, or the other way round",
			 (int)client->handle);
		return;
	}
	json_t *truth =
	    buzz_reply_joined(&room->key, member->participant, room->participants, room->settings, 0);
	if (!json_equal(client->others, json_object_get(truth, "participants")))
		complain(clients, "what %d knows of the others is wrong", (int)client->handle);
	if (!json_equal(client->own, json_object_get(truth, "streams")))
		complain(clients, "what %d knows of itself is wrong", (int)client->handle);
	json_decref(truth);
}

/* How often a stream stands in a list of the slots event. */
static int listed(const struct client *sub, const char *list, const char *id, const json_t *stream)
{
	int count = 0;
	const json_t *array = json_object_get(sub->slots, list);
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *entry = json_array_get(array, i);
		count += strcmp(text(entry, "participant"), id) == 0 &&
			 strcmp(text(entry, "stream"), text(stream, "stream")) == 0;
	}
	return count;
}

/* Each stream of the others stands in exactly one list, a muted picture in none unless it cannot be
 * decoded. */
static int check_lists(struct clients *clients, const struct client *sub, const json_t *other)
{
	int total = 0;
	const json_t *streams = json_object_get(other, "streams");
	for (size_t i = 0; i < json_array_size(streams); i++) {
		const json_t *stream = json_array_get(streams, i);
		const char *id = text(other, "id");
		int shown = listed(sub, "slots", id, stream) + listed(sub, "waiting", id, stream);
		int undecodable = listed(sub, "undecodable", id, stream);
		bool hidden = json_is_true(json_object_get(stream, "muted")) &&
			      strcmp(text(stream, "codec"), "opus") != 0;
		if (shown + undecodable > 1 || (hidden ? shown > 0 : shown + undecodable == 0))
			complain(clients, "%d has %s of %s in %d slots and %d lists",
				 (int)sub->handle, text(stream, "stream"), id, shown, undecodable);
		total += shown + undecodable;
	}
	return total;
}

/* The slot m-line is fed by what the newest slots event says, if it was taken and the connection is
 * up. */
static void check_route(struct clients *clients, const struct client *sub, guint index)
{
	const struct described *line = &g_array_index(sub->lines, struct described, index);
	const json_t *slot = find(json_object_get(sub->slots, "slots"), "mid", line->mid, NULL);
	const struct client_source *route = &sub->routes[index];
	bool there = slot && find_pub(clients, text(slot, "participant"));
	if ((route->pub != 0) != (there && sub->up && sub->took[index])) {
		complain(clients, "%d/%s is fed for no reason, or is not", (int)sub->handle,
			 line->mid);
		return;
	}
	if (!route->pub)
		return;
	const struct client *pub = find_client(clients, route->pub);
	const json_t *stream = find(pub->own, "stream", text(slot, "stream"), NULL);
	enum buzz_codec codec = source_codec(clients, route->pub, route->mindex);
	if (pub->role != CLIENT_PUB || strcmp(pub->id, text(slot, "participant")) != 0 || !stream ||
	    codec == BUZZ_CODEC_NONE || strcmp(buzz_codec_name(codec), text(stream, "codec")) != 0)
		complain(clients, "%d/%s is fed with something else than it shows",
			 (int)sub->handle, line->mid);
}

static void check_sub(struct clients *clients, const struct client *sub,
		      const struct buzz_room *room)
{
	struct client *pub = find_pub(clients, sub->id);
	if (!pub || !buzz_room_member(room, sub->handle) || !sub->slots) {
		complain(clients, "the SUB %d has no room, no PUB or no slots", (int)sub->handle);
		return;
	}
	size_t total = 0;
	for (size_t i = 0; i < json_array_size(pub->others); i++) {
		const json_t *other = json_array_get(pub->others, i);
		if (!sub->from[0] || strcmp(sub->from, text(other, "id")) == 0)
			total += (size_t)check_lists(clients, sub, other);
	}
	if (total != json_array_size(json_object_get(sub->slots, "slots")) +
			 json_array_size(json_object_get(sub->slots, "waiting")) +
			 json_array_size(json_object_get(sub->slots, "undecodable")))
		complain(clients, "%d is shown what is not there any more", (int)sub->handle);
	for (guint i = 0; i < sub->lines->len; i++)
		check_route(clients, sub, i);
}

void client_check(struct clients *clients, const struct buzz_room *room)
{
	guint members = 0, waiting = 0, sources = 0;
	for (int i = 0; i < CLIENTS; i++) {
		const struct client *client = &clients->all[i];
		if (client->role == CLIENT_PUB)
			check_pub(clients, client, room);
		else if (client->role == CLIENT_SUB)
			check_sub(clients, client, room);
		members += client->role == CLIENT_PUB || client->role == CLIENT_SUB;
		waiting += client->role == CLIENT_WAITING;
		sources += client->role == CLIENT_PUB ? (guint)json_array_size(client->own) : 0;
	}
	if (members != g_hash_table_size(room->members) || waiting != room->early->len)
		complain(clients,
			 "somebody is in the room who does not know, or the other way round");
	if (sources != g_hash_table_size(clients->sources))
		complain(clients, "there are not as many sources as streams");
}
