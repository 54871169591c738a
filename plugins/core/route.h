/* SPDX-License-Identifier: GPL-3.0-only */
/* One stream feeding one slot: decides for each packet whether it goes there and under which
 * sequence number, timestamp and picture ids. Owned by the publisher's loop thread except where
 * marked; pure arithmetic, no I/O, no allocation, no lock.
 *
 * Rules: a route takes the lead of its slot with the first packet of a key frame (audio: with any
 * packet) if it is the wanted one; until then the old route goes on (make before break). At the
 * takeover, and at a change of layer, seq = last + 1, timestamp = last + elapsed time (at least
 * 1), picture id = last + 1, TL0PICIDX = last + 1; constant offsets afterwards. Packets older than
 * the base of the takeover or layer change are dropped. Padding-only packets are not forwarded and
 * leave no gap. Reordered and retransmitted packets keep the number they would have had (also
 * across the last 16 removed padding packets). A source that restarts (another SSRC in the same
 * layer, or a leap in its numbers) continues likewise, from its next key frame.
 *
 * Layers: the target is the best layer that flows, at most layer_max. A route takes the lead on a
 * key frame of any layer it may send (a picture at once) and changes to the target on a key frame
 * of exactly the target; until then it asks for one. A key frame whose first packet comes late
 * (lost, and sent again) starts nothing: the packets after it are gone already.
 *
 * A route that finds it has lost the lead, or that its slot is to be empty, forgets it: it starts
 * again at a key frame. */
#pragma once
#include "codec.h"
#include "frame.h"
#include "layer.h"
#include "rtp.h"
#include "timeline.h"

#define BUZZ_ROUTE_SHIFTS 16
/* Packets: how late one may be. A longer leap either way is another numbering. */
#define BUZZ_ROUTE_WINDOW 3000

struct buzz_route {
	/* constant */
	uint64_t id; /* unique in the process, never 0 */
	struct buzz_timeline *timeline;
	enum buzz_codec codec;
	/* written by the worker, read here */
	_Atomic int layer_max; /* highest layer to send, from 0; default BUZZ_LAYERS_MAX - 1 */
	/* written by the source thread, read by any */
	_Atomic uint16_t generation; /* under which this route leads; 0 = it does not */
	/* the source thread's own */
	int layer;           /* being forwarded, -1 = none yet */
	uint32_t ssrc;
	uint16_t base_seq;   /* oldest packet that may be sent: the first since the last takeover or
	                      * change of layer, later the edge of the window */
	uint16_t highest_seq;
	uint16_t seq_offset; /* out = in + offset, modulo 2^16 */
	uint32_t timestamp_offset;
	uint16_t picture_offset;
	uint8_t tl0_offset;
	struct {
		uint16_t from;   /* the removed packet: numbers before this one use 'offset' */
		uint16_t offset;
	} shifts[BUZZ_ROUTE_SHIFTS];
	uint8_t shift_count, shift_next; /* a ring: entries in use, index of the next one */
	struct {
		bool known;
		uint32_t ssrc;
		uint16_t seq;
	} newest[BUZZ_LAYERS_MAX]; /* of each layer, forwarded or not */
};

/* What arrived, as read once per packet for all routes. */
struct buzz_packet {
	const struct buzz_rtp *rtp;
	const struct buzz_frame *frame; /* all zero for audio */
	int layer;                      /* 0 = lowest or not simulcast */
	int best_layer;                 /* highest layer that flows now (layer.h) */
	int64_t now_ms;                 /* monotonic */
};

struct buzz_route_result {
	bool forward;
	bool want_keyframe; /* this route waits for a key frame: ask the source */
	uint16_t seq;
	uint32_t timestamp;
	bool rewrite_picture, rewrite_tl0;
	uint16_t picture_id;
	uint8_t tl0;
};

void buzz_route_init(struct buzz_route *route, uint64_t id, struct buzz_timeline *timeline,
                     enum buzz_codec codec);
void buzz_route_packet(struct buzz_route *route, const struct buzz_packet *packet,
                       struct buzz_route_result *result);
/* True while this route may still be the one that feeds its slot: wanted, or leading until the
 * wanted one takes over. Any thread. */
bool buzz_route_alive(const struct buzz_route *route);
