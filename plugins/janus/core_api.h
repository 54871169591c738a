/* SPDX-License-Identifier: GPL-3.0-only */
/* Everything we call in the Janus core, and every difference between its versions (plugin API 102 of 1.1.2 to 106 of
 * 1.4). No function may be called with one of our locks held: debug builds abort. */
#pragma once
#include "effect.h"
#include <glib.h>
#include <jansson.h>
#include <plugins/plugin.h>
#include <stdbool.h>
#include <stdint.h>

/* Called once from init, before any thread of ours runs. */
void buzz_core_init(janus_callbacks *callbacks, janus_plugin *plugin);

/* Sends body (taken over) and, when sdp is not NULL, a jsep of that text. May take up to 5 s when sdp is given
 * and the core has to gather candidates. Any thread of ours but never a media callback. 0, or the core's error. */
int buzz_core_push_event(janus_plugin_session *handle, const char *transaction, json_t *body, const char *sdp,
			 enum buzz_jsep type);
/* Queues a copy of the packet for the m-line it names. Media threads. */
void buzz_core_relay_rtp(janus_plugin_session *handle, janus_plugin_rtp *packet);
/* Queues a copy of a text for the handle's data channel, which is opened if it is not there. At most 65535 bytes. Any thread. */
void buzz_core_relay_text(janus_plugin_session *handle, const char *text, size_t length);
void buzz_core_send_pli(janus_plugin_session *handle, int mindex);
void buzz_core_close_pc(janus_plugin_session *handle);

void buzz_core_ref(janus_plugin_session *handle);
void buzz_core_unref(janus_plugin_session *handle);
