/* SPDX-License-Identifier: GPL-3.0-only */
/* A room: joining, publishing, leaving. DESIGN: every handler first checks everything that can be refused, then changes
 * the state, then lists effects; so a refused request has no effect but its error. When streams go away the order is:
 * take them out of the room, update the slots (which ends their routes), free them. Runs on the room's worker. */
#include "room_private.h"
#include <string.h>

static void early_clear(void *data)
{
	g_free(((struct buzz_early *)data)->transaction);
}

struct buzz_room *buzz_room_new(const struct buzz_room_key *key, const struct buzz_settings *settings)
{
	struct buzz_room *room = g_new0(struct buzz_room, 1);
	room->key = *key;
	room->settings = settings;
	room->participants = g_ptr_array_new_with_free_func((GDestroyNotify)buzz_participant_free);
	room->members = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	room->early = g_array_new(FALSE, TRUE, sizeof(struct buzz_early));
	g_array_set_clear_func(room->early, early_clear);
	if (settings->reports_folder[0])
		room->record = buzz_record_new();
	return room;
}

void buzz_room_free(struct buzz_room *room)
{
	if (!room)
		return;
	g_ptr_array_unref(room->participants);
	g_hash_table_unref(room->members);
	g_array_unref(room->early);
	buzz_record_free(room->record);
	buzz_report_free(room->report);
	g_free(room);
}

const struct buzz_room_key *buzz_room_key(const struct buzz_room *room)
{
	return &room->key;
}

guint buzz_room_count(const struct buzz_room *room)
{
	return room->participants->len;
}

bool buzz_room_has_id(const struct buzz_room *room, const char *id)
{
	return buzz_room_find(room, id) != NULL;
}

bool buzz_room_is_over(const struct buzz_room *room, int64_t now_ms)
{
	if (room->participants->len > 0 || room->early->len > 0 || room->report)
		return false;
	return room->empty_since_ms == 0 || now_ms >= room->empty_since_ms + room->settings->linger_ms;
}

struct buzz_member *buzz_room_member(const struct buzz_room *room, uint64_t handle)
{
	return g_hash_table_lookup(room->members, &handle);
}

void buzz_room_add_member(struct buzz_room *room, uint64_t handle, struct buzz_participant *participant,
			  struct buzz_subscription *subscription)
{
	struct buzz_member *member = g_new0(struct buzz_member, 1);
	member->participant = participant;
	member->subscription = subscription;
	g_hash_table_insert(room->members, g_memdup2(&handle, sizeof(handle)), member);
}

void buzz_room_refuse(GArray *effects, const struct buzz_command *command, const struct buzz_error *error)
{
	buzz_effect_event(effects, command->handle, command->transaction, buzz_reply_error(error));
}

void buzz_room_tell_others(const struct buzz_room *room, const struct buzz_participant *except, json_t *body,
			   GArray *effects)
{
	for (guint i = 0; i < room->participants->len; i++) {
		const struct buzz_participant *participant = room->participants->pdata[i];
		if (participant != except && participant->presence != BUZZ_AWAY)
			buzz_effect_event(effects, participant->pub, NULL, json_incref(body));
	}
	json_decref(body);
}

void buzz_room_tell_sources(const struct buzz_participant *participant, GArray *effects)
{
	for (guint i = 0; i < participant->streams->len; i++) {
		const struct buzz_stream *stream = participant->streams->pdata[i];
		struct buzz_source source = {
			.codec = stream->codec,
			.payload_type = stream->payload_type,
			.rid_extension = stream->rid_extension,
			.layers = stream->layers,
		};
		memcpy(source.rids, stream->rids, sizeof(source.rids));
		buzz_effect_source(effects, participant->pub, stream->mindex, &source);
	}
}

/* The m-lines of 'old' that carry none of the participant's streams any more. */
static void tell_ended_sources(const struct buzz_participant *participant, const GPtrArray *old, GArray *effects)
{
	for (guint i = 0; i < old->len; i++) {
		int mindex = ((const struct buzz_stream *)old->pdata[i])->mindex;
		bool used = false;
		for (guint j = 0; j < participant->streams->len; j++)
			used |= ((const struct buzz_stream *)participant->streams->pdata[j])->mindex == mindex;
		if (!used)
			buzz_effect_source_end(effects, participant->pub, mindex);
	}
}

