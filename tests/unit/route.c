/* SPDX-License-Identifier: GPL-3.0-only */
/* Tables of packets and what becomes of them: the routes A and B feed one slot. */
#include "route.h"
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on

enum { NOBODY, A, B, ROUTES };

struct row {
	const char *say;
	enum { PACKET, WANTED, LIMIT } op;
	int route;
	/* in */
	uint16_t seq;
	uint32_t timestamp;
	int64_t now_ms;
	uint32_t ssrc; /* 0 = the usual one of route and layer */
	int layer, best_layer, limit;
	bool keyframe, padding, picture_short;
	uint16_t picture_in; /* 0 = has none */
	uint8_t tl0_in;
	/* out */
	bool sent, wants_keyframe;
	uint16_t seq_out;
	uint32_t timestamp_out;
	uint16_t picture_out;
	uint8_t tl0_out;
};

#define BIND(route_) .op = WANTED, .route = route_
#define MOST(route_, layer_) .op = LIMIT, .route = route_, .limit = layer_
#define IN(route_, seq_, timestamp_, now_ms_)                                                      \
	.route = route_, .seq = seq_, .timestamp = timestamp_, .now_ms = now_ms_
#define KEY .keyframe = true
#define PADDING .padding = true
#define SSRC(ssrc_) .ssrc = ssrc_
#define LAYER(layer_, best_) .layer = layer_, .best_layer = best_
#define PICTURE(in_, out_) .picture_in = in_, .picture_out = out_
#define SHORT(in_, out_) .picture_short = true, .picture_in = in_, .picture_out = out_
#define TL0(in_, out_) .tl0_in = in_, .tl0_out = out_
#define SENT(seq_, timestamp_) .sent = true, .seq_out = seq_, .timestamp_out = timestamp_
#define DROPPED .sent = false
#define WAITS .wants_keyframe = true

struct slot {
	struct buzz_timeline timeline;
	struct buzz_route routes[ROUTES]; /* by A and B; the first one stays unused */
};

static void open_slot(struct slot *slot, enum buzz_codec codec, uint16_t seq, uint32_t timestamp)
{
	buzz_timeline_init(&slot->timeline, seq, timestamp);
	buzz_route_init(&slot->routes[A], A, &slot->timeline, codec);
	buzz_route_init(&slot->routes[B], B, &slot->timeline, codec);
}

static struct buzz_route_result send_packet(struct slot *slot, const struct row *row)
{
	struct buzz_rtp rtp = {
		.seq = row->seq,
		.timestamp = row->timestamp,
		.ssrc = row->ssrc ? row->ssrc : (uint32_t)(row->route * 100 + row->layer),
		.payload_length = row->padding ? 0 : 500,
	};
	struct buzz_frame frame = {
		.keyframe_start = row->keyframe,
		.picture_offset = row->picture_in ? 2 : 0,
		.picture_long = row->picture_in && !row->picture_short,
		.picture_id = row->picture_in,
		.tl0_offset = row->tl0_in ? 4 : 0,
		.tl0 = row->tl0_in,
	};
	struct buzz_packet packet = {
		.rtp = &rtp,
		.frame = &frame,
		.layer = row->layer,
		.best_layer = row->best_layer,
		.now_ms = row->now_ms,
	};
	struct buzz_route_result result;

	buzz_route_packet(&slot->routes[row->route], &packet, &result);
	return result;
}

static void check_packet(struct slot *slot, const struct row *row, size_t index)
{
	struct buzz_route_result result = send_packet(slot, row);

	print_message("row %zu, %s: %s %u %u picture %u tl0 %u%s\n", index,
	              row->say ? row->say : "", result.forward ? "sent" : "dropped", result.seq,
	              result.timestamp, result.picture_id, result.tl0,
	              result.want_keyframe ? ", waits" : "");
	assert_int_equal(result.forward, row->sent);
	assert_int_equal(result.want_keyframe, row->wants_keyframe);
	assert_int_equal(result.seq, row->seq_out);
	assert_int_equal(result.timestamp, row->timestamp_out);
	assert_int_equal(result.rewrite_picture, row->sent && row->picture_in);
	assert_int_equal(result.picture_id, row->picture_out);
	assert_int_equal(result.rewrite_tl0, row->sent && row->tl0_in);
	assert_int_equal(result.tl0, row->tl0_out);
}

