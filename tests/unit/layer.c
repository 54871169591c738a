/* SPDX-License-Identifier: GPL-3.0-only */
#include "layer.h"
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#define START 1000 /* ms */

static const char *const hml[] = {"h", "m", "l"};

static int packet(struct buzz_layers *layers, uint32_t ssrc, const char *rid, int64_t now_ms)
{
	return buzz_layers_packet(layers, ssrc, rid, rid ? (int)strlen(rid) : 0, now_ms);
}

static void layers_are_found_by_rid_and_then_by_ssrc(void **state)
{
	static const struct {
		uint32_t ssrc;
		const char *rid;
		int layer;
	} rows[] = {
		{11, NULL, -1},  /* not known yet */
		{0, NULL, -1},   /* 0 is not the SSRC of the layers that are not known yet */
		{11, "h", 2},    /* offered first = highest */
		{33, "l", 0},
		{11, NULL, 2},
		{33, NULL, 0},
		{22, "x", -1},   /* never offered */
		{22, "hh", -1},  /* whole rids are compared, */
		{22, "", -1},
		{22, "m", 1},
		{44, "m", 1},    /* restarted under another SSRC */
		{22, NULL, -1},
		{44, NULL, 1},
		{11, "l", 0},    /* the SSRC moved to another layer */
		{33, NULL, -1},
		{11, "?", 0},    /* a strange rid does not hide a known SSRC */
		{44, "h", 2},    /* moved upwards: no longer the middle one */
		{44, NULL, 2},
	};
	struct buzz_layers layers;

	(void)state;
	buzz_layers_init(&layers, hml, 3);
	assert_int_equal(layers.count, 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (packet(&layers, rows[i].ssrc, rows[i].rid, START) != rows[i].layer)
			fail_msg("row %zu: layer is not %d", i, rows[i].layer);
}

static void a_rid_needs_no_terminator(void **state)
{
	const char buffer[] = {'m', 'h'};
	struct buzz_layers layers;

	(void)state;
	buzz_layers_init(&layers, hml, 3);
	assert_int_equal(buzz_layers_packet(&layers, 5, buffer, 1, START), 1);
}

static void without_simulcast_all_is_layer_0(void **state)
{
	static const char *const single[] = {"only"};
	struct buzz_layers layers;

	(void)state;
	buzz_layers_init(&layers, NULL, 0);
	assert_int_equal(layers.count, 1);
	assert_string_equal(layers.rids[0], "");
	assert_int_equal(packet(&layers, 7, NULL, START), 0);
	assert_int_equal(packet(&layers, 8, "h", START), 0);
	assert_int_equal(buzz_layers_best(&layers, START), 0);
	buzz_layers_init(&layers, single, 1);
	assert_int_equal(layers.count, 1);
	assert_int_equal(packet(&layers, 9, "other", START), 0);
}

static void long_lists_and_long_rids_are_cut(void **state)
{
	static const char *const five[] = {"abcdefghijklmnopqrst", "b", "c", "d", "e"};
	struct buzz_layers layers;

	(void)state;
	buzz_layers_init(&layers, five, 5);
	assert_int_equal(layers.count, BUZZ_LAYERS_MAX);
	assert_string_equal(layers.rids[2], "abcdefghijklmnop");
	assert_string_equal(layers.rids[0], "c");
	assert_int_equal(packet(&layers, 1, "abcdefghijklmnopqrst", START), 2);
	assert_int_equal(packet(&layers, 2, "d", START), -1);
}

static void best_is_the_highest_steady_layer(void **state)
{
	/* each row: the layer that sends at this time, or -1, and the best one then */
	static const struct {
		int64_t now_ms;
		int sends;
		int best;
	} rows[] = {
		{START, -1, -1},
		{START, 0, 0},         /* not steady, but all there is */
		{START + 10, 1, 1},
		{START + 20, 2, 2},    /* none is steady: the highest that flows */
		{START + 299, 0, 2},
		{START + 300, 0, 0},   /* the first steady one */
		{START + 310, 1, 1},
		{START + 319, 2, 1},
		{START + 320, 2, 2},
		{START + 700, 0, 2},
		{START + 819, 0, 2},   /* 2 has been silent for 499 ms, 1 for 509 */
		{START + 820, 0, 0},
		{START + 900, 2, 0},   /* back, but it must prove itself again */
		{START + 1199, 2, 0},
		{START + 1200, 2, 2},
		{START + 1700, -1, -1} /* all silent */
	};
	struct buzz_layers layers;

	(void)state;
	buzz_layers_init(&layers, hml, 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].sends >= 0)
			packet(&layers, 50, hml[2 - rows[i].sends], rows[i].now_ms);
		int best = buzz_layers_best(&layers, rows[i].now_ms);
		if (best != rows[i].best)
			fail_msg("row %zu: best is %d, not %d", i, best, rows[i].best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_are_found_by_rid_and_then_by_ssrc),
		cmocka_unit_test(a_rid_needs_no_terminator),
		cmocka_unit_test(without_simulcast_all_is_layer_0),
		cmocka_unit_test(long_lists_and_long_rids_are_cut),
		cmocka_unit_test(best_is_the_highest_steady_layer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
