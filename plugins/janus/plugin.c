/* SPDX-License-Identifier: GPL-3.0-only */
/* janus.plugin.buzz: what the Janus core calls. DESIGN: the callbacks only translate and pass on: requests and connection events to
 * the room's worker (worker.c), RTP to relay.c, RTCP to feedback.c. Which thread calls what stands at each. */
#include "channel.h"
#include "config_file.h"
#include "core_api.h"
#include "feedback.h"
#include "media.h"
#include "relay.h"
#include "reply.h"
#include "report_store.h"
#include "worker.h"
#include <debug.h>

#define BUZZ_PACKAGE "janus.plugin.buzz"

static int buzz_init(janus_callbacks *callbacks, const char *config_path);
static void buzz_destroy(void);
static int buzz_get_api_compatibility(void);
static int buzz_get_version(void);
static const char *buzz_get_version_string(void);
static const char *buzz_get_description(void);
static const char *buzz_get_name(void);
static const char *buzz_get_author(void);
static const char *buzz_get_package(void);
static void buzz_create_session(janus_plugin_session *handle, int *error);
static struct janus_plugin_result *buzz_handle_message(janus_plugin_session *handle, char *transaction,
						       json_t *message, json_t *jsep);
static json_t *buzz_handle_admin_message(json_t *message);
static void buzz_setup_media(janus_plugin_session *handle);
static void buzz_incoming_rtp(janus_plugin_session *handle, janus_plugin_rtp *packet);
static void buzz_incoming_rtcp(janus_plugin_session *handle, janus_plugin_rtcp *packet);
static void buzz_incoming_data(janus_plugin_session *handle, janus_plugin_data *packet);
static void buzz_data_ready(janus_plugin_session *handle);
static void buzz_hangup_media(janus_plugin_session *handle);
static void buzz_destroy_session(janus_plugin_session *handle, int *error);
static json_t *buzz_query_session(janus_plugin_session *handle);

/* Not by JANUS_PLUGIN_INIT, which initialises every field twice. */
static janus_plugin buzz_plugin = {
	.init = buzz_init,
	.destroy = buzz_destroy,
	.get_api_compatibility = buzz_get_api_compatibility,
	.get_version = buzz_get_version,
	.get_version_string = buzz_get_version_string,
	.get_description = buzz_get_description,
	.get_name = buzz_get_name,
	.get_author = buzz_get_author,
	.get_package = buzz_get_package,
	.create_session = buzz_create_session,
	.handle_message = buzz_handle_message,
	.handle_admin_message = buzz_handle_admin_message,
	.setup_media = buzz_setup_media,
	.incoming_rtp = buzz_incoming_rtp,
	.incoming_rtcp = buzz_incoming_rtcp,
	.incoming_data = buzz_incoming_data,
	.data_ready = buzz_data_ready,
	.hangup_media = buzz_hangup_media,
	.destroy_session = buzz_destroy_session,
	.query_session = buzz_query_session,
};

static atomic_bool running;

/* The one symbol the module exports. */
__attribute__((visibility("default"))) janus_plugin *create(void);

janus_plugin *create(void)
{
	return &buzz_plugin;
}

static int buzz_get_api_compatibility(void)
{
	return JANUS_PLUGIN_API_VERSION;
}

static int buzz_get_version(void)
{
	return 1;
}

static const char *buzz_get_version_string(void)
{
	return PACKAGE_VERSION;
}

static const char *buzz_get_description(void)
{
	return "Multi-room video chat.";
}

static const char *buzz_get_name(void)
{
	return "Buzz";
}

static const char *buzz_get_author(void)
{
	return "The Buzz authors";
}

static const char *buzz_get_package(void)
{
	return BUZZ_PACKAGE;
}

/* Main thread. */
static int buzz_init(janus_callbacks *callbacks, const char *config_path)
{
	struct buzz_settings settings;
	struct buzz_error error = {0};
	if (!callbacks || !config_path)
		return -1;
	g_autofree char *path = g_build_filename(config_path, BUZZ_PACKAGE ".jcfg", NULL);
	if (buzz_config_file_read(&settings, path, &error)) {
		JANUS_LOG(LOG_FATAL, "buzz: refusing to load: %s\n", error.text);
		return -1;
	}
	buzz_core_init(callbacks, &buzz_plugin);
	buzz_outbox_start();
	buzz_report_store_start(&settings);
	buzz_workers_start(&settings);
	atomic_store(&running, true);
	JANUS_LOG(LOG_INFO, "buzz: version=%s settings=%s\n", PACKAGE_VERSION, path);
	return 0;
}

