/* SPDX-License-Identifier: GPL-3.0-only */
/* What always holds between two commands to a room. DESIGN: each check is one sentence of words and
 * returns it when it is broken. Pointers to streams are looked up in the room before they are
 * followed: a dangling one is among the faults this is to find. Runs on the room's worker. */
#include "room_private.h"
#include <string.h>

static bool has(const GPtrArray *array, const void *item)
{
	return g_ptr_array_find((GPtrArray *)array, item, NULL);
}

static const char *check_away(const struct buzz_participant *participant)
{
	bool away = participant->presence == BUZZ_AWAY;
	if (away != (participant->pub == 0))
		return "somebody is away and has a PUB, or the other way round";
	if (away && (participant->subscriptions->len > 0 || participant->link[0] || participant->pub_up))
		return "somebody is away and has a SUB, a link or a connection";
	if (participant->channel_ready && (away || participant->hung_up_ms))
		return "somebody has a data channel and no connection for it";
	return NULL;
}

static const char *check_members(const struct buzz_room *room)
{
	guint handles = 0;
	for (guint i = 0; i < room->participants->len; i++) {
		struct buzz_participant *participant = room->participants->pdata[i];
		if (participant->presence == BUZZ_AWAY)
			continue;
		const struct buzz_member *pub = buzz_room_member(room, participant->pub);
		if (!pub || pub->participant != participant || pub->subscription)
			return "a PUB handle is not the member it should be";
		for (guint j = 0; j < participant->subscriptions->len; j++) {
			struct buzz_subscription *subscription =
			    participant->subscriptions->pdata[j];
			const struct buzz_member *sub =
			    buzz_room_member(room, subscription->handle);
			if (!sub || sub->participant != participant ||
			    sub->subscription != subscription)
				return "a SUB handle is not the member it should be";
		}
		handles += 1 + participant->subscriptions->len;
	}
	/* each was found under its own handle, so equal numbers mean that there are no others */
	if (handles != g_hash_table_size(room->members))
		return "a handle is a member but belongs to nobody, or to two";
	return NULL;
}

static const char *check_early(const struct buzz_room *room)
{
	for (guint i = 0; i < room->early->len; i++) {
		const struct buzz_early *early = &g_array_index(room->early, struct buzz_early, i);
		if (!early->link[0])
			return "a subscribe waits for a join without a link";
		if (buzz_room_member(room, early->handle))
			return "a handle that waits for its join is a member already";
		for (guint j = 0; j < i; j++) {
			if (g_array_index(room->early, struct buzz_early, j).handle ==
			    early->handle)
				return "a handle waits for its join twice";
		}
		for (guint j = 0; j < room->participants->len; j++) {
			const struct buzz_participant *participant = room->participants->pdata[j];
			if (strcmp(participant->link, early->link) == 0)
				return "a subscribe waits for a join that has come";
		}
	}
	return NULL;
}

static const char *check_stream(const struct buzz_participant *publisher, guint index)
{
	const struct buzz_stream *stream = publisher->streams->pdata[index];
	if (stream->publisher != publisher)
		return "a stream belongs to somebody else";
	if (!publisher->sdp || stream->mindex < 0 ||
	    (guint)stream->mindex >= publisher->sdp->sections->len)
		return "a stream has no m-line";
	const struct buzz_sdp_section *section = publisher->sdp->sections->pdata[stream->mindex];
	if (strcmp(section->mid, stream->info.mid) != 0)
		return "a stream's m-line has another mid";
	if (stream->codec == BUZZ_CODEC_NONE ||
	    buzz_codec_media(stream->codec) != buzz_stream_media(stream))
		return "a stream's codec is not of its media";
	if (stream->layers < 1 || stream->layers > BUZZ_LAYERS_MAX)
		return "a stream has too few or too many layers";
	for (guint i = 0; i < index; i++) {
		const struct buzz_stream *other = publisher->streams->pdata[i];
		if (strcmp(other->info.name, stream->info.name) == 0 ||
		    other->mindex == stream->mindex)
			return "two streams share a name or an m-line";
	}
	return NULL;
}

