/* SPDX-License-Identifier: GPL-3.0-only */
/* Whether packets come steadily. Someone whose sound flowed fifty times a second and stopped has gone; of someone who sends a
 * still screen now and then silence says nothing. Pure, owned by whoever has the participant. */
#pragma once
#include <stdint.h>

#define BUZZ_FLOW_WINDOW_MS 1000
#define BUZZ_FLOW_PACKETS 10 /* in a window: steady */

enum buzz_flow_state {
	BUZZ_FLOW_NEW,      /* nothing counted yet; all zero */
	BUZZ_FLOW_COUNTING, /* not steady, as far as is known */
	BUZZ_FLOW_STEADY,   /* the last window was; stays so while nothing comes */
};

struct buzz_flow {
	enum buzz_flow_state state;
	int64_t since_ms; /* start of the window */
	uint64_t base;    /* packets then */
	uint64_t last;    /* packets at the last look */
};

/* A look at the counter, which may only grow. */
void buzz_flow_note(struct buzz_flow *flow, uint64_t packets, int64_t now_ms);