int buzz_room_check_jsep(const struct buzz_command *command, struct buzz_error *error)
{
	if (command->sdp && !command->sdp_is_offer)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "on PUB only the client offers");
	return 0;
}

char *buzz_room_take_offer(struct buzz_participant *participant, struct buzz_command *command)
{
	buzz_participant_set_offer(participant, g_steal_pointer(&command->sdp), command->simulcast,
				   command->simulcast_count);
	return participant->sdp ? buzz_sdp_write_answer(participant->sdp) : NULL;
}

void buzz_room_welcome(struct buzz_room *room, struct buzz_command *command,
		       struct buzz_participant *participant, char *answer, GArray *effects)
{
	participant->servers_ms = command->now_ms;
	buzz_effect_event_sdp(effects, command->handle, command->transaction,
			      buzz_reply_joined(&room->key, participant, room->participants, room->settings,
						command->unix_s),
			      answer, BUZZ_JSEP_ANSWER);
}

void buzz_room_renew_servers(struct buzz_room *room, const struct buzz_command *command, GArray *effects)
{
	const struct buzz_settings *settings = room->settings;
	if (!settings->ice_turn[0] || !settings->ice_turn_secret[0])
		return;
	for (guint i = 0; i < room->participants->len; i++) {
		struct buzz_participant *participant = room->participants->pdata[i];
		if (participant->presence == BUZZ_AWAY ||
		    command->now_ms - participant->servers_ms < settings->ice_turn_ttl_ms / 2)
			continue;
		participant->servers_ms = command->now_ms;
		buzz_effect_event(effects, participant->pub, NULL,
				  buzz_reply_ice_servers(participant, settings, command->unix_s));
	}
}

static int join(struct buzz_room *room, struct buzz_command *command, GArray *effects, struct buzz_error *error)
{
	const struct buzz_join *request = &command->request->join;
	struct buzz_participant *participant = request->id[0] ? buzz_room_find(room, request->id) : NULL;
	if (participant)
		return buzz_room_come_back(room, participant, command, effects, error);
	int code = buzz_room_check_jsep(command, error);
	if (code)
		return code;
	if (room->participants->len >= room->settings->max_participants)
		return buzz_fail(error, BUZZ_ERROR_ROOM_FULL, NULL, "the room has %u participants already",
				 room->participants->len);
	code = buzz_streams_check(request->streams, command->sdp, room->settings->max_streams, error);
	if (code)
		return code;
	participant = buzz_participant_new(command->new_id, command->new_seat, request, command->handle,
					   command->now_ms);
	buzz_room_relay_start(room, participant, command->now_ms);
	char *answer = buzz_room_take_offer(participant, command);
	GPtrArray *none = participant->streams;
	participant->streams = buzz_streams_make(participant, request->streams, none, false);
	g_ptr_array_unref(none);
	g_ptr_array_add(room->participants, participant);
	buzz_room_add_member(room, command->handle, participant, NULL);
	buzz_room_tell_sources(participant, effects);
	buzz_room_welcome(room, command, participant, answer, effects);
	buzz_room_tell_others(room, participant, buzz_reply_participant_joined(participant), effects);
	buzz_room_early_joined(room, participant, command->now_ms, effects);
	buzz_room_update_slots(room, command->now_ms, effects);
	return 0;
}

bool buzz_room_same_streams(const struct buzz_participant *participant, json_t *before)
{
	json_t *after = buzz_reply_streams(participant);
	bool same = json_equal(before, after);
	json_decref(after);
	return same;
}

