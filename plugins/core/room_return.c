/* SPDX-License-Identifier: GPL-3.0-only */
/* Going away and coming back: seats, and clients that may have missed events. DESIGN: whoever is away keeps id, place and streams, and so
 * the slots that show them, but has no handles; nothing is routed from it until it is back. Coming back while present is going
 * away and coming back in one step. Runs on the room's worker. */
#include "room_private.h"
#include <string.h>

struct buzz_participant *buzz_room_find(const struct buzz_room *room, const char *id)
{
	for (guint i = 0; i < room->participants->len; i++) {
		struct buzz_participant *participant = room->participants->pdata[i];
		if (strcmp(participant->id, id) == 0)
			return participant;
	}
	return NULL;
}

void buzz_room_go_away(struct buzz_room *room, struct buzz_participant *participant, const char *reason,
		       bool pub_is_gone, int64_t now_ms, GArray *effects)
{
	if (room->settings->seat_ms == 0) {
		buzz_room_remove(room, participant, reason, NULL, pub_is_gone, now_ms, effects);
		return;
	}
	buzz_room_drop_handles(room, participant, NULL, effects);
	participant->presence = BUZZ_AWAY;
	participant->away_reason = reason;
	participant->away_since_ms = now_ms;
	participant->link[0] = '\0'; /* it belongs to the join that is over */
	buzz_room_tell_others(room, participant, buzz_reply_interrupted(participant), effects);
	buzz_room_update_slots(room, now_ms, effects);
}

void buzz_room_expire_seats(struct buzz_room *room, int64_t now_ms, GArray *effects)
{
	for (guint i = 0; i < room->participants->len;) {
		struct buzz_participant *participant = room->participants->pdata[i];
		bool over = participant->presence == BUZZ_AWAY &&
			    now_ms - participant->away_since_ms >= room->settings->seat_ms;
		if (over)
			buzz_room_remove(room, participant, participant->away_reason, NULL, true, now_ms, effects);
		else
			i++;
	}
}

/* The participant sits on the new handle; the old secrets are void. */
static void take_seat(struct buzz_room *room, struct buzz_participant *participant,
		      const struct buzz_command *command)
{
	const struct buzz_join *request = &command->request->join;
	memset(participant->seat, 0, sizeof(participant->seat));
	g_strlcpy(participant->seat, command->new_seat, sizeof(participant->seat));
	g_strlcpy(participant->link, request->link, sizeof(participant->link));
	participant->pub = command->handle;
	participant->heard_ms = command->now_ms;
	participant->presence = BUZZ_PRESENT;
	participant->flow.state = BUZZ_FLOW_NEW;
	buzz_room_add_member(room, command->handle, participant, NULL);
}

int buzz_room_come_back(struct buzz_room *room, struct buzz_participant *participant,
			struct buzz_command *command, GArray *effects, struct buzz_error *error)
{
	const struct buzz_join *request = &command->request->join;
	int code = buzz_room_check_jsep(command, error);
	if (!code && !buzz_participant_has_seat(participant, request->seat))
		code = buzz_fail(error, BUZZ_ERROR_NOT_YOURS, NULL, "the seat does not belong to this id");
	if (!code)
		code = buzz_streams_check(request->streams, command->sdp, room->settings->max_streams, error);
	if (code)
		return code;
	json_t *before = buzz_reply_streams(participant);
	bool was_present = participant->presence == BUZZ_PRESENT;
	if (participant->pub) {
		/* what is routed from there must be told to end before it is told to come from elsewhere */
		buzz_room_drop_handles(room, participant, buzz_reply_left(participant->id, "replaced"), effects);
		buzz_room_update_slots(room, command->now_ms, effects);
	}
	take_seat(room, participant, command);
	char *answer = buzz_room_take_offer(participant, command);
	GPtrArray *old = participant->streams;
	participant->streams = buzz_streams_make(participant, request->streams, old, true);
	buzz_room_tell_sources(participant, effects);
	buzz_room_welcome(room, command, participant, answer, effects);
	if (!buzz_room_same_streams(participant, before))
		buzz_room_tell_others(room, participant, buzz_reply_streams(participant), effects);
	json_decref(before);
	if (!was_present)
		buzz_room_tell_others(room, participant, buzz_reply_interrupted(participant), effects);
	buzz_room_early_joined(room, participant, command->now_ms, effects);
	buzz_room_update_slots(room, command->now_ms, effects);
	g_ptr_array_unref(old);
	return 0;
}

void buzz_room_sync(struct buzz_room *room, const struct buzz_command *command, const struct buzz_member *member,
		    GArray *effects)
{
	struct buzz_participant *participant = member->participant;
	if (!member->subscription)
		participant->servers_ms = command->now_ms;
	json_t *body = member->subscription
			       ? buzz_reply_sub_synced(participant, command->next_seq)
			       : buzz_reply_synced(&room->key, participant, room->participants, room->settings,
						   command->unix_s, command->next_seq);
	buzz_effect_event(effects, command->handle, command->transaction, body);
	if (!member->subscription && participant->presence == BUZZ_INTERRUPTED)
		buzz_effect_event(effects, command->handle, NULL, buzz_reply_interrupted(participant));
	if (member->subscription)
		buzz_room_sync_subscription(room, member->subscription, command->now_ms, effects);
}
