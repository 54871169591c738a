/* SPDX-License-Identifier: GPL-3.0-only */
/* Which simulcast layers of a stream flow. Owned by the publisher's loop thread; pure. Layer 0 is the lowest;
 * the client offers rids highest first, so rid index i of n is layer n - 1 - i. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define BUZZ_LAYERS_MAX 3       /* the core keeps three rids of an m-line */
#define BUZZ_LAYER_SILENT_MS 500 /* no packet for so long = the sender stopped the layer */
#define BUZZ_LAYER_STEADY_MS 300 /* a layer must flow so long before it counts as the best one */

struct buzz_layers {
	int count; /* 1 when not simulcast */
	char rids[BUZZ_LAYERS_MAX][17]; /* by layer, "" when not simulcast */
	uint32_t ssrcs[BUZZ_LAYERS_MAX]; /* learnt from the rid extension, 0 = unknown */
	int64_t first_ms[BUZZ_LAYERS_MAX]; /* start of the present run of packets, 0 = silent */
	int64_t last_ms[BUZZ_LAYERS_MAX];
};

/* rids as offered, highest first; count 0 = not simulcast. Longer rids than 16 are cut. */
void buzz_layers_init(struct buzz_layers *layers, const char *const *rids, int count);
/* The layer of a packet from its SSRC, or from its rid when it carries one (rid may be NULL; not terminated);
 * -1 if it cannot be told yet. Without simulcast always 0. Notes the packet. */
int buzz_layers_packet(struct buzz_layers *layers, uint32_t ssrc, const char *rid, int rid_length, int64_t now_ms);
/* The highest layer that flows steadily; if none does yet, the highest that flows at all; -1 if nothing flows. */
int buzz_layers_best(const struct buzz_layers *layers, int64_t now_ms);