static int publish(struct buzz_room *room, struct buzz_command *command, struct buzz_member *member,
		   GArray *effects, struct buzz_error *error)
{
	struct buzz_participant *participant = member->participant;
	const GArray *infos = command->request->publish.streams;
	int code = buzz_room_check_jsep(command, error);
	if (code)
		return code;
	struct buzz_sdp *sdp = command->sdp ? command->sdp : participant->sdp;
	code = buzz_streams_check(infos, sdp, room->settings->max_streams, error);
	if (code)
		return code;
	json_t *before = buzz_reply_streams(participant);
	char *answer = command->sdp ? buzz_room_take_offer(participant, command) : NULL;
	GPtrArray *old = participant->streams;
	participant->streams = buzz_streams_make(participant, infos, old, false);
	participant->flow.state = BUZZ_FLOW_NEW; /* something may fall silent now */
	buzz_room_tell_sources(participant, effects);
	tell_ended_sources(participant, old, effects);
	buzz_effect_event_sdp(effects, command->handle, command->transaction, buzz_reply_published(participant),
			      answer, BUZZ_JSEP_ANSWER);
	if (!buzz_room_same_streams(participant, before))
		buzz_room_tell_others(room, participant, buzz_reply_streams(participant), effects);
	json_decref(before);
	buzz_room_update_slots(room, command->now_ms, effects);
	g_ptr_array_unref(old);
	return 0;
}

/* Its streams come from nowhere any more, and its SUBs end. */
static void drop_media(struct buzz_room *room, struct buzz_participant *participant, GArray *effects)
{
	for (guint i = 0; participant->pub && i < participant->streams->len; i++)
		buzz_effect_source_end(effects, participant->pub,
				       ((struct buzz_stream *)participant->streams->pdata[i])->mindex);
	while (participant->subscriptions->len > 0) {
		struct buzz_subscription *subscription = participant->subscriptions->pdata[0];
		buzz_effect_close(effects, subscription->handle);
		buzz_effect_forget(effects, subscription->handle);
		buzz_room_remove_subscription(room, participant, subscription);
	}
	if (room->report)
		buzz_report_left(room->report, participant->id);
}

static void drop_pub(struct buzz_room *room, struct buzz_participant *participant, const char *transaction,
		     json_t *farewell, GArray *effects)
{
	if (!participant->pub) {
		json_decref(farewell);
		return;
	}
	if (farewell) {
		buzz_effect_event(effects, participant->pub, transaction, farewell);
		buzz_effect_close(effects, participant->pub);
	}
	buzz_effect_forget(effects, participant->pub);
	g_hash_table_remove(room->members, &participant->pub);
	participant->pub = 0;
	participant->pub_up = false;
	participant->hung_up_ms = 0;
	participant->channel_ready = false;
}

void buzz_room_drop_handles(struct buzz_room *room, struct buzz_participant *participant, json_t *farewell,
			    GArray *effects)
{
	drop_media(room, participant, effects);
	drop_pub(room, participant, NULL, farewell, effects);
}

void buzz_room_remove(struct buzz_room *room, struct buzz_participant *participant, const char *reason,
		      const char *transaction, bool pub_is_gone, int64_t now_ms, GArray *effects)
{
	guint index;
	g_ptr_array_find(room->participants, participant, &index);
	g_ptr_array_steal_index(room->participants, index);
	drop_media(room, participant, effects);
	buzz_room_end_subscriptions(room, participant, reason, effects);
	json_t *left = buzz_reply_left(participant->id, reason);
	drop_pub(room, participant, transaction, pub_is_gone ? NULL : json_incref(left), effects);
	buzz_room_tell_others(room, NULL, left, effects);
	if (room->participants->len == 0)
		room->empty_since_ms = now_ms;
	buzz_room_update_slots(room, now_ms, effects);
	buzz_participant_free(participant);
}

static int request_of_member(struct buzz_room *room, struct buzz_command *command, struct buzz_member *member,
			     GArray *effects, struct buzz_error *error)
{
	bool is_pub = !member->subscription;
	switch (command->request->type) {
	case BUZZ_REQUEST_PUBLISH:
		if (is_pub)
			return publish(room, command, member, effects, error);
		break;
	case BUZZ_REQUEST_LEAVE:
		if (!is_pub)
			break;
		buzz_room_remove(room, member->participant, "leave", command->transaction, false,
				 command->now_ms, effects);
		return 0;
	case BUZZ_REQUEST_ANSWER:
		if (!is_pub)
			return buzz_room_answer(room, command, member, effects, error);
		break;
	case BUZZ_REQUEST_CLOCK:
	case BUZZ_REQUEST_REPORT:
	case BUZZ_REQUEST_LOG:
	case BUZZ_REQUEST_READ_REPORT:
		if (is_pub)
			return buzz_room_report_request(room, command, member->participant, effects, error);
		break;
	case BUZZ_REQUEST_BROADCAST:
	case BUZZ_REQUEST_ALL:
	case BUZZ_REQUEST_DIRECT:
		if (is_pub)
			return buzz_room_relay(room, command, member, effects, error);
		break;
	case BUZZ_REQUEST_RESTART:
		if (is_pub)
			break;
		buzz_room_restart(room, command, member, effects);
		return 0;
	case BUZZ_REQUEST_SYNC:
		buzz_room_sync(room, command, member, effects);
		return 0;
	default:
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "this handle is in use as %s already",
				 is_pub ? "PUB" : "SUB");
	}
	return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "not a request for %s", is_pub ? "PUB" : "SUB");
}

