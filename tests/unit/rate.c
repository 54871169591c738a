/* SPDX-License-Identifier: GPL-3.0-only */
/* The token bucket against a clock that the test sets. */
#include "rate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka needs the three above */
#include <cmocka.h>

static const struct buzz_rate_limit limit = {.per_second = 20, .burst = 40};

/* How many single tokens can be had at once. */
static int drain(struct buzz_rate *rate, int64_t now_ms)
{
	int count = 0;
	while (buzz_rate_take(rate, &limit, 1, now_ms))
		count++;
	return count;
}

static void test_burst_then_rate(void **state)
{
	(void)state;
	struct buzz_rate rate;
	buzz_rate_fill(&rate, &limit, 5000);
	assert_int_equal(drain(&rate, 5000), 40);
	assert_false(buzz_rate_take(&rate, &limit, 1, 5049));
	assert_true(buzz_rate_take(&rate, &limit, 1, 5050));
	assert_false(buzz_rate_take(&rate, &limit, 1, 5050));
	assert_int_equal(drain(&rate, 6050), 20);
	assert_int_equal(drain(&rate, 8050), 40);
	assert_int_equal(drain(&rate, 1000000), 40); /* it holds no more than that */
}

static void test_fractions_are_kept(void **state)
{
	(void)state;
	struct buzz_rate rate;
	buzz_rate_fill(&rate, &limit, 0);
	drain(&rate, 0);
	int count = 0;
	for (int64_t now_ms = 1; now_ms <= 10000; now_ms++)
		count += buzz_rate_take(&rate, &limit, 1, now_ms);
	assert_int_equal(count, 200);
}

static void test_many_tokens_or_none(void **state)
{
	(void)state;
	struct buzz_rate rate;
	buzz_rate_fill(&rate, &limit, 0);
	assert_false(buzz_rate_take(&rate, &limit, 41, 0));
	assert_true(buzz_rate_take(&rate, &limit, 40, 0));
	assert_false(buzz_rate_take(&rate, &limit, 40, 1999));
	assert_true(buzz_rate_take(&rate, &limit, 40, 2000));
	assert_true(buzz_rate_take(&rate, &limit, 0, 2000));
}

static void test_extremes(void **state)
{
	(void)state;
	static const struct buzz_rate_limit most = {UINT32_MAX, UINT32_MAX}, never = {0, 1};
	struct buzz_rate rate;
	buzz_rate_fill(&rate, &most, 0);
	assert_true(buzz_rate_take(&rate, &most, UINT32_MAX, 0));
	assert_true(buzz_rate_take(&rate, &most, UINT32_MAX, INT64_MAX));
	buzz_rate_fill(&rate, &never, 0);
	assert_true(buzz_rate_take(&rate, &never, 1, 0));
	assert_false(buzz_rate_take(&rate, &never, 1, INT64_MAX));
	/* a clock that steps back takes nothing away and gives nothing */
	buzz_rate_fill(&rate, &limit, 10000);
	assert_int_equal(drain(&rate, 9000), 40);
	assert_int_equal(drain(&rate, 9050), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_burst_then_rate),
	    cmocka_unit_test(test_fractions_are_kept),
	    cmocka_unit_test(test_many_tokens_or_none),
	    cmocka_unit_test(test_extremes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
