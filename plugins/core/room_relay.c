/* SPDX-License-Identifier: GPL-3.0-only */
/* Messages between the participants of a room. DESIGN: what is relayed is always wrapped in an event 'relay' with the sender's
 * id, so nothing that a client sends can be taken for an event of the server. The core only queues what is for a
 * reader that does not read, so each participant has an allowance of bytes (docs/design.md); what goes beyond it is dropped and
 * not counted as reached. Runs on the room's worker. */
#include "room_private.h"
#include <string.h>

#define WRAPPING_BYTES 256 /* what an event 'relay' is at most longer than its data */

struct message {
	json_t *body;
	size_t bytes; /* of its data */
	GBytes *text; /* of body, once it is needed */
	bool by_channel;
};

static struct buzz_rate_limit receiving(const struct buzz_room *room)
{
	uint32_t bytes = room->settings->relay_receive;
	return (struct buzz_rate_limit){bytes, bytes > UINT32_MAX / BUZZ_RECEIVE_AHEAD_S ? UINT32_MAX
											 : bytes * BUZZ_RECEIVE_AHEAD_S};
}

static struct buzz_rate_limit sending(const struct buzz_room *room)
{
	return (struct buzz_rate_limit){room->settings->relay_rate, room->settings->relay_burst};
}

void buzz_room_relay_start(const struct buzz_room *room, struct buzz_participant *participant, int64_t now_ms)
{
	struct buzz_rate_limit in = receiving(room), out = sending(room);
	buzz_rate_fill(&participant->receiving, &in, now_ms);
	buzz_rate_fill(&participant->sending, &out, now_ms);
}

void buzz_room_channel_ready(const struct buzz_room *room, const struct buzz_command *command, GArray *effects)
{
	const struct buzz_member *member = buzz_room_member(room, command->handle);
	if (!member || member->subscription || member->participant->hung_up_ms)
		return;
	struct buzz_rate_limit limit = receiving(room);
	/* what was sent over signalling until now may arrive later than what comes over the channel */
	if (!member->participant->channel_ready)
		buzz_effect_event(effects, command->handle, NULL, buzz_reply_channel());
	member->participant->channel_ready = true;
	buzz_rate_fill(&member->participant->receiving, &limit, command->now_ms);
}

/* Charges the participant with what it is sent. */
static bool may_receive(const struct buzz_room *room, struct buzz_participant *participant, size_t bytes,
			int64_t now_ms)
{
	struct buzz_rate_limit limit = receiving(room);
	return buzz_rate_take(&participant->receiving, &limit, (uint32_t)bytes + WRAPPING_BYTES, now_ms);
}

/* Whether it was sent. */
static bool deliver(const struct buzz_room *room, struct message *message, struct buzz_participant *to, int64_t now_ms,
		    GArray *effects)
{
	bool by_channel = message->by_channel && to->channel_ready;
	if (to->presence == BUZZ_AWAY)
		return false;
	if (!by_channel && message->bytes > room->settings->relay_max_bytes)
		return false;
	if (!may_receive(room, to, message->bytes, now_ms))
		return false;
	if (!by_channel) {
		buzz_effect_event(effects, to->pub, NULL, json_incref(message->body));
		return true;
	}
	if (!message->text)
		message->text = buzz_reply_text(json_incref(message->body), "");
	buzz_effect_data(effects, to->pub, message->text);
	return true;
}

static guint deliver_to_all(const struct buzz_room *room, struct message *message,
			    const struct buzz_participant *except, int64_t now_ms, GArray *effects)
{
	guint reached = 0;
	for (guint i = 0; i < room->participants->len; i++) {
		if (room->participants->pdata[i] != except)
			reached += deliver(room, message, room->participants->pdata[i], now_ms, effects);
	}
	return reached;
}

/* What is refused before anyone is looked for. The rate counts what is refused for its size too. */
static int check(const struct buzz_room *room, struct buzz_participant *sender, const struct buzz_command *command,
		 struct buzz_error *error)
{
	const struct buzz_settings *settings = room->settings;
	const struct buzz_relay *relay = &command->request->relay;
	bool allowed = command->request->type == BUZZ_REQUEST_BROADCAST ? settings->relay_broadcast
		       : command->request->type == BUZZ_REQUEST_ALL    ? settings->relay_all
								       : settings->relay_direct;
	if (command->sdp)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "no session description belongs to a message");
	if (!allowed)
		return buzz_fail(error, BUZZ_ERROR_NOT_ALLOWED, NULL, "this server does not allow it");
	struct buzz_rate_limit rate = sending(room);
	if (!buzz_rate_take(&sender->sending, &rate, 1, command->now_ms))
		return buzz_fail(error, BUZZ_ERROR_TOO_FAST, NULL, "at most %u messages per second", rate.per_second);
	uint32_t max = command->by_channel ? settings->relay_max_channel_bytes : settings->relay_max_bytes;
	if (relay->data.bytes > max)
		return buzz_fail(error, BUZZ_ERROR_TOO_LARGE, NULL, "data has %zu bytes, more than %u", relay->data.bytes,
				 max);
	return 0;
}

static void answer(const struct buzz_room *room, const struct buzz_command *command,
		   struct buzz_participant *sender, json_t *body, GArray *effects)
{
	if (!command->by_channel) {
		buzz_effect_event(effects, command->handle, command->transaction, body);
		return;
	}
	GBytes *text = buzz_reply_text(body, command->message_id);
	if (may_receive(room, sender, g_bytes_get_size(text), command->now_ms))
		buzz_effect_data(effects, command->handle, text);
	g_bytes_unref(text);
}

int buzz_room_relay(struct buzz_room *room, struct buzz_command *command, struct buzz_member *member,
		    GArray *effects, struct buzz_error *error)
{
	static const char *const how[] = {
		[BUZZ_REQUEST_BROADCAST] = "broadcast", [BUZZ_REQUEST_ALL] = "all", [BUZZ_REQUEST_DIRECT] = "direct"};
	const struct buzz_relay *relay = &command->request->relay;
	enum buzz_request_type type = command->request->type;
	struct buzz_participant *sender = member->participant;
	int code = check(room, sender, command, error);
	if (code)
		return code;
	struct buzz_participant *to = type == BUZZ_REQUEST_DIRECT ? buzz_room_find(room, relay->to) : NULL;
	if (type == BUZZ_REQUEST_DIRECT && !to)
		return buzz_fail(error, BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL, "nobody here has this id");
	struct message message = {
		.body = buzz_reply_relay(sender->id, how[type], relay->event, relay->data.value),
		.bytes = relay->data.bytes,
		.by_channel = command->by_channel,
	};
	guint reached = to ? deliver(room, &message, to, command->now_ms, effects)
			   : deliver_to_all(room, &message, type == BUZZ_REQUEST_ALL ? NULL : sender,
					    command->now_ms, effects);
	json_decref(message.body);
	if (message.text)
		g_bytes_unref(message.text);
	/* over a channel only those who name a message want to hear of it again */
	if (!command->by_channel || command->message_id[0])
		answer(room, command, sender, buzz_reply_relayed(reached), effects);
	return 0;
}

void buzz_room_refuse_message(const struct buzz_room *room, const struct buzz_command *command,
			      const struct buzz_error *error, GArray *effects)
{
	const struct buzz_member *member = buzz_room_member(room, command->handle);
	if (member)
		answer(room, command, member->participant, buzz_reply_error(error), effects);
}
