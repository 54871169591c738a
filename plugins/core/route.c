/* SPDX-License-Identifier: GPL-3.0-only */
/* One stream feeding one slot; the rules stand in route.h. Everything here runs on the publisher's
 * loop thread, except buzz_route_alive. Several routes share a timeline on several threads: a
 * number counts as given out only once buzz_timeline_move has succeeded, so no two packets get the
 * same one. */
#include "route.h"
#include <string.h>

/* Serial arithmetic (RFC 1982): how far a lies ahead of b, negative if it lies behind. */
static int seq_ahead(uint16_t a, uint16_t b)
{
	return (int16_t)(uint16_t)(a - b);
}

static uint32_t later_timestamp(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0 ? a : b;
}

static bool within_window(int ahead)
{
	return ahead >= -BUZZ_ROUTE_WINDOW && ahead <= BUZZ_ROUTE_WINDOW;
}

static bool is_video(const struct buzz_route *route)
{
	return buzz_codec_media(route->codec) == BUZZ_VIDEO;
}

static void forget_lead(struct buzz_route *route)
{
	atomic_store(&route->generation, 0);
	route->layer = -1;
}

/* --- shifts: the padding packets taken out --------------------------------------------------- */

static int shift_index(const struct buzz_route *route, int nth_newest)
{
	return (route->shift_next - 1 - nth_newest + 2 * BUZZ_ROUTE_SHIFTS) % BUZZ_ROUTE_SHIFTS;
}

static void add_shift(struct buzz_route *route, uint16_t from, uint16_t offset)
{
	if (route->shift_count == BUZZ_ROUTE_SHIFTS) /* what lay before it has no number now */
		route->base_seq = route->shifts[route->shift_next].from + 1;
	else
		route->shift_count++;
	route->shifts[route->shift_next].from = from;
	route->shifts[route->shift_next].offset = offset;
	route->shift_next = (uint8_t)((route->shift_next + 1) % BUZZ_ROUTE_SHIFTS);
}

/* The offset that was valid for an earlier packet; false if that packet was taken out. */
static bool offset_at(const struct buzz_route *route, uint16_t seq, uint16_t *offset)
{
	*offset = route->seq_offset;
	for (int i = 0; i < route->shift_count; i++) {
		int index = shift_index(route, i);
		int ahead = seq_ahead(seq, route->shifts[index].from);
		if (ahead == 0)
			return false;
		if (ahead > 0)
			break;
		*offset = route->shifts[index].offset;
	}
	return true;
}

/* Keeps base_seq and the shifts near highest_seq, where serial arithmetic can compare them. */
static void advance(struct buzz_route *route, uint16_t seq)
{
	route->highest_seq = seq;
	if (seq_ahead(seq, route->base_seq) > BUZZ_ROUTE_WINDOW)
		route->base_seq = seq - BUZZ_ROUTE_WINDOW;
	while (route->shift_count > 0) {
		int oldest = shift_index(route, route->shift_count - 1);
		if (seq_ahead(route->shifts[oldest].from, route->base_seq) >= 0)
			break;
		route->shift_count--;
	}
}

/* --- what the packet means to this route ---------------------------------------------------- */

/* Notes the packet; false if a newer one of its layer has come before. */
static bool is_newest(struct buzz_route *route, const struct buzz_packet *packet)
{
	const struct buzz_rtp *rtp = packet->rtp;
	bool known = route->newest[packet->layer].known;
	bool same_source = known && route->newest[packet->layer].ssrc == rtp->ssrc;
	int ahead = seq_ahead(rtp->seq, route->newest[packet->layer].seq);

	if (same_source && ahead <= 0 && within_window(ahead))
		return false;
	route->newest[packet->layer].known = true;
	route->newest[packet->layer].ssrc = rtp->ssrc;
	route->newest[packet->layer].seq = rtp->seq;
	return true;
}

/* The packet belongs to another numbering than what is forwarded: the source has restarted. */
static bool is_foreign(const struct buzz_route *route, const struct buzz_rtp *rtp)
{
	return rtp->ssrc != route->ssrc || !within_window(seq_ahead(rtp->seq, route->highest_seq));
}

static int target_layer(const struct buzz_route *route, const struct buzz_packet *packet)
{
	int best = packet->best_layer >= 0 ? packet->best_layer : packet->layer;
	int most = atomic_load(&route->layer_max);

	return best < most ? best : most;
}

