/* SPDX-License-Identifier: GPL-3.0-only */
/* Calls into the Janus core. DESIGN: the only file that knows 'gateway'. Helpers of the core whose signature differs
 * between versions (simulcast contexts, NACK lists) are not used at all, so what is left here compiles alike for
 * plugin API 102 to 106. */
#include "core_api.h"
#include "lock.h"

#if JANUS_PLUGIN_API_VERSION < 102
#error "Buzz needs Janus 1.1.2 (plugin API 102) or later"
#endif

/* As the client calls it: the core sends on the channel of this label. */
#define BUZZ_CHANNEL_LABEL "buzz"

static janus_callbacks *gateway;
static janus_plugin *self;

void buzz_core_init(janus_callbacks *callbacks, janus_plugin *plugin)
{
	gateway = callbacks;
	self = plugin;
}

int buzz_core_push_event(janus_plugin_session *handle, const char *transaction, json_t *body, const char *sdp,
			 enum buzz_jsep type)
{
	buzz_lock_assert_none();
	json_t *jsep = NULL;
	if (sdp)
		jsep = json_pack("{s:s, s:s}", "type", type == BUZZ_JSEP_ANSWER ? "answer" : "offer", "sdp",
				 sdp);
	if (sdp && type == BUZZ_JSEP_OFFER_RESTART)
		json_object_set_new(jsep, "restart", json_true());
	int result = gateway->push_event(handle, self, transaction, body, jsep);
	json_decref(body);
	json_decref(jsep);
	return result;
}

void buzz_core_relay_rtp(janus_plugin_session *handle, janus_plugin_rtp *packet)
{
	buzz_lock_assert_none();
	gateway->relay_rtp(handle, packet);
}

void buzz_core_relay_text(janus_plugin_session *handle, const char *text, size_t length)
{
	buzz_lock_assert_none();
	g_assert(length <= UINT16_MAX);
	/* the core only reads it */
	janus_plugin_data packet = {
		.label = BUZZ_CHANNEL_LABEL, .binary = FALSE, .buffer = (char *)text, .length = (uint16_t)length};
	gateway->relay_data(handle, &packet);
}

void buzz_core_send_pli(janus_plugin_session *handle, int mindex)
{
	buzz_lock_assert_none();
	gateway->send_pli_stream(handle, mindex);
}

void buzz_core_close_pc(janus_plugin_session *handle)
{
	buzz_lock_assert_none();
	gateway->close_pc(handle);
}

void buzz_core_ref(janus_plugin_session *handle)
{
	janus_refcount_increase(&handle->ref);
}

void buzz_core_unref(janus_plugin_session *handle)
{
	buzz_lock_assert_none();
	janus_refcount_decrease(&handle->ref);
}
