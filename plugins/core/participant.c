/* SPDX-License-Identifier: GPL-3.0-only */
/* A member of a room and its streams. Runs on the room's worker. */
#include "participant.h"
#include <string.h>

#define RID_URI "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id" /* RFC 8852 */

static void stream_free(void *data)
{
	struct buzz_stream *stream = data;
	buzz_stream_info_clear(&stream->info);
	g_free(stream);
}

struct buzz_participant *buzz_participant_new(const char *id, const char *seat, const struct buzz_join *join,
					      uint64_t pub, int64_t now_ms)
{
	struct buzz_participant *participant = g_new0(struct buzz_participant, 1);
	g_strlcpy(participant->id, id, sizeof(participant->id));
	g_strlcpy(participant->seat, seat, sizeof(participant->seat));
	g_strlcpy(participant->link, join->link, sizeof(participant->link));
	participant->display = g_strdup(join->display);
	participant->pub = pub;
	participant->heard_ms = now_ms;
	participant->simulcast = g_array_new(FALSE, FALSE, sizeof(struct buzz_simulcast));
	participant->streams = g_ptr_array_new_with_free_func(stream_free);
	participant->subscriptions =
		g_ptr_array_new_with_free_func((GDestroyNotify)buzz_subscription_free);
	return participant;
}

void buzz_participant_free(struct buzz_participant *participant)
{
	if (!participant)
		return;
	g_free(participant->display);
	buzz_sdp_free(participant->sdp);
	g_array_unref(participant->simulcast);
	g_ptr_array_unref(participant->streams);
	g_ptr_array_unref(participant->subscriptions);
	g_free(participant);
}

void buzz_participant_set_offer(struct buzz_participant *participant, struct buzz_sdp *sdp,
				const struct buzz_simulcast *simulcast, size_t simulcast_count)
{
	buzz_sdp_free(participant->sdp);
	participant->sdp = sdp;
	g_array_set_size(participant->simulcast, 0);
	g_array_append_vals(participant->simulcast, simulcast, (guint)simulcast_count);
}

/* The index of the section with this mid, or -1. */
static int find_mid(const struct buzz_sdp *sdp, const char *mid)
{
	for (guint i = 0; sdp && i < sdp->sections->len; i++) {
		const struct buzz_sdp_section *section = sdp->sections->pdata[i];
		if (strcmp(section->mid, mid) == 0)
			return (int)i;
	}
	return -1;
}

static int stream_check(const struct buzz_stream_info *info, const struct buzz_sdp *sdp, const char *field,
			struct buzz_error *error)
{
	int mindex = find_mid(sdp, info->mid);
	if (mindex < 0)
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, field, "the offer has no m-line with this mid");
	const struct buzz_sdp_section *section = sdp->sections->pdata[mindex];
	enum buzz_sdp_kind kind =
		buzz_stream_kind_media(info->kind) == BUZZ_AUDIO ? BUZZ_SDP_AUDIO : BUZZ_SDP_VIDEO;
	if (section->kind != kind)
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, field, "a %s needs %s m-line",
				 buzz_stream_kind_name(info->kind),
				 kind == BUZZ_SDP_AUDIO ? "an audio" : "a video");
	if (section->rejected ||
	    (section->direction != BUZZ_SENDONLY && section->direction != BUZZ_SENDRECV))
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, field, "the m-line does not send");
	if (!buzz_sdp_choose(section))
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, field,
				 "the m-line has no codec that Buzz forwards");
	return 0;
}

int buzz_streams_check(const GArray *infos, const struct buzz_sdp *sdp, uint32_t max, struct buzz_error *error)
{
	if (infos->len > max)
		return buzz_fail(error, BUZZ_ERROR_TOO_MANY_STREAMS, "streams", "at most %u streams", max);
	if (infos->len > 0 && !sdp)
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, "jsep", "streams need an offer");
	for (guint i = 0; i < infos->len; i++) {
		g_autofree char *field = g_strdup_printf("streams[%u].mid", i);
		int code = stream_check(&g_array_index(infos, struct buzz_stream_info, i), sdp, field, error);
		if (code)
			return code;
	}
	return 0;
}