static void run_rows(struct slot *slot, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		switch (rows[i].op) {
		case PACKET:
			check_packet(slot, &rows[i], i);
			break;
		case WANTED:
			atomic_store(&slot->timeline.wanted, (uint64_t)rows[i].route);
			break;
		case LIMIT:
			atomic_store(&slot->routes[rows[i].route].layer_max, rows[i].limit);
			break;
		}
	}
}

#define RUN(slot, rows) run_rows(slot, rows, sizeof(rows) / sizeof((rows)[0]))

static void leads_from_a_key_frame_on(void **state)
{
	static const struct row rows[] = {
		{"nobody is wanted", IN(A, 99, 9000, 990), KEY, DROPPED},
		{BIND(A)},
		{"not yet", IN(A, 100, 9000, 1000), DROPPED, WAITS},
		{"not wanted", IN(B, 7, 7, 1000), KEY, DROPPED},
		{"the first", IN(A, 101, 9000, 1010), KEY, SENT(1000, 50000)},
		{"same frame", IN(A, 102, 9000, 1010), SENT(1001, 50000)},
		{"next frame", IN(A, 103, 12000, 1043), SENT(1002, 53000)},
		{"a key frame later on is just a frame", IN(A, 104, 15000, 1076), KEY,
		 SENT(1003, 56000)},
		{"not wanted still", IN(B, 8, 8, 1080), KEY, DROPPED},
		{"layer not known", IN(A, 105, 18000, 1100), LAYER(-1, -1), DROPPED},
		{"no such layer", IN(A, 105, 18000, 1100), LAYER(3, 3), DROPPED},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void all_numbers_wrap(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{"start", IN(A, 65533, 0xFFFFFFF0, 0), KEY, PICTURE(0x7FF0, 1), TL0(250, 1),
		 SENT(65535, 0xFFFFFF00)},
		{IN(A, 65534, 0xFFFFFFF0, 0), PICTURE(0x7FF0, 1), TL0(250, 1), SENT(0, 0xFFFFFF00)},
		{"timestamp in", IN(A, 65535, 0x00000010, 1), PICTURE(0x7FFF, 16), TL0(255, 6),
		 SENT(1, 0xFFFFFF20)},
		{"all of them in", IN(A, 0, 0x00000110, 2), PICTURE(1, 18), TL0(1, 8),
		 SENT(2, 0x20)},
		{"late, from before the wrap", IN(A, 65535, 0x00000010, 3), PICTURE(0x7FFF, 16),
		 TL0(255, 6), SENT(1, 0xFFFFFF20)},
		{"picture id up", IN(A, 1, 0x110, 4), PICTURE(0x3000, 0x3011), TL0(100, 107),
		 SENT(3, 0x20)},
		{"and up", IN(A, 2, 0x110, 4), PICTURE(0x6000, 0x6011), TL0(200, 207),
		 SENT(4, 0x20)},
		{"to the edge", IN(A, 3, 0x110, 4), PICTURE(0x7FEE, 0x7FFF), TL0(248, 255),
		 SENT(5, 0x20)},
		{BIND(B)},
		{"wraps at the takeover", IN(B, 500, 77, 6), KEY, PICTURE(0x1234, 0), TL0(9, 0),
		 SENT(6, 0x20 + 4 * 90)},
		{IN(B, 501, 78, 6), PICTURE(0x1235, 1), TL0(10, 1), SENT(7, 0x20 + 4 * 90 + 1)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 65535, 0xFFFFFF00);
	RUN(&slot, rows);
}

static void the_old_source_goes_on_until_the_new_key_frame(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{IN(A, 100, 9000, 1000), KEY, PICTURE(40, 1), SENT(1000, 50000)},
		{BIND(B)},
		{"B waits", IN(B, 5, 700000, 1010), PICTURE(900, 0), DROPPED, WAITS},
		{"A asks for nothing", IN(A, 101, 12000, 1033), PICTURE(41, 2), SENT(1001, 53000)},
		{"B waits", IN(B, 6, 703000, 1040), PICTURE(901, 0), DROPPED, WAITS},
		{"500 ms on", IN(A, 103, 54000, 1500), PICTURE(55, 16), SENT(1003, 95000)},
		{"A out of order, in time", IN(A, 102, 54000, 1505), PICTURE(55, 16),
		 SENT(1002, 95000)},
		{"B takes over, 33 ms after A", IN(B, 20, 745000, 1533), KEY, PICTURE(916, 17),
		 SENT(1004, 95000 + 33 * 90)},
		{"A has lost", IN(A, 104, 57000, 1533), PICTURE(56, 0), DROPPED},
		{"A late", IN(A, 99, 9000, 1534), DROPPED},
		{"A key frame", IN(A, 105, 60000, 1540), KEY, DROPPED},
		{"B from before the takeover", IN(B, 19, 742000, 1534), PICTURE(915, 0), DROPPED},
		{"B", IN(B, 21, 745000, 1534), PICTURE(916, 17), SENT(1005, 95000 + 33 * 90)},
		{"B next", IN(B, 22, 748000, 1566), PICTURE(917, 18),
		 SENT(1006, 95000 + 33 * 90 + 3000)},
		{BIND(A)},
		{"A must start anew", IN(A, 106, 63000, 1570), PICTURE(58, 0), DROPPED, WAITS},
		{"A back, 34 ms after B", IN(A, 107, 66000, 1600), KEY, PICTURE(59, 19),
		 SENT(1007, 95000 + 33 * 90 + 3000 + 34 * 90)},
		{"B has lost", IN(B, 23, 751000, 1600), PICTURE(918, 0), DROPPED},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void late_packets_keep_their_numbers(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{IN(A, 100, 9000, 1000), KEY, PICTURE(40, 1), SENT(1000, 50000)},
		{"again", IN(A, 100, 9000, 1000), KEY, PICTURE(40, 0), DROPPED},
		{"gap of two", IN(A, 103, 12000, 1033), PICTURE(42, 3), SENT(1003, 53000)},
		{"recovered", IN(A, 101, 9000, 1040), PICTURE(40, 1), SENT(1001, 50000)},
		{"recovered", IN(A, 102, 10500, 1041), PICTURE(41, 2), SENT(1002, 51500)},
		{"before the base", IN(A, 99, 8000, 1042), PICTURE(39, 0), DROPPED},
		{"late padding", IN(A, 101, 9000, 1043), PADDING, DROPPED},
		{"on", IN(A, 104, 15000, 1066), PICTURE(43, 4), SENT(1004, 56000)},
		{"longest gap", IN(A, 3104, 18000, 1099), PICTURE(44, 5), SENT(4004, 59000)},
		{"at the edge of the window", IN(A, 104, 15000, 1100), PICTURE(43, 4),
		 SENT(1004, 56000)},
		{"on", IN(A, 3105, 21000, 1132), PICTURE(45, 6), SENT(4005, 62000)},
		{"behind the window: a strange number", IN(A, 104, 15000, 1133), PICTURE(43, 0),
		 DROPPED, WAITS},
		{"which changes nothing", IN(A, 3106, 21000, 1134), PICTURE(45, 6),
		 SENT(4006, 62000)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void padding_leaves_no_gap(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{"nothing starts with padding", IN(A, 99, 9000, 999), PADDING, DROPPED, WAITS},
		{IN(A, 100, 9000, 1000), KEY, SENT(1000, 50000)},
		{"padding", IN(A, 101, 9000, 1001), PADDING, DROPPED},
		{"two more", IN(A, 102, 9000, 1002), PADDING, DROPPED},
		{IN(A, 103, 9000, 1003), PADDING, DROPPED},
		{"no gap", IN(A, 104, 12000, 1033), SENT(1001, 53000)},
		{"before the padding, again", IN(A, 100, 9000, 1034), SENT(1000, 50000)},
		{"number of a padding packet", IN(A, 102, 9000, 1035), DROPPED},
		{"gap, then padding", IN(A, 107, 12000, 1040), PADDING, DROPPED},
		{IN(A, 108, 15000, 1066), SENT(1004, 56000)},
		{"the gap is filled", IN(A, 105, 12000, 1067), SENT(1002, 53000)},
		{"the gap is filled", IN(A, 106, 12000, 1068), SENT(1003, 53000)},
		{"padding again, late", IN(A, 107, 12000, 1069), PADDING, DROPPED},
		{"padding in a gap, out of order", IN(A, 110, 18000, 1099), SENT(1006, 59000)},
		{"leaves the gap", IN(A, 109, 18000, 1100), PADDING, DROPPED},
		{IN(A, 111, 18000, 1101), SENT(1007, 59000)},
		{"gap, then padding, then a takeover", IN(A, 113, 18000, 1102), PADDING, DROPPED},
		{BIND(B)},
		{"whose number is free", IN(B, 5, 0, 1111), KEY, SENT(1009, 59000 + 12 * 90)},
		{"since that one might have come", IN(A, 112, 18000, 1112), DROPPED},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void padding_is_forgotten_with_its_numbering(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{IN(A, 100, 9000, 1000), KEY, SENT(1000, 50000)},
		{IN(A, 101, 9000, 1001), PADDING, DROPPED},
		{"another numbering", IN(A, 90, 0, 1010), SSRC(9), KEY, SENT(1001, 50900)},
		{IN(A, 92, 0, 1011), SSRC(9), SENT(1003, 50900)},
		{"late", IN(A, 91, 0, 1012), SSRC(9), SENT(1002, 50900)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void padding_holds_the_place_of_what_it_overtook(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{IN(A, 100, 9000, 1000), KEY, SENT(1000, 50000)},
		{"two frames are missing", IN(A, 103, 15000, 1066), PADDING, DROPPED},
		{"one comes", IN(A, 102, 15000, 1067), SENT(1002, 56000)},
		{BIND(B)},
		{"later than that one", IN(B, 5, 0, 1068), KEY, SENT(1003, 56000 + 2 * 90)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void the_last_16_paddings_are_remembered(void **state)
{
	struct slot slot;
	struct buzz_route_result result;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	atomic_store(&slot.timeline.wanted, A);
	send_packet(&slot, &(struct row){IN(A, 100, 0, 1), KEY}); /* 1000 */
	for (int i = 0; i < 18; i++) {
		/* media at even numbers, 1000 + i; padding at odd ones */
		uint16_t odd = (uint16_t)(101 + 2 * i);
		result = send_packet(&slot, &(struct row){IN(A, odd, 0, 2), PADDING});
		assert_false(result.forward);
		result = send_packet(&slot, &(struct row){IN(A, odd + 1, 0, 2)});
		assert_int_equal(result.seq, 1001 + i);
	}
	for (int seq = 100; seq <= 136; seq++) {
		result = send_packet(&slot, &(struct row){IN(A, (uint16_t)seq, 0, 3)});
		/* 103 is the last one forgotten; 136 has only just been sent */
		bool known = seq > 103 && seq % 2 == 0 && seq < 136;
		assert_int_equal(result.forward, known);
		if (known)
			assert_int_equal(result.seq, 1000 + (seq - 100) / 2);
	}
}

static void a_restarted_source_continues(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{IN(A, 100, 9000, 1000), KEY, PICTURE(40, 1), SENT(1000, 50000)},
		{"another SSRC", IN(A, 7000, 1, 1010), SSRC(9), PICTURE(5, 0), DROPPED, WAITS},
		{"the old one may go on", IN(A, 101, 12000, 1020), PICTURE(41, 2),
		 SENT(1001, 53000)},
		{"key frame of the new one", IN(A, 7002, 1, 1030), SSRC(9), KEY, PICTURE(6, 3),
		 SENT(1002, 53900)},
		{IN(A, 7003, 2, 1030), SSRC(9), PICTURE(6, 3), SENT(1003, 53901)},
		{"the old one, late", IN(A, 102, 12000, 1031), PICTURE(41, 0), DROPPED, WAITS},
		{"before the restart", IN(A, 7001, 1, 1032), SSRC(9), PICTURE(5, 0), DROPPED},
		{"leap ahead", IN(A, 10004, 90, 1040), SSRC(9), PICTURE(7, 0), DROPPED, WAITS},
		{"key frame there", IN(A, 10005, 90, 1041), SSRC(9), KEY, PICTURE(7, 4),
		 SENT(1004, 53901 + 11 * 90)},
		{"leap back", IN(A, 7004, 90, 1050), SSRC(9), KEY, PICTURE(8, 5),
		 SENT(1005, 53901 + 20 * 90)},
		{IN(A, 7005, 91, 1050), SSRC(9), PICTURE(8, 5), SENT(1006, 53902 + 20 * 90)},
		{BIND(B)},
		{"not wanted any more, but still leading", IN(A, 50000, 0, 1060), SSRC(9),
		 PICTURE(9, 0), DROPPED},
		{IN(A, 50001, 0, 1060), SSRC(9), KEY, PICTURE(9, 6), SENT(1007, 53902 + 30 * 90)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void a_late_key_frame_starts_nothing(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{"its first packet is missing", IN(A, 101, 9000, 1000), DROPPED, WAITS},
		{"and comes too late", IN(A, 100, 9000, 1050), KEY, DROPPED, WAITS},
		{"the same one", IN(A, 101, 9000, 1050), KEY, DROPPED, WAITS},
		{"the next one will do", IN(A, 102, 12000, 1500), KEY, SENT(1000, 50000)},
		{"nor a change of layer", IN(A, 11, 0, 1501), LAYER(1, 1), DROPPED, WAITS},
		{IN(A, 10, 0, 1502), LAYER(1, 1), KEY, DROPPED, WAITS},
		{IN(A, 12, 0, 1503), LAYER(1, 1), KEY, SENT(1001, 50270)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void picture_ids_of_both_lengths_follow_each_other(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{"7 bits", IN(A, 100, 0, 1000), KEY, SHORT(100, 1), SENT(1000, 50000)},
		{"wraps in", IN(A, 101, 0, 1000), SHORT(127, 28), SENT(1001, 50000)},
		{"wrapped in", IN(A, 102, 0, 1000), SHORT(50, 79), SENT(1002, 50000)},
		{"before the wrap out", IN(A, 103, 0, 1000), SHORT(98, 127), SENT(1003, 50000)},
		{"wraps out", IN(A, 104, 0, 1000), SHORT(101, 2), SENT(1004, 50000)},
		{"late", IN(A, 103, 0, 1000), SHORT(98, 127), SENT(1003, 50000)},
		{BIND(B)},
		{"15 bits: last was 128 + 2", IN(B, 7, 0, 1001), KEY, PICTURE(5000, 131),
		 SENT(1005, 50090)},
		{IN(B, 8, 0, 1001), PICTURE(5001, 132), SENT(1006, 50090)},
		{BIND(A)},
		{"7 bits again", IN(A, 200, 0, 1002), KEY, SHORT(9, 5), SENT(1007, 50180)},
		{BIND(B)},
		{"none at all", IN(B, 50, 0, 1003), KEY, SENT(1008, 50270)},
		{"one in mid-stream is left as it is", IN(B, 51, 0, 1003), PICTURE(200, 200),
		 SENT(1009, 50270)},
		{BIND(A)},
		{"TL0PICIDX alone", IN(A, 300, 0, 1004), KEY, TL0(77, 4), SENT(1010, 50360)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void layers_climb_and_fall_at_key_frames(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{"any layer gives a picture", IN(A, 10, 0, 1000), LAYER(0, 2), KEY, PICTURE(50, 1),
		 SENT(1000, 50000), WAITS},
		{"lowest goes on", IN(A, 11, 3000, 1033), LAYER(0, 2), PICTURE(51, 2),
		 SENT(1001, 53000), WAITS},
		{"middle is not the target", IN(A, 310, 0, 1040), LAYER(1, 2), KEY, PICTURE(50, 0),
		 DROPPED, WAITS},
		{"highest, no key frame", IN(A, 510, 0, 1041), LAYER(2, 2), PICTURE(50, 0),
		 DROPPED, WAITS},
		{"highest", IN(A, 511, 4000, 1043), LAYER(2, 2), KEY, PICTURE(52, 3),
		 SENT(1002, 53900)},
		{"lowest stops", IN(A, 12, 6000, 1066), LAYER(0, 2), PICTURE(52, 0), DROPPED},
		{"its key frame too", IN(A, 13, 6000, 1066), LAYER(0, 2), KEY, PICTURE(52, 0),
		 DROPPED},
		{"highest before its key frame", IN(A, 510, 0, 1067), LAYER(2, 2), PICTURE(50, 0),
		 DROPPED},
		{"highest goes on", IN(A, 512, 7000, 1076), LAYER(2, 2), PICTURE(53, 4),
		 SENT(1003, 56900)},
		{MOST(A, 1)},
		{"wanted lower: goes on", IN(A, 513, 10000, 1109), LAYER(2, 2), PICTURE(54, 5),
		 SENT(1004, 59900), WAITS},
		{"not so low", IN(A, 14, 9000, 1110), LAYER(0, 2), KEY, PICTURE(53, 0),
		 DROPPED, WAITS},
		{"middle", IN(A, 311, 9000, 1119), LAYER(1, 2), KEY, PICTURE(60, 6),
		 SENT(1005, 60800)},
		{"highest stops", IN(A, 514, 12000, 1120), LAYER(2, 2), PICTURE(55, 0), DROPPED},
		{MOST(A, 2)},
		{"wanted higher", IN(A, 312, 9000, 1120), LAYER(1, 1), PICTURE(60, 6),
		 SENT(1006, 60800)},
		{"middle falls silent", IN(A, 20, 50000, 1700), LAYER(0, 0), PICTURE(80, 0),
		 DROPPED, WAITS},
		{"down", IN(A, 21, 50000, 1720), LAYER(0, 0), KEY, PICTURE(81, 7),
		 SENT(1007, 60800 + 601 * 90)},
		{"no best layer known", IN(A, 22, 50000, 1720), LAYER(0, -1), PICTURE(81, 7),
		 SENT(1008, 60800 + 601 * 90)},
		{BIND(B)},
		{"A may not change now", IN(A, 530, 50000, 1730), LAYER(2, 2), KEY, PICTURE(70, 0),
		 DROPPED},
		{"A goes on", IN(A, 23, 53000, 1740), LAYER(0, 2), PICTURE(82, 8),
		 SENT(1009, 63800 + 601 * 90)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void a_layer_above_the_limit_takes_no_lead(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{MOST(A, 0)},
		{"too high", IN(A, 500, 0, 1000), LAYER(2, 2), KEY, DROPPED, WAITS},
		{"too high", IN(A, 300, 0, 1001), LAYER(1, 2), KEY, DROPPED, WAITS},
		{"fits", IN(A, 10, 0, 1002), LAYER(0, 2), KEY, SENT(1000, 50000)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void an_emptied_slot_gets_nothing(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{IN(A, 100, 9000, 1000), KEY, SENT(1000, 50000)},
		{BIND(NOBODY)},
		{"dropped", IN(A, 101, 12000, 1033), DROPPED},
		{"dropped", IN(A, 102, 15000, 1066), KEY, DROPPED},
		{BIND(A)},
		{"packets are missing", IN(A, 103, 18000, 1099), DROPPED, WAITS},
		{"starts anew", IN(A, 104, 21000, 1132), KEY, SENT(1001, 50000 + 132 * 90)},
		{BIND(NOBODY)},
		{BIND(A)},
		{"nothing was missed", IN(A, 105, 24000, 1165), SENT(1002, 53000 + 132 * 90)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

static void audio_changes_with_any_packet(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{IN(A, 100, 960, 1000), SENT(1000, 50000)},
		{IN(A, 101, 1920, 1020), SENT(1001, 50960)},
		{BIND(B)},
		{"A until B speaks", IN(A, 102, 2880, 1040), SENT(1002, 51920)},
		{"B, 12 ms later", IN(B, 9, 5, 1052), SENT(1003, 51920 + 12 * 48)},
		{"A has lost", IN(A, 103, 3840, 1060), DROPPED},
		{"B before its first", IN(B, 8, 0, 1061), DROPPED},
		{IN(B, 10, 965, 1072), SENT(1004, 51920 + 12 * 48 + 960)},
		{"another SSRC", IN(B, 40000, 7, 1092), SSRC(3),
		 SENT(1005, 51920 + 12 * 48 + 1920)},
		{"a leap", IN(B, 50000, 967, 1112), SSRC(3), SENT(1006, 51920 + 12 * 48 + 2880)},
		{IN(B, 50001, 1927, 1132), SSRC(3), SENT(1007, 51920 + 12 * 48 + 3840)},
		{BIND(A)},
		{"in the same millisecond", IN(A, 104, 4800, 1132),
		 SENT(1008, 51920 + 12 * 48 + 3841)},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_OPUS, 1000, 50000);
	RUN(&slot, rows);
}

static void time_always_moves_ahead(void **state)
{
	static const struct row rows[] = {
		{BIND(A)},
		{IN(A, 100, 9000, 1000), KEY, SENT(1000, 50000)},
		{"frames may be sent out of order", IN(A, 101, 15000, 1033), SENT(1001, 56000)},
		{IN(A, 102, 12000, 1066), SENT(1002, 53000)},
		{BIND(B)},
		{"continues from the highest", IN(B, 1, 0, 1067), KEY, SENT(1003, 56000 + 34 * 90)},
		{BIND(A)},
		{"an older reading of the clock", IN(A, 200, 0, 900), KEY,
		 SENT(1004, 56001 + 34 * 90)},
		{BIND(B)},
		{"a day later", IN(B, 2, 0, 86400900), KEY,
		 SENT(1005, 56001 + 34 * 90 + (1u << 30))},
	};
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	RUN(&slot, rows);
}

/* Every third packet of a long stream comes ten packets late, and every 'interval'th is padding. */
static void run_long_stream(int interval)
{
	enum { PACKETS = 200000, LATE = 10 };
	struct slot slot;
	uint16_t *expected = calloc(PACKETS, sizeof(*expected)), next = 1001;

	assert_non_null(expected);
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	atomic_store(&slot.timeline.wanted, A);
	assert_true(send_packet(&slot, &(struct row){IN(A, 65000, 0, 1), KEY}).forward);
	for (int i = 1; i < PACKETS; i++) {
		bool late = i % 3 == 0, padding = !late && i % interval == 0;
		struct row row = {IN(A, (uint16_t)(65000 + i), (uint32_t)i, i), .padding = padding};
		struct buzz_route_result result;
		expected[i] = padding ? 0 : next++;
		if (!late) {
			result = send_packet(&slot, &row);
			assert_int_equal(result.forward, !padding);
			assert_int_equal(result.seq, expected[i]);
		}
		int before = i - LATE;
		if (before <= 0 || before % 3 != 0)
			continue;
		row = (struct row){IN(A, (uint16_t)(65000 + before), (uint32_t)before, i)};
		result = send_packet(&slot, &row);
		assert_true(result.forward);
		assert_int_equal(result.seq, expected[before]);
	}
	free(expected);
}

static void long_streams_stay_comparable(void **state)
{
	(void)state;
	run_long_stream(7);      /* more padding than is remembered */
	run_long_stream(3001);   /* less than one in a window */
	run_long_stream(100001); /* hardly any */
}

static void generations_wrap_past_0(void **state)
{
	enum { TAKEOVERS = 70000 };
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	for (int i = 0; i < TAKEOVERS; i++) {
		int route = i % 2 ? A : B;
		atomic_store(&slot.timeline.wanted, (uint64_t)route);
		struct row row = {IN(route, (uint16_t)i, 0, i), KEY};
		struct buzz_route_result result = send_packet(&slot, &row);
		assert_true(result.forward);
		assert_int_equal(result.seq, (uint16_t)(1000 + i));
		assert_int_not_equal(buzz_timeline_head(&slot.timeline).generation, 0);
	}
}

static void alive_while_wanted_or_leading(void **state)
{
	struct slot slot;

	(void)state;
	open_slot(&slot, BUZZ_CODEC_VP8, 1000, 50000);
	assert_false(buzz_route_alive(&slot.routes[A]));
	atomic_store(&slot.timeline.wanted, A);
	assert_true(buzz_route_alive(&slot.routes[A]));
	send_packet(&slot, &(struct row){IN(A, 1, 0, 1), KEY});
	atomic_store(&slot.timeline.wanted, B);
	assert_true(buzz_route_alive(&slot.routes[A])); /* until B takes over */
	assert_true(buzz_route_alive(&slot.routes[B]));
	send_packet(&slot, &(struct row){IN(B, 1, 0, 1), KEY});
	assert_false(buzz_route_alive(&slot.routes[A]));
	assert_true(buzz_route_alive(&slot.routes[B]));
	atomic_store(&slot.timeline.wanted, NOBODY);
	assert_false(buzz_route_alive(&slot.routes[B]));
}

/* --- two source threads, one slot ----------------------------------------------------------- */

#define RACE_TAKEOVERS 600
#define RACE_ROUND 40 /* packets of each source between two takeovers: in all less than 2^16 */

struct race {
	struct slot slot;
	_Atomic int round; /* of takeovers; -1 = stop */
	/* by the number sent; a place is written by the one thread that was given the number */
	_Atomic uint32_t timestamps[65536];
	_Atomic uint16_t pictures[65536];
	_Atomic uint8_t count[65536];
};

struct source {
	struct race *race;
	int route;
};

static void note_sent(struct race *race, const struct buzz_route_result *result)
{
	atomic_fetch_add(&race->count[result->seq], 1);
	atomic_store(&race->timestamps[result->seq], result->timestamp);
	atomic_store(&race->pictures[result->seq], result->picture_id);
}

/* Every packet is a frame, every fourth frame a key frame. */
static void *send_all(void *argument)
{
	struct source *source = argument;
	struct race *race = source->race;
	int round, left = 0, last_round = -1;
	uint16_t seq = (uint16_t)(source->route * 20000);

	while ((round = atomic_load(&race->round)) >= 0) {
		if (round != last_round)
			left = RACE_ROUND;
		last_round = round;
		if (left-- <= 0) {
			left = 0;
			sched_yield();
			continue;
		}
		struct row row = {
		        IN(source->route, seq, seq * 10u, 1000 + seq / 16),
			.keyframe = seq % 4 == 0,
			.picture_in = (uint16_t)(seq % 0x7FFF + 1), /* 0 would be none */
		};
		struct buzz_route_result result = send_packet(&race->slot, &row);
		if (result.forward)
			note_sent(race, &result);
		seq++;
	}
	return NULL;
}

/* Numbers without a hole or a double, time that never goes back, and a new picture id for every
 * frame. */
static void check_race(struct race *race, uint16_t first_seq, uint16_t last_seq)
{
	int sent = 0;

	for (int seq = 0; seq < 65536; seq++)
		sent += atomic_load(&race->count[seq]);
	assert_int_equal(sent, last_seq - first_seq + 1);
	for (int seq = first_seq; seq <= last_seq; seq++) {
		assert_int_equal(atomic_load(&race->count[seq]), 1);
		if (seq == first_seq)
			continue;
		uint32_t time = race->timestamps[seq] - race->timestamps[seq - 1];
		uint16_t pictures = (race->pictures[seq] - race->pictures[seq - 1]) & 0x7FFF;
		if (time == 0 || time >= 1u << 31 || pictures == 0 || pictures >= 0x4000)
			fail_msg("number %d: time +%u, picture id +%u", seq, time, pictures);
	}
}

static void two_sources_never_share_a_number(void **state)
{
	struct race *race = calloc(1, sizeof(*race));
	struct source a = {race, A}, b = {race, B};
	pthread_t threads[2];

	(void)state;
	assert_non_null(race);
	open_slot(&race->slot, BUZZ_CODEC_VP8, 1, 50000);
	assert_int_equal(pthread_create(&threads[0], NULL, send_all, &a), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, send_all, &b), 0);
	for (int i = 0; i < RACE_TAKEOVERS; i++) {
		atomic_store(&race->slot.timeline.wanted, (uint64_t)(i % 2 ? A : B));
		atomic_store(&race->round, i + 1);
		while (buzz_timeline_head(&race->slot.timeline).generation != i + 1)
			sched_yield();
		assert_true(buzz_route_alive(&race->slot.routes[i % 2 ? A : B]));
	}
	atomic_store(&race->round, -1);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	check_race(race, 1, buzz_timeline_head(&race->slot.timeline).seq);
	free(race);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leads_from_a_key_frame_on),
		cmocka_unit_test(all_numbers_wrap),
		cmocka_unit_test(the_old_source_goes_on_until_the_new_key_frame),
		cmocka_unit_test(late_packets_keep_their_numbers),
		cmocka_unit_test(padding_leaves_no_gap),
		cmocka_unit_test(padding_is_forgotten_with_its_numbering),
		cmocka_unit_test(padding_holds_the_place_of_what_it_overtook),
		cmocka_unit_test(the_last_16_paddings_are_remembered),
		cmocka_unit_test(a_restarted_source_continues),
		cmocka_unit_test(a_late_key_frame_starts_nothing),
		cmocka_unit_test(picture_ids_of_both_lengths_follow_each_other),
		cmocka_unit_test(layers_climb_and_fall_at_key_frames),
		cmocka_unit_test(a_layer_above_the_limit_takes_no_lead),
		cmocka_unit_test(an_emptied_slot_gets_nothing),
		cmocka_unit_test(audio_changes_with_any_packet),
		cmocka_unit_test(time_always_moves_ahead),
		cmocka_unit_test(long_streams_stay_comparable),
		cmocka_unit_test(generations_wrap_past_0),
		cmocka_unit_test(alive_while_wanted_or_leading),
		cmocka_unit_test(two_sources_never_share_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
