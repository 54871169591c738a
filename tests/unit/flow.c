/* SPDX-License-Identifier: GPL-3.0-only */
/* Which flows of packets count as steady. */
#include "flow.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka needs the three above */
#include <cmocka.h>

/* Looks every 100 ms for so long, during which packets come at this rate. */
static void flows(struct buzz_flow *flow, int64_t *now_ms, uint64_t *packets, int64_t ms, uint64_t per_second)
{
	for (int64_t passed = 0; passed < ms; passed += 100) {
		*now_ms += 100;
		if (per_second * (uint64_t)(passed + 100) / 1000 > per_second * (uint64_t)passed / 1000)
			*packets += per_second * (uint64_t)(passed + 100) / 1000 -
				    per_second * (uint64_t)passed / 1000;
		buzz_flow_note(flow, *packets, *now_ms);
	}
}

static void test_rates(void **state)
{
	(void)state;
	static const struct {
		uint64_t per_second;
		enum buzz_flow_state expected;
	} rows[] = {{0, BUZZ_FLOW_COUNTING},  {1, BUZZ_FLOW_COUNTING}, {8, BUZZ_FLOW_COUNTING},
		    {20, BUZZ_FLOW_STEADY}, {50, BUZZ_FLOW_STEADY},  {1000, BUZZ_FLOW_STEADY}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buzz_flow flow = {0};
		int64_t now_ms = 5000;
		uint64_t packets = 123;
		flows(&flow, &now_ms, &packets, 5000, rows[i].per_second);
		assert_int_equal(flow.state, rows[i].expected);
	}
}

static void test_it_takes_a_second(void **state)
{
	(void)state;
	struct buzz_flow flow = {0};
	int64_t now_ms = 0;
	uint64_t packets = 0;
	flows(&flow, &now_ms, &packets, 1000, 50);
	assert_int_equal(flow.state, BUZZ_FLOW_COUNTING);
	flows(&flow, &now_ms, &packets, 200, 50);
	assert_int_equal(flow.state, BUZZ_FLOW_STEADY);
}

static void test_what_stopped_was_steady(void **state)
{
	(void)state;
	struct buzz_flow flow = {0};
	int64_t now_ms = 0;
	uint64_t packets = 0;
	flows(&flow, &now_ms, &packets, 3000, 50);
	flows(&flow, &now_ms, &packets, 60000, 0);
	assert_int_equal(flow.state, BUZZ_FLOW_STEADY);
	/* a lone packet does not make it flow again */
	flows(&flow, &now_ms, &packets, 1000, 1);
	assert_int_equal(flow.state, BUZZ_FLOW_COUNTING);
	flows(&flow, &now_ms, &packets, 2200, 50);
	assert_int_equal(flow.state, BUZZ_FLOW_STEADY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_it_takes_a_second),
		cmocka_unit_test(test_what_stopped_was_steady),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