static const char *check_participant(const struct buzz_room *room, guint index)
{
	const struct buzz_participant *participant = room->participants->pdata[index];
	for (guint i = 0; i < index; i++) {
		if (strcmp(((struct buzz_participant *)room->participants->pdata[i])->id,
			   participant->id) == 0)
			return "two participants share an id";
	}
	const char *wrong = check_away(participant);
	if (wrong)
		return wrong;
	if (participant->streams->len > room->settings->max_streams)
		return "somebody has too many streams";
	for (guint i = 0; i < participant->streams->len; i++) {
		const char *broken = check_stream(participant, i);
		if (broken)
			return broken;
	}
	return NULL;
}

/* At most so many SUBs with everybody's streams, and one for each of the others. */
static const char *check_wishes(const struct buzz_room *room, const struct buzz_participant *viewer)
{
	guint general = 0;
	for (guint i = 0; i < viewer->subscriptions->len; i++) {
		const struct buzz_subscription *subscription = viewer->subscriptions->pdata[i];
		const struct buzz_participant *only = buzz_room_only_source(room, subscription);
		general += !subscription->from[0];
		if (subscription->from[0] && (!only || only == viewer))
			return "a SUB is for somebody who is not there, or for oneself";
		for (guint j = 0; only && j < i; j++) {
			const struct buzz_subscription *other = viewer->subscriptions->pdata[j];
			if (strcmp(other->from, subscription->from) == 0)
				return "somebody has two SUBs for one participant";
		}
	}
	return general > BUZZ_SUBSCRIPTIONS_MAX ? "somebody has too many SUBs" : NULL;
}

static const char *check_negotiation(const struct buzz_subscription *subscription)
{
	const struct buzz_negotiation *negotiation = &subscription->negotiation;
	if (subscription->offered > subscription->slots->len)
		return "more slots are on offer than there are";
	switch (negotiation->state) {
	case BUZZ_NEGOTIATION_IDLE:
		if (negotiation->version > 0 || subscription->slots->len > 0)
			return "an idle SUB has slots or a version";
		return NULL;
	case BUZZ_NEGOTIATION_OFFERED:
	case BUZZ_NEGOTIATION_DIRTY:
	case BUZZ_NEGOTIATION_STABLE:
		if (negotiation->version == 0 || negotiation->tries == 0 ||
		    subscription->offered == 0)
			return "a SUB negotiates without having offered";
		if ((negotiation->state == BUZZ_NEGOTIATION_DIRTY) !=
		    (subscription->offered < subscription->slots->len || subscription->restart == BUZZ_RESTART_WANTED))
			return "something is not on offer and no change is noted, or the other "
			       "way round";
		return NULL;
	default:
		return "a closed SUB is still in the room";
	}
}

static const char *check_slot(const struct buzz_subscription *subscription, guint index,
			      const GPtrArray *visible)
{
	const struct buzz_slot *slot = subscription->slots->pdata[index];
	for (guint i = 0; i < index; i++) {
		const struct buzz_slot *other = subscription->slots->pdata[i];
		if (strcmp(other->mid, slot->mid) == 0)
			return "two slots share a mid";
		if (slot->stream && other->stream == slot->stream)
			return "a stream is in two slots of a SUB";
	}
	if ((slot->stream && !has(visible, slot->stream)) ||
	    (slot->routed && !has(visible, slot->routed)))
		return "a slot refers to a stream that nobody else publishes";
	if (slot->stream && buzz_stream_media(slot->stream) != slot->media)
		return "a slot shows a stream of another media";
	if ((slot->stream || slot->usable) && index >= subscription->offered)
		return "a slot is in use that was never offered";
	bool fed = slot->usable && subscription->up && slot->stream && slot->stream->publisher->pub;
	if (slot->routed != (fed ? slot->stream : NULL))
		return "what a slot shows is not what is sent to it";
	return NULL;
}

/* A slot that could show another stream of this media. */
static bool has_free_slot(const struct buzz_subscription *subscription, enum buzz_media media)
{
	bool answered = subscription->negotiation.state == BUZZ_NEGOTIATION_STABLE;
	for (guint i = 0; i < subscription->offered; i++) {
		const struct buzz_slot *slot = subscription->slots->pdata[i];
		if (slot->media == media && !slot->stream && (slot->usable || !answered))
			return true;
	}
	return false;
}