static bool can_start(const struct buzz_route *route, const struct buzz_packet *packet)
{
	return packet->rtp->payload_length > 0 &&
	       (!is_video(route) || packet->frame->keyframe_start);
}

/* Whether a leading route begins anew with a packet at which something can start. */
static bool should_restart(const struct buzz_route *route, const struct buzz_packet *packet,
                           bool wanted)
{
	if (packet->layer == route->layer)
		return is_foreign(route, packet->rtp);
	return wanted && packet->layer == target_layer(route, packet);
}

static bool waits_for_keyframe(const struct buzz_route *route, const struct buzz_packet *packet)
{
	if (!is_video(route))
		return false;
	if (atomic_load(&route->generation) == 0 || route->layer != target_layer(route, packet))
		return true;
	return packet->layer == route->layer && is_foreign(route, packet->rtp);
}

/* --- numbering ------------------------------------------------------------------------------- */

static void number(const struct buzz_route *route, const struct buzz_packet *packet,
                   uint16_t seq_offset, struct buzz_route_result *result)
{
	const struct buzz_frame *frame = packet->frame;
	uint16_t picture_id = frame->picture_id + route->picture_offset;

	result->forward = true;
	result->seq = packet->rtp->seq + seq_offset;
	result->timestamp = packet->rtp->timestamp + route->timestamp_offset;
	result->rewrite_picture = frame->picture_offset != 0;
	result->rewrite_tl0 = frame->tl0_offset != 0;
	if (result->rewrite_picture)
		result->picture_id = picture_id & (frame->picture_long ? 0x7FFF : 0x7F);
	if (result->rewrite_tl0)
		result->tl0 = frame->tl0 + route->tl0_offset;
}

static void note_picture(const struct buzz_route *route, const struct buzz_frame *frame,
                         const struct buzz_route_result *result)
{
	struct buzz_picture sent = {.id = result->picture_id, .tl0 = result->tl0};
	int id_bits = frame->picture_long ? 15 : 7;

	buzz_timeline_note_picture(route->timeline, sent, result->rewrite_picture ? id_bits : 0,
	                           result->rewrite_tl0 ? 8 : 0);
}

/* The packet becomes the next one of the slot, under 'generation'. False if head has moved
 * meanwhile. */
static bool start(struct buzz_route *route, const struct buzz_packet *packet, struct buzz_head head,
                  uint16_t generation, struct buzz_route_result *result)
{
	const struct buzz_rtp *rtp = packet->rtp;
	const struct buzz_frame *frame = packet->frame;
	struct buzz_picture picture = {0};
	struct buzz_head next = {.generation = generation, .seq = head.seq + 1};

	next.timestamp = head.timestamp +
	                 buzz_timeline_elapsed(route->timeline, head, packet->now_ms,
	                                       buzz_codec_clock_rate(route->codec));
	if (frame->picture_offset != 0 || frame->tl0_offset != 0)
		picture = buzz_timeline_reserve_picture(route->timeline);
	if (!buzz_timeline_move(route->timeline, head, next))
		return false;
	atomic_store(&route->timeline->sent_ms, packet->now_ms);
	atomic_store(&route->generation, generation);
	route->layer = packet->layer;
	route->ssrc = rtp->ssrc;
	route->base_seq = route->highest_seq = rtp->seq;
	route->seq_offset = next.seq - rtp->seq;
	route->timestamp_offset = next.timestamp - rtp->timestamp;
	route->picture_offset = frame->picture_offset != 0 ? picture.id - frame->picture_id : 0;
	route->tl0_offset = frame->tl0_offset != 0 ? picture.tl0 - frame->tl0 : 0;
	route->shift_count = 0;
	number(route, packet, route->seq_offset, result);
	return true;
}

/* Tries again when the leader moved in between, as long as this route is the wanted one. */
static void take_lead(struct buzz_route *route, const struct buzz_packet *packet,
                      struct buzz_route_result *result)
{
	while (atomic_load(&route->timeline->wanted) == route->id) {
		struct buzz_head head = buzz_timeline_head(route->timeline);
		uint16_t generation = head.generation + 1;
		if (generation == 0)
			generation = 1;
		if (start(route, packet, head, generation, result))
			return;
	}
}

