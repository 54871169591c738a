/* SPDX-License-Identifier: GPL-3.0-only */
/* One SUB: which stream is in which slot. Runs on the room's worker. */
#include "subscription.h"
#include "participant.h"
#include <string.h>

struct buzz_subscription *buzz_subscription_new(uint64_t handle, const struct buzz_subscription_wish *wish)
{
	struct buzz_subscription *subscription = g_new0(struct buzz_subscription, 1);
	subscription->handle = handle;
	g_strlcpy(subscription->from, wish->from, sizeof(subscription->from));
	subscription->transport_cc = wish->transport_cc;
	subscription->offered_codecs = wish->codecs;
	subscription->codecs = wish->codecs;
	subscription->slots = g_ptr_array_new_with_free_func(g_free);
	subscription->undecodable = g_ptr_array_new();
	subscription->waiting = g_ptr_array_new();
	return subscription;
}

void buzz_subscription_free(struct buzz_subscription *subscription)
{
	g_ptr_array_unref(subscription->slots);
	g_ptr_array_unref(subscription->undecodable);
	g_ptr_array_unref(subscription->waiting);
	g_free(subscription);
}

/* The slots of this media with an index of at least 'from'. */
static guint count_slots(const struct buzz_subscription *subscription, enum buzz_media media, guint from)
{
	guint count = 0;
	for (guint i = from; i < subscription->slots->len; i++)
		count += ((struct buzz_slot *)subscription->slots->pdata[i])->media == media;
	return count;
}

static bool offers_media(const struct buzz_subscription *subscription, enum buzz_media media)
{
	buzz_codec_set audio = BUZZ_CODEC_BIT(BUZZ_CODEC_OPUS);
	return subscription->offered_codecs & (media == BUZZ_AUDIO ? audio : ~audio);
}

/* Adds up to 'count' slots of one media, within the limit of settings. Returns how many. */
static guint add_slots(struct buzz_subscription *subscription, enum buzz_media media, guint count,
		       const struct buzz_settings *settings)
{
	guint have = count_slots(subscription, media, 0);
	guint room = settings->max_slots > have ? settings->max_slots - have : 0;
	count = offers_media(subscription, media) ? MIN(count, room) : 0;
	for (guint i = 0; i < count; i++) {
		struct buzz_slot *slot = g_new0(struct buzz_slot, 1);
		slot->media = media;
		g_snprintf(slot->mid, sizeof(slot->mid), "%c%u", media == BUZZ_AUDIO ? 'a' : 'v', have + i);
		g_ptr_array_add(subscription->slots, slot);
	}
	return count;
}

static bool decodable(const struct buzz_subscription *subscription, const struct buzz_stream *stream)
{
	return (subscription->codecs & BUZZ_CODEC_BIT(stream->codec)) != 0;
}

static bool contains(const GPtrArray *array, const void *item)
{
	return g_ptr_array_find((GPtrArray *)array, item, NULL);
}

/* A stream with nothing to show gives its slot to others; silence costs nothing, so a muted microphone keeps its. */
static bool wants_slot(const struct buzz_stream *stream)
{
	return buzz_stream_media(stream) == BUZZ_AUDIO || !stream->info.muted;
}

static struct buzz_slot *slot_of(const struct buzz_subscription *subscription, const struct buzz_stream *stream)
{
	for (guint i = 0; i < subscription->slots->len; i++) {
		struct buzz_slot *slot = subscription->slots->pdata[i];
		if (slot->stream == stream)
			return slot;
	}
	return NULL;
}

/* Whether the client's answer refused this slot. Not known while an offer is out. */
static bool refused(const struct buzz_subscription *subscription, guint index)
{
	const struct buzz_slot *slot = subscription->slots->pdata[index];
	return subscription->negotiation.state == BUZZ_NEGOTIATION_STABLE && index < subscription->offered &&
	       !slot->usable;
}

/* A free slot of this media: one that an answer took, otherwise one that is on offer. The client does not know of
 * the others yet. */