static int request(struct buzz_room *room, struct buzz_command *command, GArray *effects,
		   struct buzz_error *error)
{
	if (!command->request) {
		*error = *command->refusal;
		return error->code;
	}
	struct buzz_member *member = buzz_room_member(room, command->handle);
	if (member)
		return request_of_member(room, command, member, effects, error);
	if (buzz_room_is_early(room, command->handle))
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "this handle waits for its join");
	switch (command->request->type) {
	case BUZZ_REQUEST_JOIN:
		return join(room, command, effects, error);
	case BUZZ_REQUEST_SUBSCRIBE:
		return buzz_room_subscribe(room, command, effects, error);
	default:
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "join or subscribe first");
	}
}

static void media_up(struct buzz_room *room, const struct buzz_command *command, GArray *effects)
{
	struct buzz_member *member = buzz_room_member(room, command->handle);
	if (!member)
		return;
	member->participant->heard_ms = command->now_ms;
	if (member->subscription) {
		buzz_room_subscription_up(member->subscription, effects);
	} else {
		member->participant->pub_up = true;
		member->participant->pub_heard_ms = command->now_ms;
	}
}

static void handle_ended(struct buzz_room *room, const struct buzz_command *command, GArray *effects)
{
	if (buzz_room_is_early(room, command->handle)) {
		buzz_room_forget_early(room, command->handle, effects);
		return;
	}
	struct buzz_member *member = buzz_room_member(room, command->handle);
	if (!member)
		return;
	if (member->subscription) {
		buzz_effect_forget(effects, command->handle);
		buzz_room_remove_subscription(room, member->participant, member->subscription);
	} else if (command->type == BUZZ_COMMAND_DETACH) {
		buzz_room_go_away(room, member->participant, "gone", true, command->now_ms, effects);
	} else {
		/* the core ends the connection of a handle before the handle: which of them ended shows in a moment */
		member->participant->pub_up = false;
		member->participant->hung_up_ms = command->now_ms;
		member->participant->channel_ready = false;
	}
}

void buzz_room_step(struct buzz_room *room, struct buzz_command *command, GArray *effects)
{
	struct buzz_error error = {0};
	switch (command->type) {
	case BUZZ_COMMAND_REQUEST:
		if (request(room, command, effects, &error) == 0)
			break;
		if (command->by_channel)
			buzz_room_refuse_message(room, command, &error, effects);
		else
			buzz_room_refuse(effects, command, &error);
		break;
	case BUZZ_COMMAND_CHANNEL_READY:
		buzz_room_channel_ready(room, command, effects);
		break;
	case BUZZ_COMMAND_MEDIA_UP:
		media_up(room, command, effects);
		break;
	case BUZZ_COMMAND_HANGUP:
	case BUZZ_COMMAND_DETACH:
		handle_ended(room, command, effects);
		break;
	case BUZZ_COMMAND_TICK:
		buzz_room_expire_early(room, command->now_ms, effects);
		buzz_room_tick_negotiation(room, command->now_ms, effects);
		buzz_room_expire_seats(room, command->now_ms, effects);
		buzz_room_watch(room, command, effects);
		buzz_room_renew_servers(room, command, effects);
		buzz_room_tick_report(room, command, effects);
		break;
	case BUZZ_COMMAND_RESULT:
		buzz_room_report_result(room, command, effects);
		break;
	}
	buzz_record_step(room->record, command, effects);
}