/* A packet that comes after its successors, or again. It moves nothing. */
static void follow_late(const struct buzz_route *route, const struct buzz_packet *packet,
                        struct buzz_route_result *result)
{
	uint16_t seq = packet->rtp->seq, offset;

	if (seq == route->highest_seq || seq_ahead(seq, route->base_seq) < 0)
		return;
	if (packet->rtp->payload_length > 0 && offset_at(route, seq, &offset))
		number(route, packet, offset, result);
}

/* The slot has come to the number 'seq' and to this packet's time. False if the lead is lost. */
static bool move_on(struct buzz_route *route, const struct buzz_packet *packet,
                    struct buzz_head head, uint16_t seq)
{
	struct buzz_head next = {.generation = head.generation, .seq = seq};

	next.timestamp = later_timestamp(packet->rtp->timestamp + route->timestamp_offset,
	                                 head.timestamp);
	if (!buzz_timeline_move(route->timeline, head, next)) {
		forget_lead(route);
		return false;
	}
	if (next.timestamp != head.timestamp)
		atomic_store(&route->timeline->sent_ms, packet->now_ms);
	return true;
}

/* Takes a padding packet out. What is missing before it may still come, so its numbers and times
 * stay reserved. */
static void skip_padding(struct buzz_route *route, const struct buzz_packet *packet,
                         struct buzz_head head)
{
	uint16_t seq = packet->rtp->seq;

	if (!move_on(route, packet, head, (uint16_t)(seq + route->seq_offset - 1)))
		return;
	add_shift(route, seq, route->seq_offset);
	route->seq_offset--;
	advance(route, seq);
}

/* The next packet, perhaps after a gap. */
static void follow_next(struct buzz_route *route, const struct buzz_packet *packet,
                        struct buzz_head head, struct buzz_route_result *result)
{
	number(route, packet, route->seq_offset, result);
	note_picture(route, packet->frame, result);
	if (move_on(route, packet, head, result->seq))
		advance(route, packet->rtp->seq);
	else
		*result = (struct buzz_route_result){0};
}

static void follow(struct buzz_route *route, const struct buzz_packet *packet,
                   struct buzz_head head, struct buzz_route_result *result)
{
	if (packet->layer != route->layer || is_foreign(route, packet->rtp))
		return;
	if (seq_ahead(packet->rtp->seq, route->highest_seq) <= 0)
		follow_late(route, packet, result);
	else if (packet->rtp->payload_length == 0)
		skip_padding(route, packet, head);
	else
		follow_next(route, packet, head, result);
}

/* --- public ---------------------------------------------------------------------------------- */

void buzz_route_init(struct buzz_route *route, uint64_t id, struct buzz_timeline *timeline,
                     enum buzz_codec codec)
{
	memset(route, 0, sizeof(*route));
	route->id = id;
	route->timeline = timeline;
	route->codec = codec;
	route->layer = -1;
	atomic_init(&route->layer_max, BUZZ_LAYERS_MAX - 1);
	atomic_init(&route->generation, 0);
}

void buzz_route_packet(struct buzz_route *route, const struct buzz_packet *packet,
                       struct buzz_route_result *result)
{
	*result = (struct buzz_route_result){0};
	if (packet->layer < 0 || packet->layer >= BUZZ_LAYERS_MAX)
		return;
	bool startable = is_newest(route, packet) && can_start(route, packet);
	uint64_t wanted = atomic_load(&route->timeline->wanted);
	if (wanted == 0) {
		forget_lead(route);
		return;
	}
	bool mine = wanted == route->id;
	struct buzz_head head = buzz_timeline_head(route->timeline);
	uint16_t generation = atomic_load(&route->generation);
	if (generation == 0 || generation != head.generation) {
		forget_lead(route);
		if (mine && startable && packet->layer <= atomic_load(&route->layer_max))
			take_lead(route, packet, result);
	} else if (startable && should_restart(route, packet, mine)) {
		if (!start(route, packet, head, generation, result))
			forget_lead(route);
	} else {
		follow(route, packet, head, result);
	}
	result->want_keyframe = mine && waits_for_keyframe(route, packet);
}

bool buzz_route_alive(const struct buzz_route *route)
{
	uint64_t wanted = atomic_load(&route->timeline->wanted);
	uint16_t generation = atomic_load(&route->generation);

	if (wanted == route->id)
		return true;
	return wanted != 0 && generation != 0 &&
	       generation == buzz_timeline_head(route->timeline).generation;
}
