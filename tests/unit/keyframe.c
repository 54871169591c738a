/* SPDX-License-Identifier: GPL-3.0-only */
#include "keyframe.h"
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#define INTERVAL 500

enum step { REQUEST, POLL };

static const struct row {
	enum step step;
	int64_t now_ms;
	bool ask_now;
	int64_t due_ms; /* afterwards */
} rows[] = {
	{POLL, 10, false, -1},          /* nobody has asked */
	{REQUEST, 20, true, -1},        /* the first one goes at once, however early the clock is */
	{POLL, 20, false, -1},          /* and is done */
	{REQUEST, 21, false, 520},      /* too soon: deferred */
	{REQUEST, 300, false, 520},     /* another one joins it, without moving it */
	{POLL, 519, false, 520},
	{POLL, 520, true, -1},          /* the deferred one is sent, once */
	{POLL, 2000, false, -1},
	{REQUEST, 2000, true, -1},
	{REQUEST, 2499, false, 2500},
	{REQUEST, 2500, true, -1},      /* due by a request instead of by a poll */
	{REQUEST, 2400, false, 3000},   /* an older reading of the clock */
	{POLL, 90000, true, -1},        /* a late poll */
	{REQUEST, 90499, false, 90500}, /* counts from when it was sent, not from when it was due */
};

static void one_request_per_interval_and_none_lost(void **state)
{
	struct buzz_keyframe keyframe = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		bool ask_now = row->step == REQUEST
		                       ? buzz_keyframe_request(&keyframe, row->now_ms, INTERVAL)
		                       : buzz_keyframe_poll(&keyframe, row->now_ms, INTERVAL);
		int64_t due_ms = buzz_keyframe_due(&keyframe, INTERVAL);
		if (ask_now != row->ask_now || due_ms != row->due_ms)
			fail_msg("row %zu: asks %d, due %d", i, ask_now, (int)due_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_request_per_interval_and_none_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