static struct buzz_slot *free_slot(const struct buzz_subscription *subscription, enum buzz_media media)
{
	struct buzz_slot *unanswered = NULL;
	for (guint i = 0; i < subscription->offered; i++) {
		struct buzz_slot *slot = subscription->slots->pdata[i];
		if (slot->media != media || slot->stream)
			continue;
		if (slot->usable)
			return slot;
		if (!unanswered && !refused(subscription, i))
			unanswered = slot;
	}
	return unanswered;
}

/* Empties the slots that were refused and those whose stream has gone or shows nothing. */
static bool release(struct buzz_subscription *subscription, const GPtrArray *visible)
{
	bool changed = false;
	for (guint i = 0; i < subscription->slots->len; i++) {
		struct buzz_slot *slot = subscription->slots->pdata[i];
		if (slot->stream && (refused(subscription, i) || !contains(visible, slot->stream) ||
				     !wants_slot(slot->stream) || !decodable(subscription, slot->stream))) {
			slot->stream = NULL;
			changed = true;
		}
	}
	return changed;
}

static bool same(const GPtrArray *a, const GPtrArray *b)
{
	if (a->len != b->len)
		return false;
	return a->len == 0 || memcmp(a->pdata, b->pdata, a->len * sizeof(*a->pdata)) == 0;
}

/* Puts the streams without a slot into free ones; those that find none go to 'lacking'. */
static bool fill(struct buzz_subscription *subscription, const GPtrArray *streams, GPtrArray *lacking)
{
	bool changed = false;
	for (guint i = 0; i < streams->len; i++) {
		struct buzz_stream *stream = streams->pdata[i];
		if (!wants_slot(stream) || !decodable(subscription, stream) || slot_of(subscription, stream))
			continue;
		struct buzz_slot *slot = free_slot(subscription, buzz_stream_media(stream));
		if (slot) {
			slot->stream = stream;
			changed = true;
		} else {
			g_ptr_array_add(lacking, stream);
		}
	}
	return changed;
}

static bool any_refused(const struct buzz_subscription *subscription, enum buzz_media media)
{
	for (guint i = 0; i < subscription->slots->len; i++) {
		if (((struct buzz_slot *)subscription->slots->pdata[i])->media == media && refused(subscription, i))
			return true;
	}
	return false;
}

/* Makes room for the lacking streams: at least a step more of each media that lacks beyond the slots that wait to be
 * offered. A client that refused slots of a media is not offered more of it. */
static guint grow(struct buzz_subscription *subscription, const GPtrArray *lacking,
		  const struct buzz_settings *settings)
{
	guint wanted[2] = {0, 0};
	for (guint i = 0; i < lacking->len; i++)
		wanted[buzz_stream_media(lacking->pdata[i])]++;
	guint added = 0;
	for (int media = BUZZ_AUDIO; media <= BUZZ_VIDEO; media++) {
		guint next = count_slots(subscription, media, subscription->offered);
		if (wanted[media] > next && !any_refused(subscription, media))
			added += add_slots(subscription, media, MAX(wanted[media] - next, settings->slot_step),
					   settings);
	}
	return added;
}

/* The slots of the first offer: the usual number, or what is needed now and some more: a step, or one for a single
 * participant, who adds few. */
static void first_slots(struct buzz_subscription *subscription, const GPtrArray *visible,
			const struct buzz_settings *settings)
{
	guint needed[2] = {0, 0};
	for (guint i = 0; i < visible->len; i++)
		needed[buzz_stream_media(visible->pdata[i])]++;
	bool single = subscription->from[0] != '\0';
	guint spare = single ? 1 : settings->slot_step;
	add_slots(subscription, BUZZ_AUDIO,
		  MAX(single ? settings->peer_audio_slots : settings->audio_slots, needed[BUZZ_AUDIO] + spare),
		  settings);
	add_slots(subscription, BUZZ_VIDEO,
		  MAX(single ? settings->peer_video_slots : settings->video_slots, needed[BUZZ_VIDEO] + spare),
		  settings);
}

