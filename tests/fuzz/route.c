/* SPDX-License-Identifier: GPL-3.0-only */
/* Drives three routes, each with three simulcast layers, that feed one slot, and checks what the
 * receiver gets: new packets carry growing numbers and a time that never goes back, no two packets
 * share a number, a packet sent twice keeps its number, and neither padding comes nor anything from
 * a route that is neither wanted nor leading.
 *
 * Input: the codec, then operations of three bytes: what, which route and layer, how much. */
#include "route.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "broken: %s\n", #condition);                               \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

enum { ROUTES = 3, HISTORY = 4096, OPERATIONS_MAX = 2000 };

/* One layer of a stream. Its packets are counted without wrapping, across restarts too, and their
 * timestamps grow with the count. */
struct source {
	uint64_t count; /* of the newest packet */
	uint32_t ssrc;
	uint32_t timestamp, first_timestamp; /* now, and when this SSRC began */
	struct sent {
		uint64_t count;
		uint32_t ssrc, timestamp;
		bool seen; /* by the route; false = lost so far */
		bool padding, keyframe;
		bool delivered;
		uint64_t number; /* under which the receiver got it */
	} history[HISTORY];
};

static struct world {
	struct buzz_timeline timeline;
	struct buzz_route routes[ROUTES];
	struct source sources[ROUTES][BUZZ_LAYERS_MAX];
	int64_t now_ms;
	/* the receiver: numbers counted without wrapping */
	bool receiving;
	uint64_t newest;
	uint32_t newest_timestamp;
	const struct sent *owners[HISTORY];
	uint64_t owned[HISTORY];
} world;

/* The receiver's number without wrapping: the one nearest to the newest. */
static uint64_t unwrap(uint16_t seq)
{
	return world.newest + (uint64_t)(int64_t)(int16_t)(uint16_t)(seq - (uint16_t)world.newest);
}

static void receive_new(const struct buzz_route_result *result)
{
	uint64_t number = unwrap(result->seq);

	if (world.receiving) {
		REQUIRE(number > world.newest);
		REQUIRE((int32_t)(result->timestamp - world.newest_timestamp) >= 0);
	}
	world.receiving = true;
	world.newest = number;
	world.newest_timestamp = result->timestamp;
}

static void claim(struct sent *packet, uint64_t number)
{
	size_t place = number % HISTORY;

	if (world.owners[place] && world.owned[place] == number)
		REQUIRE(world.owners[place] == packet);
	world.owners[place] = packet;
	world.owned[place] = number;
}

static struct buzz_route_result pass(int index, int layer, const struct sent *packet, int best)
{
	struct buzz_rtp rtp = {
		.seq = (uint16_t)packet->count,
		.timestamp = packet->timestamp,
		.ssrc = packet->ssrc,
		.payload_length = packet->padding ? 0 : 100,
	};
	struct buzz_frame frame = {
		.keyframe_start = packet->keyframe && !packet->padding,
		.picture_offset = 2,
		.picture_long = index != 0,
		.picture_id = (uint16_t)(packet->timestamp & (index ? 0x7FFF : 0x7F)),
		.tl0_offset = 4,
		.tl0 = (uint8_t)packet->timestamp,
	};
	struct buzz_packet in = {
		.rtp = &rtp,
		.frame = &frame,
		.layer = layer,
		.best_layer = best,
		.now_ms = world.now_ms,
	};
	struct buzz_route *route = &world.routes[index];
	uint64_t wanted = atomic_load(&world.timeline.wanted);
	uint16_t generation = atomic_load(&route->generation);
	bool led = generation != 0 &&
	           generation == buzz_timeline_head(&world.timeline).generation;
	struct buzz_route_result result;

	buzz_route_packet(route, &in, &result);
	if (result.forward)
		REQUIRE(!packet->padding && wanted != 0 && (wanted == route->id || led));
	if (result.want_keyframe)
		REQUIRE(wanted == route->id);
	REQUIRE(result.picture_id <= (index ? 0x7FFF : 0x7F));
	return result;
}

/* The next packet of a source; it has been sent, but not seen by anyone. */
static struct sent *make_next(struct source *source)
{
	struct sent *packet = &source->history[++source->count % HISTORY];

	*packet = (struct sent){
		.count = source->count, .ssrc = source->ssrc, .timestamp = source->timestamp};
	return packet;
}

/* The next packet that arrives, after 'lost' that did not. */
static void send_next(int index, int layer, int lost, bool padding, bool keyframe, int best)
{
	struct source *source = &world.sources[index][layer];

	while (lost-- > 0)
		make_next(source);
	struct sent *packet = make_next(source);
	packet->seen = true;
	packet->padding = padding;
	packet->keyframe = keyframe;
	struct buzz_route_result result = pass(index, layer, packet, best);
	if (!result.forward)
		return;
	receive_new(&result);
	packet->delivered = true;
	packet->number = world.newest;
	claim(packet, packet->number);
}

