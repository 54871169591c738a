/* SPDX-License-Identifier: GPL-3.0-only */
/* A token bucket. The state belongs to whoever owns the bucket. */
#include "rate.h"

#define THOUSANDTHS 1000

void buzz_rate_fill(struct buzz_rate *rate, const struct buzz_rate_limit *limit, int64_t now_ms)
{
	rate->level = (int64_t)limit->burst * THOUSANDTHS;
	rate->at_ms = now_ms;
}

bool buzz_rate_take(struct buzz_rate *rate, const struct buzz_rate_limit *limit, uint32_t tokens, int64_t now_ms)
{
	int64_t full = (int64_t)limit->burst * THOUSANDTHS;
	int64_t missing = full - rate->level, elapsed_ms = now_ms - rate->at_ms;
	/* compared by division: a long time times a high rate need not fit */
	if (limit->per_second > 0 && elapsed_ms > missing / limit->per_second)
		rate->level = full;
	else if (elapsed_ms > 0)
		rate->level += elapsed_ms * limit->per_second;
	rate->at_ms = now_ms;
	int64_t wanted = (int64_t)tokens * THOUSANDTHS;
	if (rate->level < wanted)
		return false;
	rate->level -= wanted;
	return true;
}
