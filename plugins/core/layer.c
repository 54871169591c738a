/* SPDX-License-Identifier: GPL-3.0-only */
/* Which simulcast layers of a stream flow. Owned by the publisher's loop thread. */
#include "layer.h"
#include <string.h>

#define RID_MAX (sizeof(((struct buzz_layers *)0)->rids[0]) - 1)

void buzz_layers_init(struct buzz_layers *layers, const char *const *rids, int count)
{
	memset(layers, 0, sizeof(*layers));
	if (count > BUZZ_LAYERS_MAX)
		count = BUZZ_LAYERS_MAX;
	layers->count = count > 0 ? count : 1;
	for (int i = 0; i < count; i++)
		strncpy(layers->rids[count - 1 - i], rids[i], RID_MAX);
}

static int layer_of_rid(const struct buzz_layers *layers, const char *rid, int rid_length)
{
	size_t length = rid_length > (int)RID_MAX ? RID_MAX : (size_t)rid_length;

	for (int layer = 0; layer < layers->count; layer++)
		if (strlen(layers->rids[layer]) == length &&
		    memcmp(layers->rids[layer], rid, length) == 0)
			return layer;
	return -1;
}

static int layer_of_ssrc(const struct buzz_layers *layers, uint32_t ssrc)
{
	for (int layer = 0; layer < layers->count; layer++)
		if (ssrc != 0 && layers->ssrcs[layer] == ssrc)
			return layer;
	return -1;
}

/* The browser sends the rid only until it hears that a packet of the SSRC has arrived. */
static void learn(struct buzz_layers *layers, int layer, uint32_t ssrc)
{
	int former = layer_of_ssrc(layers, ssrc);

	if (former >= 0)
		layers->ssrcs[former] = 0;
	layers->ssrcs[layer] = ssrc;
}

static int find(struct buzz_layers *layers, uint32_t ssrc, const char *rid, int rid_length)
{
	if (layers->count == 1)
		return 0;
	int layer = rid && rid_length > 0 ? layer_of_rid(layers, rid, rid_length) : -1;
	if (layer < 0)
		return layer_of_ssrc(layers, ssrc);
	learn(layers, layer, ssrc);
	return layer;
}

static bool flows(const struct buzz_layers *layers, int layer, int64_t now_ms)
{
	return layers->first_ms[layer] != 0 &&
	       now_ms - layers->last_ms[layer] < BUZZ_LAYER_SILENT_MS;
}

int buzz_layers_packet(struct buzz_layers *layers, uint32_t ssrc, const char *rid, int rid_length,
                       int64_t now_ms)
{
	int layer = find(layers, ssrc, rid, rid_length);

	if (layer < 0)
		return -1;
	if (!flows(layers, layer, now_ms))
		layers->first_ms[layer] = now_ms;
	layers->last_ms[layer] = now_ms;
	return layer;
}

int buzz_layers_best(const struct buzz_layers *layers, int64_t now_ms)
{
	int best = -1;

	for (int layer = layers->count - 1; layer >= 0; layer--) {
		if (!flows(layers, layer, now_ms))
			continue;
		if (now_ms - layers->first_ms[layer] >= BUZZ_LAYER_STEADY_MS)
			return layer;
		if (best < 0)
			best = layer;
	}
	return best;
}
