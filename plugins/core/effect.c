/* SPDX-License-Identifier: GPL-3.0-only */
/* The ordered list of what a room wants done. Runs on the room's worker. */
#include "effect.h"
#include "report.h"

static void effect_clear(void *data)
{
	struct buzz_effect *effect = data;
	g_free(effect->transaction);
	g_free(effect->sdp);
	json_decref(effect->body);
	buzz_report_free(effect->report);
	g_free(effect->report_id);
	if (effect->text)
		g_bytes_unref(effect->text);
}

GArray *buzz_effects_new(void)
{
	GArray *effects = g_array_new(FALSE, TRUE, sizeof(struct buzz_effect));
	g_array_set_clear_func(effects, effect_clear);
	return effects;
}

static struct buzz_effect *append(GArray *effects, enum buzz_effect_type type, uint64_t handle)
{
	struct buzz_effect effect = {.type = type, .handle = handle};
	g_array_append_val(effects, effect);
	return &g_array_index(effects, struct buzz_effect, effects->len - 1);
}

void buzz_effect_event(GArray *effects, uint64_t handle, const char *transaction, json_t *body)
{
	buzz_effect_event_sdp(effects, handle, transaction, body, NULL, BUZZ_JSEP_ANSWER);
}

void buzz_effect_event_sdp(GArray *effects, uint64_t handle, const char *transaction, json_t *body, char *sdp,
			   enum buzz_jsep jsep)
{
	struct buzz_effect *effect = append(effects, BUZZ_EFFECT_EVENT, handle);
	effect->transaction = g_strdup(transaction);
	effect->body = body;
	effect->sdp = sdp;
	effect->jsep = jsep;
}

void buzz_effect_data(GArray *effects, uint64_t handle, GBytes *text)
{
	append(effects, BUZZ_EFFECT_DATA, handle)->text = g_bytes_ref(text);
}

void buzz_effect_source(GArray *effects, uint64_t pub, int mindex, const struct buzz_source *source)
{
	struct buzz_effect *effect = append(effects, BUZZ_EFFECT_SOURCE, pub);
	effect->mindex = mindex;
	effect->source = *source;
}

void buzz_effect_source_end(GArray *effects, uint64_t pub, int mindex)
{
	append(effects, BUZZ_EFFECT_SOURCE_END, pub)->mindex = mindex;
}

void buzz_effect_route(GArray *effects, uint64_t sub, int mindex, uint64_t pub, int pub_mindex)
{
	struct buzz_effect *effect = append(effects, BUZZ_EFFECT_ROUTE, sub);
	effect->mindex = mindex;
	effect->pub = pub;
	effect->pub_mindex = pub_mindex;
}

void buzz_effect_keyframe(GArray *effects, uint64_t pub, int pub_mindex)
{
	struct buzz_effect *effect = append(effects, BUZZ_EFFECT_KEYFRAME, pub);
	effect->pub = pub;
	effect->pub_mindex = pub_mindex;
}

void buzz_effect_close(GArray *effects, uint64_t handle)
{
	append(effects, BUZZ_EFFECT_CLOSE, handle);
}

void buzz_effect_forget(GArray *effects, uint64_t handle)
{
	append(effects, BUZZ_EFFECT_FORGET, handle);
}

void buzz_effect_store(GArray *effects, uint64_t handle, struct buzz_report *report)
{
	append(effects, BUZZ_EFFECT_STORE, handle)->report = report;
}

void buzz_effect_read(GArray *effects, uint64_t handle, const char *transaction, const char *report_id,
		      uint32_t offset)
{
	struct buzz_effect *effect = append(effects, BUZZ_EFFECT_READ, handle);
	effect->transaction = g_strdup(transaction);
	effect->report_id = g_strdup(report_id);
	effect->offset = offset;
}
