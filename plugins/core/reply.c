/* SPDX-License-Identifier: GPL-3.0-only */
/* JSON for clients. Pure; any thread. Strings come from checked input, so jansson's failures here mean memory
 * is exhausted, where GLib has aborted already. */
#include "reply.h"
#include "turn.h"
#include <stdlib.h>
#include <string.h>

json_t *buzz_reply_error(const struct buzz_error *error)
{
	json_t *body = json_pack("{s:s, s:i, s:s}", "buzz", "error", "error_code", (int)error->code, "error",
				 error->text);
	if (error->field[0])
		json_object_set_new(body, "field", json_string(error->field));
	return body;
}

static json_t *stream_json(const struct buzz_stream *stream)
{
	const struct buzz_stream_info *info = &stream->info;
	json_t *json = json_pack("{s:s, s:s, s:s, s:b, s:s}", "stream", info->name, "kind",
				 buzz_stream_kind_name(info->kind), "mid", info->mid, "muted", info->muted,
				 "codec", buzz_codec_name(stream->codec));
	if (info->title)
		json_object_set_new(json, "title", json_string(info->title));
	if (info->of[0])
		json_object_set_new(json, "of", json_string(info->of));
	if (buzz_stream_media(stream) == BUZZ_VIDEO)
		json_object_set_new(json, "simulcast", json_boolean(stream->layers > 1));
	return json;
}

static json_t *streams_json(const struct buzz_participant *participant)
{
	json_t *array = json_array();
	for (guint i = 0; i < participant->streams->len; i++)
		json_array_append_new(array, stream_json(participant->streams->pdata[i]));
	return array;
}

static void add_interruption(json_t *json, const struct buzz_participant *participant)
{
	if (participant->presence != BUZZ_PRESENT)
		json_object_set_new(json, "reason",
				    json_string(participant->presence == BUZZ_AWAY ? "away" : "silent"));
}

static json_t *participant_json(const struct buzz_participant *participant)
{
	json_t *json = json_pack("{s:s, s:s, s:b, s:o}", "id", participant->id, "display", participant->display,
				 "interrupted", participant->presence != BUZZ_PRESENT, "streams",
				 streams_json(participant));
	add_interruption(json, participant);
	return json;
}

static json_t *urls_json(const char *list)
{
	json_t *urls = json_array();
	g_auto(GStrv) each = g_strsplit(list, ",", -1);
	for (char **url = each; *url; url++)
		json_array_append_new(urls, json_string(*url));
	return urls;
}

/* RTCIceServer dictionaries, as RTCPeerConnection takes them. */
static json_t *ice_servers_json(const struct buzz_settings *settings, const char *id, int64_t unix_s)
{
	json_t *servers = json_array();
	if (settings->ice_stun[0])
		json_array_append_new(servers, json_pack("{s:o}", "urls", urls_json(settings->ice_stun)));
	if (settings->ice_turn[0] && settings->ice_turn_secret[0]) {
		g_autofree char *username = buzz_turn_username(unix_s + settings->ice_turn_ttl_ms / 1000, id);
		g_autofree char *credential = buzz_turn_credential(settings->ice_turn_secret, username);
		json_array_append_new(servers, json_pack("{s:o, s:s, s:s}", "urls", urls_json(settings->ice_turn),
							 "username", username, "credential", credential));
	}
	return servers;
}

json_t *buzz_reply_channel(void)
{
	return json_pack("{s:s}", "buzz", "channel");
}

json_t *buzz_reply_ice_servers(const struct buzz_participant *self, const struct buzz_settings *settings, int64_t unix_s)
{
	return json_pack("{s:s, s:o}", "buzz", "ice_servers", "ice_servers",
			 ice_servers_json(settings, self->id, unix_s));
}

static json_t *limits_json(const struct buzz_settings *settings)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "participants", (int)settings->max_participants,
			 "streams", (int)settings->max_streams, "display", BUZZ_DISPLAY_MAX, "title",
			 BUZZ_TITLE_MAX, "relay", (int)settings->relay_max_bytes, "relay_channel",
			 (int)settings->relay_max_channel_bytes);
}

json_t *buzz_reply_joined(const struct buzz_room_key *key, const struct buzz_participant *self,
			  const GPtrArray *others, const struct buzz_settings *settings, int64_t unix_s)
{
	json_t *participants = json_array();
	for (guint i = 0; i < others->len; i++) {
		if (others->pdata[i] != self)
			json_array_append_new(participants, participant_json(others->pdata[i]));
	}
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "buzz", "joined", "v",
			 BUZZ_PROTOCOL_VERSION, "tenant", key->tenant, "room", key->room, "id", self->id, "seat",
			 self->seat, "streams", streams_json(self), "participants", participants, "limits",
			 limits_json(settings), "ice_servers", ice_servers_json(settings, self->id, unix_s));
}

json_t *buzz_reply_synced(const struct buzz_room_key *key, const struct buzz_participant *self,
			  const GPtrArray *others, const struct buzz_settings *settings, int64_t unix_s,
			  uint32_t next_seq)
{
	json_t *body = buzz_reply_joined(key, self, others, settings, unix_s);
	json_object_set_new(body, "buzz", json_string("synced"));
	json_object_set_new(body, "next_seq", json_integer(next_seq));
	return body;
}

json_t *buzz_reply_sub_synced(const struct buzz_participant *self, uint32_t next_seq)
{
	return json_pack("{s:s, s:s, s:I}", "buzz", "synced", "id", self->id, "next_seq", (json_int_t)next_seq);
}