/* Main thread, after every session has been destroyed. */
static void buzz_destroy(void)
{
	if (!atomic_exchange(&running, false))
		return;
	buzz_report_store_stop();
	buzz_workers_stop();
	buzz_report_store_free();
	buzz_outbox_stop();
	JANUS_LOG(LOG_INFO, "buzz: ended with %d sessions left\n", buzz_session_count());
}

/* Core task pool or transport thread. */
static void buzz_create_session(janus_plugin_session *handle, int *error)
{
	if (!atomic_load(&running)) {
		*error = -1;
		return;
	}
	buzz_session_attach(handle);
}

/* Loop thread of the handle; nothing of this handle comes after it. */
static void buzz_destroy_session(janus_plugin_session *handle, int *error)
{
	struct buzz_session *session = buzz_session_detach(handle);
	if (!session) {
		*error = -2;
		return;
	}
	atomic_store(&session->up, false);
	bool bound;
	{
		BUZZ_LOCK_SCOPE(&session->lock);
		session->closed = true;
		bound = session->worker != NULL;
	}
	if (bound && atomic_load(&running))
		buzz_workers_notify(buzz_message_new(BUZZ_MESSAGE_DETACH, session)); /* gives up our reference */
	else
		buzz_session_unref(session);
}

/* The layers of each m-line of the offer, as the core lists them beside it. 0, or BUZZ_ERROR_BAD_SDP. */
static int read_simulcast(struct buzz_message *message, const json_t *jsep, struct buzz_error *error)
{
	const json_t *list = json_object_get(jsep, "simulcast");
	size_t index;
	json_t *entry;
	message->simulcast = g_new0(struct buzz_simulcast, json_array_size(list) + 1);
	json_array_foreach(list, index, entry) {
		struct buzz_simulcast *simulcast = &message->simulcast[index];
		const json_t *rids = json_object_get(entry, "rids");
		const char *mid = json_string_value(json_object_get(entry, "mid"));
		if (!rids || !mid)
			return buzz_fail(error, BUZZ_ERROR_BAD_SDP, "jsep", "simulcast must be offered with rids");
		g_strlcpy(simulcast->mid, mid, sizeof(simulcast->mid));
		simulcast->count = (int)MIN(json_array_size(rids), BUZZ_LAYERS_MAX);
		for (int i = 0; i < simulcast->count; i++)
			g_strlcpy(simulcast->rids[i], json_string_value(json_array_get(rids, (size_t)i)),
				  sizeof(simulcast->rids[i]));
		message->simulcast_count = index + 1;
	}
	return 0;
}

static int read_message(struct buzz_message *message, const json_t *body, const json_t *jsep,
			struct buzz_error *error)
{
	int code = buzz_request_read(&message->request, body, error);
	if (code || !jsep)
		return code;
	const char *type = json_string_value(json_object_get(jsep, "type"));
	const char *sdp = json_string_value(json_object_get(jsep, "sdp"));
	if (!type || !sdp)
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, "jsep", "must have type and sdp");
	message->sdp_is_offer = strcmp(type, "offer") == 0;
	code = buzz_sdp_read(&message->sdp, sdp, error);
	return code ? code : read_simulcast(message, jsep, error);
}

/* A request that could not be read has used its number up all the same. Takes over the message. */
static void refused(struct buzz_message *message)
{
	struct buzz_error ignored = {0};
	buzz_request_free(g_steal_pointer(&message->request));
	if (message->seq)
		buzz_workers_request(message, &ignored);
	else
		buzz_message_free(message);
}

/* Core task pool: two messages of one handle may be here at once and in any order. */
static struct janus_plugin_result *buzz_handle_message(janus_plugin_session *handle, char *transaction,
						       json_t *body, json_t *jsep)
{
	struct buzz_session *session = atomic_load(&running) ? buzz_session_of(handle) : NULL;
	struct janus_plugin_result *result;
	if (!session) {
		result = janus_plugin_result_new(JANUS_PLUGIN_ERROR, "The handle has ended", NULL);
		g_free(transaction);
	} else {
		struct buzz_error error = {0};
		struct buzz_message *message = buzz_message_new(BUZZ_MESSAGE_REQUEST, session);
		g_autofree char *answer_to = g_strdup(transaction);
		message->transaction = transaction;
		message->seq = buzz_request_seq(body);
		int code = read_message(message, body, jsep, &error);
		if (!code)
			code = buzz_workers_request(message, &error);
		else
			refused(message);
		if (code)
			buzz_outbox_send(session, answer_to, buzz_reply_error(&error), NULL, BUZZ_JSEP_ANSWER);
		buzz_session_unref(session);
		result = janus_plugin_result_new(JANUS_PLUGIN_OK_WAIT, NULL, NULL);
	}
	json_decref(body);
	json_decref(jsep);
	return result;
}

