/* SPDX-License-Identifier: GPL-3.0-only */
/* Thousands of commands by chance to a room. After each its invariants hold, and clients that know
 * nothing but its effects know what it is. The seeds are always the same, so that a run says something of
 * the code and not of the hour. BUZZ_WALKS=<n> takes n fresh ones instead, BUZZ_SEED=<n> plays one again,
 * BUZZ_STEPS=<n> takes another number of steps. */
#include "commands.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
/* cmocka needs the first two */
#include <cmocka.h>

#define STEPS 1200
#define WALKS 40

static uint32_t random_below(void *data, uint32_t n)
{
	return (uint32_t)g_rand_int_range(data, 0, (gint32)n);
}

/* How often things happened, over all walks. */
static struct {
	unsigned accepted[BUZZ_REQUEST_LAST + 1], refused[BUZZ_REQUEST_LAST + 1], given_up,
	    grown, returned, away, stored;
} total;

static void count(const struct world *world)
{
	for (int type = BUZZ_REQUEST_JOIN; type <= BUZZ_REQUEST_LAST; type++) {
		total.accepted[type] += world->accepted[type];
		total.refused[type] += world->refused[type];
	}
	total.given_up += world->given_up;
	total.grown += world->clients.grown;
	total.stored += world->clients.stored;
	total.returned += world->returned;
	total.away += world->clients.away;
}

static void walk(uint32_t seed, int steps)
{
	GRand *random = g_rand_new_with_seed(seed);
	struct world *world = world_new((struct dice){.below = random_below, .data = random});
	for (int step = 0; step < steps; step++) {
		const char *wrong = world_step(world);
		if (wrong)
			fail_msg("BUZZ_SEED=%u, step %d: %s, after\n%s", seed, step, wrong,
				 world->story->str);
	}
	count(world);
	world_free(world);
	g_rand_free(random);
}

static void test_walks(void **state)
{
	(void)state;
	const char *seed = getenv("BUZZ_SEED"), *walks = getenv("BUZZ_WALKS"), *steps = getenv("BUZZ_STEPS");
	uint32_t first = seed ? (uint32_t)strtoul(seed, NULL, 10) : walks ? (uint32_t)time(NULL) : 1;
	uint32_t number = seed ? 1 : walks ? (uint32_t)strtoul(walks, NULL, 10) : WALKS;
	for (uint32_t i = 0; i < number; i++)
		walk(first + i, steps ? atoi(steps) : STEPS);
}

/* Every kind of request was taken and refused, or the walks have missed the point. One walk alone may. */
static void test_variety(void **state)
{
	(void)state;
	if (getenv("BUZZ_SEED"))
		return;
	for (int type = BUZZ_REQUEST_JOIN; type <= BUZZ_REQUEST_LAST; type++) {
		assert_true(total.accepted[type] > 0);
		assert_true(total.refused[type] > 0);
	}
	assert_true(total.given_up > 0);
	assert_true(total.grown > 0);
	assert_true(total.stored > 0);
	assert_true(total.returned > 0);
	assert_true(total.away > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_walks),
					   cmocka_unit_test(test_variety)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