/* The stream of old that continues as info, taken out of old, or NULL. */
static struct buzz_stream *take(GPtrArray *old, const struct buzz_stream_info *info, int mindex,
				enum buzz_codec codec, bool other_pub)
{
	for (guint i = 0; i < old->len; i++) {
		struct buzz_stream *stream = old->pdata[i];
		if (strcmp(stream->info.name, info->name) == 0 && stream->info.kind == info->kind &&
		    stream->codec == codec &&
		    (other_pub || (strcmp(stream->info.mid, info->mid) == 0 && stream->mindex == mindex)))
			return g_ptr_array_steal_index(old, i);
	}
	return NULL;
}

static void set_layers(struct buzz_stream *stream, const GArray *simulcast)
{
	stream->layers = 1;
	memset(stream->rids, 0, sizeof(stream->rids));
	for (guint i = 0; i < simulcast->len; i++) {
		const struct buzz_simulcast *line = &g_array_index(simulcast, struct buzz_simulcast, i);
		if (strcmp(line->mid, stream->info.mid) == 0 && line->count > 1) {
			stream->layers = line->count;
			memcpy(stream->rids, line->rids, sizeof(stream->rids));
		}
	}
}

static void set_sdp(struct buzz_stream *stream, const struct buzz_sdp_section *section)
{
	const struct buzz_sdp_codec *codec = buzz_sdp_choose(section);
	stream->codec = codec->codec;
	stream->payload_type = codec->payload_type;
	stream->rid_extension = 0;
	for (guint i = 0; i < section->extensions->len; i++) {
		const struct buzz_sdp_extension *extension =
			&g_array_index(section->extensions, struct buzz_sdp_extension, i);
		if (strcmp(extension->uri, RID_URI) == 0)
			stream->rid_extension = extension->id;
	}
}

GPtrArray *buzz_streams_make(struct buzz_participant *publisher, const GArray *infos, GPtrArray *old,
			     bool other_pub)
{
	GPtrArray *streams = g_ptr_array_new_with_free_func(stream_free);
	for (guint i = 0; i < infos->len; i++) {
		const struct buzz_stream_info *info = &g_array_index(infos, struct buzz_stream_info, i);
		int mindex = find_mid(publisher->sdp, info->mid);
		const struct buzz_sdp_section *section = publisher->sdp->sections->pdata[mindex];
		struct buzz_stream *stream = take(old, info, mindex, buzz_sdp_choose(section)->codec,
						  other_pub);
		if (!stream)
			stream = g_new0(struct buzz_stream, 1);
		buzz_stream_info_clear(&stream->info);
		stream->publisher = publisher;
		stream->info = *info;
		stream->info.title = g_strdup(info->title);
		stream->mindex = mindex;
		set_sdp(stream, section);
		set_layers(stream, publisher->simulcast);
		g_ptr_array_add(streams, stream);
	}
	return streams;
}

bool buzz_participant_publishes(const struct buzz_participant *participant)
{
	return participant->pub_up && participant->streams->len > 0;
}

bool buzz_participant_publishes_video(const struct buzz_participant *participant)
{
	for (guint i = 0; i < participant->streams->len; i++) {
		if (buzz_stream_media(participant->streams->pdata[i]) == BUZZ_VIDEO)
			return true;
	}
	return false;
}

bool buzz_participant_video_is_steady(const struct buzz_participant *participant)
{
	bool camera = false;
	for (guint i = 0; i < participant->streams->len; i++) {
		const struct buzz_stream *stream = participant->streams->pdata[i];
		if (stream->info.kind == BUZZ_SCREEN)
			return false;
		camera |= stream->info.kind == BUZZ_CAMERA && !stream->info.muted;
	}
	return camera;
}

bool buzz_participant_has_seat(const struct buzz_participant *participant, const char *seat)
{
	char given[sizeof(participant->seat)] = "";
	g_strlcpy(given, seat, sizeof(given));
	unsigned difference = 0;
	/* both are filled up with zeros */
	for (size_t i = 0; i < sizeof(given); i++)
		difference |= (unsigned)(participant->seat[i] ^ given[i]);
	return difference == 0;
}
