/* SPDX-License-Identifier: GPL-3.0-only */
/* From a publisher's packet to its subscribers. DESIGN: the packet is read once; each route says whether and how it goes on;
 * the changes are written into the packet itself, which the core copies, and undone at the end. Loop thread of the PUB. */
#include "relay.h"
#include "media.h"
#include "worker.h"

/* What routes may change: the fixed header, and the picture ids at the start of the payload (VP9's descriptor is the
 * longest way to them: 1 + 2 + 1 + 1 bytes; VP8: 2 + 2 + 1). */
#define PAYLOAD_HEAD 8

struct original {
	uint8_t header[BUZZ_RTP_HEADER];
	uint8_t payload[PAYLOAD_HEAD];
	size_t payload_length;
};

static void save(struct original *original, const struct buzz_rtp *rtp)
{
	memcpy(original->header, rtp->data, BUZZ_RTP_HEADER);
	original->payload_length = MIN(rtp->payload_length, PAYLOAD_HEAD);
	memcpy(original->payload, rtp->payload, original->payload_length);
}

static void restore(const struct original *original, const struct buzz_rtp *rtp)
{
	memcpy(rtp->data, original->header, BUZZ_RTP_HEADER);
	memcpy(rtp->payload, original->payload, original->payload_length);
}

static void rewrite(const struct buzz_rtp *rtp, const struct buzz_frame *frame,
		    const struct buzz_route_result *result)
{
	buzz_rtp_set_seq(rtp->data, result->seq);
	buzz_rtp_set_timestamp(rtp->data, result->timestamp);
	if (result->rewrite_picture)
		buzz_frame_set_picture_id(frame, rtp->payload, result->picture_id);
	if (result->rewrite_tl0)
		buzz_frame_set_tl0(frame, rtp->payload, result->tl0);
}

/* Asks the worker to ask the publisher; once until it has. */
static void want_keyframe(struct buzz_session *pub, struct buzz_uptrack *uptrack, int mindex)
{
	if (atomic_load_explicit(&uptrack->keyframe_wanted, memory_order_relaxed) ||
	    atomic_exchange_explicit(&uptrack->keyframe_wanted, true, memory_order_acq_rel))
		return;
	struct buzz_message *message = buzz_message_new(BUZZ_MESSAGE_SOURCE_WANTED, pub);
	message->mindex = mindex;
	buzz_workers_notify(message);
}

/* The layer the packet belongs to, or -1 when that cannot be told. */
static int layer_of(struct buzz_uptrack *uptrack, const struct buzz_plan *plan, const struct buzz_rtp *rtp,
		    int64_t now_ms)
{
	size_t length = 0;
	const uint8_t *rid = NULL;
	if (plan->source.layers > 1 && plan->source.rid_extension)
		rid = buzz_rtp_extension(rtp, plan->source.rid_extension, &length);
	return buzz_layers_packet(&uptrack->layers, rtp->ssrc, (const char *)rid, (int)length, now_ms);
}

/* Nobody else writes these, so no read-modify-write is needed. */
static void count_packet(struct buzz_count *count, size_t length)
{
	uint64_t packets = atomic_load_explicit(&count->packets, memory_order_relaxed);
	uint64_t bytes = atomic_load_explicit(&count->bytes, memory_order_relaxed);
	atomic_store_explicit(&count->packets, packets + 1, memory_order_relaxed);
	atomic_store_explicit(&count->bytes, bytes + length, memory_order_relaxed);
}

static void count_sent(struct buzz_line *line, size_t length)
{
	count_packet(&line->count, length);
	if (line->layer == line->route.layer)
		return;
	if (line->layer >= 0) {
		uint32_t switches = atomic_load_explicit(&line->count.switches, memory_order_relaxed);
		atomic_store_explicit(&line->count.switches, switches + 1, memory_order_relaxed);
	}
	line->layer = line->route.layer;
}

static void relay(struct buzz_session *pub, struct buzz_uptrack *uptrack, struct buzz_plan *plan,
		  const struct buzz_packet *packet, janus_plugin_rtp *original_packet)
{
	const struct buzz_rtp *rtp = packet->rtp;
	bool video = buzz_codec_media(plan->source.codec) == BUZZ_VIDEO, wanted = false;
	uint16_t length = (uint16_t)(rtp->payload + rtp->payload_length - rtp->data);
	struct original original;
	janus_plugin_rtp out = {.video = video, .buffer = (char *)rtp->data, .length = length};
	out.extensions = original_packet->extensions;
	save(&original, rtp);
	buzz_rtp_set_payload_type(rtp->data, buzz_codec_payload_type(plan->source.codec));
	rtp->data[0] &= (uint8_t)~0x20; /* the padding is not sent on (RFC 3550 section 5.1, P) */
	for (guint i = 0; i < plan->count; i++) {
		struct buzz_line *line = plan->lines[i];
		struct buzz_route_result result;
		if (!atomic_load_explicit(&line->sub->up, memory_order_relaxed))
			continue;
		buzz_route_packet(&line->route, packet, &result);
		wanted |= result.want_keyframe;
		if (!result.forward)
			continue;
		rewrite(rtp, packet->frame, &result);
		out.mindex = line->mindex;
		buzz_core_relay_rtp(line->sub->janus, &out);
		count_sent(line, length);
	}
	restore(&original, rtp);
	if (wanted)
		want_keyframe(pub, uptrack, original_packet->mindex);
}

void buzz_relay_rtp(struct buzz_session *pub, janus_plugin_rtp *packet)
{
	if (packet->mindex < 0 || packet->mindex >= BUZZ_MINDEX_MAX)
		return;
	struct buzz_uptrack *uptrack =
		atomic_load_explicit(&pub->uptracks[packet->mindex], memory_order_acquire);
	struct buzz_plan *plan = uptrack ? buzz_media_plan(uptrack) : NULL;
	struct buzz_rtp rtp;
	if (!plan || !plan->active || buzz_rtp_read(&rtp, (uint8_t *)packet->buffer, packet->length) ||
	    rtp.payload_type != plan->source.payload_type)
		return;
	count_packet(&uptrack->count, packet->length);
	struct buzz_frame frame = {0};
	struct buzz_packet description = {
		.rtp = &rtp, .frame = &frame, .now_ms = g_get_monotonic_time() / 1000};
	description.layer = layer_of(uptrack, plan, &rtp, description.now_ms);
	if (description.layer < 0)
		return;
	description.best_layer = buzz_layers_best(&uptrack->layers, description.now_ms);
	if (buzz_codec_media(plan->source.codec) == BUZZ_VIDEO)
		buzz_frame_read(&frame, plan->source.codec, rtp.payload, rtp.payload_length);
	relay(pub, uptrack, plan, &description, packet);
}
