/* SPDX-License-Identifier: GPL-3.0-only */
/* DESIGN: a window ends only with a packet, so a flow that was steady when it stopped counts as steady until it
 * goes on. */
#include "flow.h"

static void start_window(struct buzz_flow *flow, uint64_t packets, int64_t now_ms)
{
	flow->since_ms = now_ms;
	flow->base = packets;
}

void buzz_flow_note(struct buzz_flow *flow, uint64_t packets, int64_t now_ms)
{
	if (flow->state == BUZZ_FLOW_NEW) {
		flow->state = BUZZ_FLOW_COUNTING;
		start_window(flow, packets, now_ms);
	} else if (packets != flow->last && now_ms - flow->since_ms >= BUZZ_FLOW_WINDOW_MS) {
		uint64_t elapsed_ms = (uint64_t)(now_ms - flow->since_ms);
		uint64_t needed = elapsed_ms * BUZZ_FLOW_PACKETS / BUZZ_FLOW_WINDOW_MS;
		flow->state = packets - flow->base >= needed ? BUZZ_FLOW_STEADY : BUZZ_FLOW_COUNTING;
		start_window(flow, packets, now_ms);
	}
	flow->last = packets;
}
