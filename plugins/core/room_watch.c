/* SPDX-License-Identifier: GPL-3.0-only */
/* Who is still there: turns what the media plane heard into interrupted, resumed and timeout. DESIGN: silence only counts against
 * someone from whom RTP or RTCP must come: a publisher whose PUB is up (RTCP flows at most 1.4 s apart with a video m-line, 3.7 s with
 * audio only, even when muted), or a viewer who is being sent something. Runs on the room's worker. */
#include "room_private.h"

static void note_heard(struct buzz_room *room, const struct buzz_heard *heard)
{
	struct buzz_member *member = buzz_room_member(room, heard->handle);
	if (!member)
		return;
	struct buzz_participant *participant = member->participant;
	participant->heard_ms = MAX(participant->heard_ms, heard->heard_ms);
	if (!member->subscription)
		participant->pub_heard_ms = MAX(participant->pub_heard_ms, heard->heard_ms);
}

/* Whether something is sent to it that it must acknowledge. */
static bool receives(const struct buzz_participant *participant)
{
	for (guint i = 0; i < participant->subscriptions->len; i++) {
		const struct buzz_subscription *subscription = participant->subscriptions->pdata[i];
		for (guint j = 0; j < subscription->slots->len; j++) {
			const struct buzz_slot *slot = subscription->slots->pdata[j];
			if (slot->routed && !slot->routed->publisher->interrupted &&
			    slot->routed->publisher->pub_up && !slot->routed->info.muted)
				return true;
		}
	}
	return false;
}

static void watch(struct buzz_room *room, struct buzz_participant *participant, int64_t now_ms, GArray *effects)
{
	const struct buzz_settings *settings = room->settings;
	int64_t limit = buzz_participant_publishes_video(participant) ? settings->interrupted_ms
								      : settings->interrupted_audio_ms;
	if (!buzz_participant_publishes(participant))
		participant->pub_heard_ms = now_ms; /* its clock starts with its first stream */
	bool interrupted = now_ms - participant->pub_heard_ms >= limit;
	if (interrupted == participant->interrupted)
		return;
	participant->interrupted = interrupted;
	buzz_room_tell_others(room, participant, buzz_reply_interrupted(participant), effects);
}

/* The end of a PUB's PeerConnection counts when the end of its handle has not followed. */
static bool hung_up(const struct buzz_participant *participant, int64_t now_ms)
{
	return participant->hung_up_ms && now_ms - participant->hung_up_ms >= BUZZ_HANGUP_MS;
}

static bool timed_out(const struct buzz_room *room, struct buzz_participant *participant, int64_t now_ms)
{
	bool expected = buzz_participant_publishes(participant) || receives(participant);
	if (!expected) {
		/* silence is no sign now; its clock starts when something is expected of it again */
		participant->heard_ms = now_ms;
		return false;
	}
	return now_ms - participant->heard_ms >= room->settings->timeout_ms;
}

void buzz_room_watch(struct buzz_room *room, const struct buzz_command *command, GArray *effects)
{
	for (size_t i = 0; i < command->heard_count; i++)
		note_heard(room, &command->heard[i]);
	for (guint i = 0; i < room->participants->len;) {
		struct buzz_participant *participant = room->participants->pdata[i];
		const char *lost = hung_up(participant, command->now_ms)	  ? "hangup"
				   : timed_out(room, participant, command->now_ms) ? "timeout"
										   : NULL;
		if (lost) {
			buzz_room_remove(room, participant, lost, NULL, false, command->now_ms, effects);
			continue;
		}
		if (!participant->hung_up_ms)
			watch(room, participant, command->now_ms, effects);
		i++;
	}
}
