/* SPDX-License-Identifier: GPL-3.0-only */
/* The timeline of one slot. No owner: every function works on atomics alone and never waits for
 * another thread. */
#include "timeline.h"

#define ELAPSED_MAX (1u << 30)
#define PICTURE_ID_MASK 0x7FFF

static uint64_t pack_head(struct buzz_head head)
{
	return (uint64_t)head.generation << 48 | (uint64_t)head.seq << 32 | head.timestamp;
}

static struct buzz_head unpack_head(uint64_t word)
{
	return (struct buzz_head){
		.generation = (uint16_t)(word >> 48),
		.seq = (uint16_t)(word >> 32),
		.timestamp = (uint32_t)word,
	};
}

static uint32_t pack_picture(struct buzz_picture picture)
{
	return (uint32_t)picture.id << 8 | picture.tl0;
}

static struct buzz_picture unpack_picture(uint32_t word)
{
	return (struct buzz_picture){.id = (uint16_t)(word >> 8), .tl0 = (uint8_t)word};
}

/* The later of 'last' and 'sent', of which only the low bits are known. */
static uint32_t later(uint32_t last, uint32_t sent, int bits)
{
	uint32_t mask = (1u << bits) - 1;
	uint32_t ahead = (sent - last) & mask;

	return ahead <= mask / 2 ? last + ahead : last;
}

void buzz_timeline_init(struct buzz_timeline *timeline, uint16_t first_seq,
                        uint32_t first_timestamp)
{
	struct buzz_head before = {
		.generation = 0,
		.seq = (uint16_t)(first_seq - 1),
		.timestamp = first_timestamp - 1,
	};

	atomic_init(&timeline->head, pack_head(before));
	atomic_init(&timeline->picture, 0);
	atomic_init(&timeline->sent_ms, 0);
	atomic_init(&timeline->wanted, 0);
}

struct buzz_head buzz_timeline_head(const struct buzz_timeline *timeline)
{
	return unpack_head(atomic_load(&timeline->head));
}

bool buzz_timeline_move(struct buzz_timeline *timeline, struct buzz_head from, struct buzz_head to)
{
	uint64_t expected = pack_head(from);

	return atomic_compare_exchange_strong(&timeline->head, &expected, pack_head(to));
}

uint32_t buzz_timeline_elapsed(const struct buzz_timeline *timeline, struct buzz_head head,
                               int64_t now_ms, uint32_t clock_rate)
{
	if (head.generation == 0)
		return 1;
	int64_t ticks = (now_ms - atomic_load(&timeline->sent_ms)) * clock_rate / 1000;
	if (ticks < 1)
		return 1;
	return ticks > ELAPSED_MAX ? ELAPSED_MAX : (uint32_t)ticks;
}

struct buzz_picture buzz_timeline_reserve_picture(struct buzz_timeline *timeline)
{
	uint32_t word = atomic_load(&timeline->picture);
	struct buzz_picture next;

	do {
		next = unpack_picture(word);
		next.id = (next.id + 1) & PICTURE_ID_MASK;
		next.tl0++;
	} while (!atomic_compare_exchange_weak(&timeline->picture, &word, pack_picture(next)));
	return next;
}

void buzz_timeline_note_picture(struct buzz_timeline *timeline, struct buzz_picture sent,
                                int id_bits, int tl0_bits)
{
	uint32_t word = atomic_load(&timeline->picture), noted;

	do {
		struct buzz_picture last = unpack_picture(word);
		last.id = later(last.id, sent.id, id_bits) & PICTURE_ID_MASK;
		last.tl0 = (uint8_t)later(last.tl0, sent.tl0, tl0_bits);
		noted = pack_picture(last);
	} while (noted != word &&
	         !atomic_compare_exchange_weak(&timeline->picture, &word, noted));
}