/* The packet 'behind' the newest; one from before the SSRC began is made up. */
static struct sent *find_late(struct source *source, uint64_t behind, bool padding)
{
	uint64_t count = source->count - behind;
	struct sent *packet = &source->history[count % HISTORY];

	if (packet->count != count || packet->ssrc != source->ssrc)
		*packet = (struct sent){
			.count = count, .ssrc = source->ssrc, .timestamp = source->first_timestamp};
	if (!packet->seen)
		packet->padding = padding;
	packet->seen = true;
	return packet;
}

static void send_late(int index, int layer, uint64_t behind, bool padding, int best)
{
	struct source *source = &world.sources[index][layer];
	struct sent *packet = find_late(source, behind, padding);
	struct buzz_route_result result = pass(index, layer, packet, best);

	if (!result.forward)
		return;
	uint64_t number = unwrap(result.seq);
	if (number > world.newest) { /* a leap back, taken for a restart: all get new numbers */
		receive_new(&result);
		for (int i = 0; i < HISTORY; i++)
			source->history[i].delivered = false;
	}
	REQUIRE(!packet->delivered || packet->number == number);
	packet->delivered = true;
	packet->number = number;
	claim(packet, number);
}

static void restart(int index, int layer, uint8_t amount)
{
	struct source *source = &world.sources[index][layer];

	source->ssrc++;
	source->timestamp += amount * 1000000u;
	source->first_timestamp = source->timestamp;
	source->count += HISTORY * (1 + (uint64_t)amount);
}

static void operate(uint8_t what, uint8_t which, uint8_t amount)
{
	int index = which % ROUTES, layer = which / ROUTES % BUZZ_LAYERS_MAX;
	int best = which / 16 % (BUZZ_LAYERS_MAX + 1) - 1;
	struct buzz_route *route = &world.routes[index];

	switch (what % 12) {
	case 0:
		atomic_store(&world.timeline.wanted, amount % 8 ? route->id : 0);
		break;
	case 1:
		atomic_store(&route->layer_max, amount % BUZZ_LAYERS_MAX);
		break;
	case 2:
		restart(index, layer, amount);
		break;
	case 3:
		world.now_ms += amount;
		world.sources[index][layer].timestamp += amount * 90u;
		break;
	case 4:
		send_next(index, layer, 0, true, false, best);
		break;
	case 5:
		send_next(index, layer, amount, amount % 2, false, best);
		break;
	case 6:
		send_late(index, layer, amount % 64u, amount >= 192, best);
		break;
	case 7:
		send_late(index, layer, amount * 14u, false, best);
		break;
	case 8:
	case 9:
		send_next(index, layer, 0, false, true, best);
		break;
	default: /* a few frames */
		for (int i = 0; i <= amount % 16; i++) {
			world.sources[index][layer].timestamp += 3000;
			world.now_ms += 33;
			send_next(index, layer, 0, false, false, best);
		}
	}
}

static void begin(uint8_t choice)
{
	enum buzz_codec codec = choice % 2 ? BUZZ_CODEC_OPUS : BUZZ_CODEC_VP8;

	memset(&world, 0, sizeof(world));
	world.now_ms = 1000;
	world.newest = 1u << 20; /* far from 0, so that late packets lie above it */
	uint16_t first_seq = (uint16_t)((choice >> 1) * 521);
	world.newest += first_seq;
	buzz_timeline_init(&world.timeline, first_seq, 0xFFFFFF00u + choice);
	for (int i = 0; i < ROUTES; i++) {
		buzz_route_init(&world.routes[i], (uint64_t)i + 1, &world.timeline, codec);
		for (int layer = 0; layer < BUZZ_LAYERS_MAX; layer++) {
			world.sources[i][layer].ssrc = 1000000u * (uint32_t)(i * 8 + layer + 1);
			world.sources[i][layer].count = (1u << 20) + 30000u * (uint32_t)(i + layer);
			world.sources[i][layer].first_timestamp = 0x7FFFFF00u * (uint32_t)i;
			world.sources[i][layer].timestamp = 0x7FFFFF00u * (uint32_t)i;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	if (length == 0)
		return 0;
	begin(data[0]);
	size_t operations = (length - 1) / 3;
	if (operations > OPERATIONS_MAX)
		operations = OPERATIONS_MAX;
	for (size_t i = 0; i < operations; i++)
		operate(data[1 + 3 * i], data[2 + 3 * i], data[3 + 3 * i]);
	return 0;
}