json_t *buzz_reply_participant_joined(const struct buzz_participant *participant)
{
	return json_pack("{s:s, s:o}", "buzz", "joined", "participant", participant_json(participant));
}

json_t *buzz_reply_published(const struct buzz_participant *self)
{
	return json_pack("{s:s, s:o}", "buzz", "published", "streams", streams_json(self));
}

json_t *buzz_reply_streams(const struct buzz_participant *participant)
{
	return json_pack("{s:s, s:s, s:o}", "buzz", "streams", "participant", participant->id, "streams",
			 streams_json(participant));
}

json_t *buzz_reply_left(const char *id, const char *reason)
{
	return json_pack("{s:s, s:s, s:s}", "buzz", "left", "participant", id, "reason", reason);
}

json_t *buzz_reply_interrupted(const struct buzz_participant *participant)
{
	json_t *json = json_pack("{s:s, s:s}", "buzz",
				 participant->presence == BUZZ_PRESENT ? "resumed" : "interrupted",
				 "participant", participant->id);
	add_interruption(json, participant);
	return json;
}

json_t *buzz_reply_restarting(void)
{
	return json_pack("{s:s}", "buzz", "restarting");
}

json_t *buzz_reply_subscribed(const struct buzz_participant *participant, const char *from)
{
	json_t *body = json_pack("{s:s, s:s}", "buzz", "subscribed", "id", participant->id);
	if (from[0])
		json_object_set_new(body, "from", json_string(from));
	return body;
}

json_t *buzz_reply_offer(uint32_t version)
{
	return json_pack("{s:s, s:I}", "buzz", "offer", "version", (json_int_t)version);
}

json_t *buzz_reply_answered(uint32_t version)
{
	return json_pack("{s:s, s:I}", "buzz", "answered", "version", (json_int_t)version);
}

json_t *buzz_reply_ended(const char *id, const char *reason)
{
	return json_pack("{s:s, s:s, s:s}", "buzz", "ended", "participant", id, "reason", reason);
}

json_t *buzz_reply_relay(const char *from, const char *how, const char *event, json_t *data)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:O}", "buzz", "relay", "from", from, "how", how, "event", event, "data",
			 data);
}

json_t *buzz_reply_relayed(guint reached)
{
	return json_pack("{s:s, s:i}", "buzz", "relayed", "reached", (int)reached);
}

GBytes *buzz_reply_text(json_t *body, const char *id)
{
	if (id[0])
		json_object_set_new(body, "id", json_string(id));
	char *text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return g_bytes_new_with_free_func(text, strlen(text), free, text);
}

static json_t *named(const struct buzz_stream *stream)
{
	return json_pack("{s:s, s:s}", "participant", stream->publisher->id, "stream", stream->info.name);
}

json_t *buzz_reply_slots(const struct buzz_subscription *subscription)
{
	json_t *slots = json_array(), *undecodable = json_array(), *waiting = json_array();
	for (guint i = 0; i < subscription->slots->len; i++) {
		const struct buzz_slot *slot = subscription->slots->pdata[i];
		if (!slot->stream)
			continue;
		json_t *json = named(slot->stream);
		json_object_set_new(json, "mid", json_string(slot->mid));
		json_array_append_new(slots, json);
	}
	for (guint i = 0; i < subscription->undecodable->len; i++) {
		const struct buzz_stream *stream = subscription->undecodable->pdata[i];
		json_t *json = named(stream);
		json_object_set_new(json, "codec", json_string(buzz_codec_name(stream->codec)));
		json_array_append_new(undecodable, json);
	}
	for (guint i = 0; i < subscription->waiting->len; i++)
		json_array_append_new(waiting, named(subscription->waiting->pdata[i]));
	return json_pack("{s:s, s:o, s:o, s:o}", "buzz", "slots", "slots", slots, "undecodable", undecodable,
			 "waiting", waiting);
}

json_t *buzz_reply_clock(int64_t wall_ms)
{
	return json_pack("{s:s, s:I}", "buzz", "clock", "server_ms", (json_int_t)wall_ms);
}

json_t *buzz_reply_report(const struct buzz_report *report)
{
	return json_pack("{s:s, s:s, s:i}", "buzz", "report", "report", report->id, "expected",
			 (int)report->logs->len);
}

json_t *buzz_reply_collect(const struct buzz_report *report, const struct buzz_settings *settings)
{
	return json_pack("{s:s, s:s, s:I, s:I}", "buzz", "collect", "report", report->id, "deadline_ms",
			 (json_int_t)settings->report_deadline_ms, "max_bytes", (json_int_t)report->log_max);
}

json_t *buzz_reply_logged(const struct buzz_log *log)
{
	return json_pack("{s:s, s:s, s:I}", "buzz", "logged", "report", log->report, "part", (json_int_t)log->part);
}

json_t *buzz_reply_progress(const struct buzz_report *report)
{
	return json_pack("{s:s, s:s, s:i, s:i}", "buzz", "progress", "report", report->id, "collected",
			 (int)report->collected, "expected", (int)report->logs->len);
}

json_t *buzz_reply_reported(const struct buzz_report_result *result)
{
	json_t *body = json_pack("{s:s, s:s, s:i, s:i, s:b}", "buzz", "reported", "report", result->id, "collected",
				 (int)result->collected, "expected", (int)result->expected, "stored",
				 result->reason == NULL);
	if (result->reason)
		json_object_set_new(body, "reason", json_string(result->reason));
	return body;
}

json_t *buzz_reply_report_part(const struct buzz_report_result *result)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:s}", "buzz", "report_part", "report", result->id, "offset",
			 (json_int_t)result->offset, "total", (json_int_t)result->total, "text", result->text);
}