static const char *check_place(const struct buzz_subscription *subscription,
			       const struct buzz_stream *stream)
{
	bool decodable = subscription->codecs & BUZZ_CODEC_BIT(stream->codec);
	bool shows = buzz_stream_media(stream) == BUZZ_AUDIO || !stream->info.muted;
	bool waiting = has(subscription->waiting, stream), placed = false;
	for (guint i = 0; i < subscription->slots->len; i++)
		placed |= ((struct buzz_slot *)subscription->slots->pdata[i])->stream == stream;
	if (has(subscription->undecodable, stream) == decodable)
		return "a stream is listed as undecodable and is not, or the other way round";
	if (placed && waiting)
		return "a stream waits for a slot and has one";
	if ((placed || waiting) != (decodable && shows))
		return "a stream has no place, or one that it should not have";
	if (waiting && has_free_slot(subscription, buzz_stream_media(stream)))
		return "a stream waits although a slot is free";
	return NULL;
}

/* A SUB grows until everything has a slot, unless its client refused some or the limit is reached.
 */
static const char *check_growth(const struct buzz_room *room,
				const struct buzz_subscription *subscription)
{
	guint waiting[2] = {0, 0}, slots[2] = {0, 0}, refused[2] = {0, 0}, next[2] = {0, 0};
	for (guint i = 0; i < subscription->waiting->len; i++)
		waiting[buzz_stream_media(subscription->waiting->pdata[i])]++;
	for (guint i = 0; i < subscription->slots->len; i++) {
		const struct buzz_slot *slot = subscription->slots->pdata[i];
		slots[slot->media]++;
		refused[slot->media] += i < subscription->offered && !slot->usable;
		next[slot->media] += i >= subscription->offered;
	}
	for (int media = BUZZ_AUDIO; media <= BUZZ_VIDEO; media++) {
		if (slots[media] > room->settings->max_slots)
			return "a SUB has too many slots";
		if (waiting[media] > next[media] && slots[media] < room->settings->max_slots &&
		    (subscription->negotiation.state != BUZZ_NEGOTIATION_STABLE ||
		     refused[media] == 0))
			return "streams wait for slots that a SUB could offer";
	}
	return NULL;
}

static const char *check_subscription(const struct buzz_room *room,
				      const struct buzz_subscription *subscription,
				      const GPtrArray *visible)
{
	const char *broken = check_negotiation(subscription);
	guint listed = 0;
	for (guint i = 0; !broken && i < subscription->slots->len; i++)
		broken = check_slot(subscription, i, visible);
	for (guint i = 0; !broken && i < visible->len; i++) {
		broken = check_place(subscription, visible->pdata[i]);
		listed += has(subscription->waiting, visible->pdata[i]);
		listed += has(subscription->undecodable, visible->pdata[i]);
	}
	if (!broken && listed != subscription->waiting->len + subscription->undecodable->len)
		broken = "a stream that nobody else publishes is listed as waiting or undecodable, "
			 "or one is twice";
	return broken ? broken : check_growth(room, subscription);
}

static const char *check_shown(const struct buzz_room *room, const struct buzz_participant *viewer,
			       const struct buzz_subscription *subscription)
{
	GPtrArray *visible = g_ptr_array_new();
	for (guint i = 0; i < room->participants->len; i++) {
		const struct buzz_participant *publisher = room->participants->pdata[i];
		bool shown = publisher != viewer &&
			     (!subscription->from[0] || strcmp(publisher->id, subscription->from) == 0);
		for (guint j = 0; shown && j < publisher->streams->len; j++)
			g_ptr_array_add(visible, publisher->streams->pdata[j]);
	}
	const char *broken = check_subscription(room, subscription, visible);
	g_ptr_array_unref(visible);
	return broken;
}

static const char *check_subscriptions(const struct buzz_room *room, const struct buzz_participant *viewer)
{
	const char *broken = check_wishes(room, viewer);
	for (guint i = 0; !broken && i < viewer->subscriptions->len; i++)
		broken = check_shown(room, viewer, viewer->subscriptions->pdata[i]);
	return broken;
}

const char *buzz_room_check(const struct buzz_room *room)
{
	if (room->participants->len > room->settings->max_participants)
		return "the room has too many participants";
	const char *broken = check_members(room);
	if (!broken)
		broken = check_early(room);
	for (guint i = 0; !broken && i < room->participants->len; i++)
		broken = check_participant(room, i);
	for (guint i = 0; !broken && i < room->participants->len; i++)
		broken = check_subscriptions(room, room->participants->pdata[i]);
	return broken;
}