/* Admin thread. */
static json_t *buzz_handle_admin_message(json_t *message)
{
	const char *request = json_string_value(json_object_get(message, "request"));
	if (!request || strcmp(request, "summary") != 0) {
		struct buzz_error error = {0};
		buzz_fail(&error, BUZZ_ERROR_BAD_REQUEST, NULL, "request must be summary");
		return buzz_reply_error(&error);
	}
	struct buzz_summary summary = buzz_workers_summary();
	return json_pack("{s:s, s:i, s:i, s:i}", "buzz", "summary", "rooms", summary.rooms, "participants",
			 summary.participants, "sessions", buzz_session_count());
}

/* Loop thread of the handle, as all that follow but query_session. */
static void buzz_setup_media(janus_plugin_session *handle)
{
	struct buzz_session *session = handle->plugin_handle;
	if (!session)
		return;
	atomic_store(&session->up, true);
	buzz_workers_notify(buzz_message_new(BUZZ_MESSAGE_MEDIA_UP, session));
}

static void heard(struct buzz_session *session)
{
	atomic_store_explicit(&session->heard_ms, g_get_monotonic_time() / 1000, memory_order_relaxed);
}

/* Nobody else writes, so no read-modify-write is needed. */
static void count(_Atomic uint64_t *packets)
{
	atomic_store_explicit(packets, atomic_load_explicit(packets, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static void buzz_incoming_rtp(janus_plugin_session *handle, janus_plugin_rtp *packet)
{
	struct buzz_session *session = handle->plugin_handle;
	if (!session || !atomic_load_explicit(&session->up, memory_order_relaxed))
		return;
	heard(session);
	count(packet->video ? &session->video_packets : &session->audio_packets);
	buzz_relay_rtp(session, packet);
}

static void buzz_incoming_rtcp(janus_plugin_session *handle, janus_plugin_rtcp *packet)
{
	struct buzz_session *session = handle->plugin_handle;
	if (!session || !atomic_load_explicit(&session->up, memory_order_relaxed))
		return;
	heard(session);
	buzz_feedback_rtcp(session, packet);
}

static void buzz_incoming_data(janus_plugin_session *handle, janus_plugin_data *packet)
{
	struct buzz_session *session = handle->plugin_handle;
	if (!session || !atomic_load_explicit(&session->up, memory_order_relaxed))
		return;
	heard(session);
	buzz_channel_message(session, packet->buffer, packet->length, packet->binary);
}

static void buzz_data_ready(janus_plugin_session *handle)
{
	struct buzz_session *session = handle->plugin_handle;
	if (session)
		buzz_channel_ready(session);
}

static void buzz_hangup_media(janus_plugin_session *handle)
{
	struct buzz_session *session = handle->plugin_handle;
	if (!session)
		return;
	atomic_store(&session->up, false);
	buzz_workers_notify(buzz_message_new(BUZZ_MESSAGE_HANGUP, session));
}

/* Admin thread, with the core's handle mutex held: nothing here may wait for the core. */
static json_t *buzz_query_session(janus_plugin_session *handle)
{
	struct buzz_session *session = buzz_session_of(handle);
	json_t *info = json_object();
	if (!session)
		return info;
	int64_t heard_ms = atomic_load(&session->heard_ms);
	json_object_set_new(info, "up", json_boolean(atomic_load(&session->up)));
	if (heard_ms)
		json_object_set_new(info, "heard_ms_ago",
				    json_integer(g_get_monotonic_time() / 1000 - heard_ms));
	struct buzz_room_key key = {0};
	{
		BUZZ_LOCK_SCOPE(&session->lock);
		key = session->key;
	}
	if (key.room[0]) {
		json_object_set_new(info, "tenant", json_string(key.tenant));
		json_object_set_new(info, "room", json_string(key.room));
	}
	buzz_session_unref(session);
	return info;
}
