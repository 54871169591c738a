/* SPDX-License-Identifier: GPL-3.0-only */
/* A token bucket: how much of something may happen per second, and how much of it at once. Pure: the clock comes in
 * with each call, and may be any that does not jump. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct buzz_rate {
	int64_t level; /* thousandths of a token: what comes in one ms at one token per second */
	int64_t at_ms; /* when it was so */
};

struct buzz_rate_limit {
	uint32_t per_second;
	uint32_t burst; /* what the bucket holds */
};

/* The bucket is full. */
void buzz_rate_fill(struct buzz_rate *rate, const struct buzz_rate_limit *limit, int64_t now_ms);
/* Takes that many tokens, or none and returns false. More than the bucket holds can never be taken. */
bool buzz_rate_take(struct buzz_rate *rate, const struct buzz_rate_limit *limit, uint32_t tokens, int64_t now_ms);