struct buzz_assignment buzz_subscription_assign(struct buzz_subscription *subscription, const GPtrArray *visible,
						const struct buzz_settings *settings)
{
	struct buzz_assignment result = {0};
	if (subscription->slots->len == 0) {
		first_slots(subscription, visible, settings);
		result.changed = result.grown = subscription->slots->len > 0;
	}
	result.changed |= release(subscription, visible);
	GPtrArray *lacking = g_ptr_array_new();
	result.changed |= fill(subscription, visible, lacking);
	result.grown |= grow(subscription, lacking, settings) > 0;
	GPtrArray *undecodable = g_ptr_array_new();
	for (guint i = 0; i < visible->len; i++) {
		if (!decodable(subscription, visible->pdata[i]))
			g_ptr_array_add(undecodable, visible->pdata[i]);
	}
	result.changed |= !same(lacking, subscription->waiting) || !same(undecodable, subscription->undecodable);
	g_ptr_array_unref(subscription->waiting);
	g_ptr_array_unref(subscription->undecodable);
	subscription->waiting = lacking;
	subscription->undecodable = undecodable;
	return result;
}

static bool takes(const struct buzz_sdp_section *section)
{
	return !section->rejected && section->codecs->len > 0 &&
	       (section->direction == BUZZ_RECVONLY || section->direction == BUZZ_SENDRECV);
}

static buzz_codec_set section_codecs(const struct buzz_sdp_section *section)
{
	buzz_codec_set set = 0;
	for (guint i = 0; i < section->codecs->len; i++)
		set |= BUZZ_CODEC_BIT(g_array_index(section->codecs, struct buzz_sdp_codec, i).codec);
	return set;
}

static int check_answer(const struct buzz_subscription *subscription, const struct buzz_sdp *answer,
			struct buzz_error *error)
{
	if (answer->sections->len != subscription->offered)
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, "jsep", "the answer has %u m-lines, the offer has %u",
				 answer->sections->len, subscription->offered);
	for (guint i = 0; i < subscription->offered; i++) {
		const struct buzz_slot *slot = subscription->slots->pdata[i];
		const struct buzz_sdp_section *section = answer->sections->pdata[i];
		bool fits = section->kind == (slot->media == BUZZ_AUDIO ? BUZZ_SDP_AUDIO : BUZZ_SDP_VIDEO);
		if (!fits || (!section->rejected && strcmp(section->mid, slot->mid) != 0))
			return buzz_fail(error, BUZZ_ERROR_BAD_SDP, "jsep",
					 "m-line %u of the answer does not belong to slot %s", i, slot->mid);
	}
	return 0;
}

int buzz_subscription_answer(struct buzz_subscription *subscription, const struct buzz_sdp *answer,
			     struct buzz_error *error)
{
	int code = check_answer(subscription, answer, error);
	if (code)
		return code;
	buzz_codec_set codecs[2] = {0, 0};
	bool answered[2] = {false, false};
	for (guint i = 0; i < subscription->offered; i++) {
		struct buzz_slot *slot = subscription->slots->pdata[i];
		const struct buzz_sdp_section *section = answer->sections->pdata[i];
		slot->usable = takes(section);
		if (slot->usable) {
			/* every m-line of a media was offered alike; the weakest answer counts */
			codecs[slot->media] = answered[slot->media]
						      ? codecs[slot->media] & section_codecs(section)
						      : section_codecs(section);
			answered[slot->media] = true;
		}
	}
	subscription->codecs = (codecs[BUZZ_AUDIO] | codecs[BUZZ_VIDEO]) & subscription->offered_codecs;
	return 0;
}

char *buzz_subscription_write_offer(const struct buzz_subscription *subscription)
{
	g_autofree struct buzz_sdp_slot *slots = g_new0(struct buzz_sdp_slot, subscription->offered);
	for (guint i = 0; i < subscription->offered; i++) {
		const struct buzz_slot *slot = subscription->slots->pdata[i];
		slots[i].media = slot->media;
		memcpy(slots[i].mid, slot->mid, sizeof(slot->mid));
	}
	return buzz_sdp_write_offer(slots, subscription->offered, subscription->offered_codecs,
				    subscription->transport_cc, subscription->negotiation.version);
}
