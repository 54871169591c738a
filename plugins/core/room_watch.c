/* SPDX-License-Identifier: GPL-3.0-only */
/* Who is still there: turns what the media plane heard into interrupted, resumed and timeout. DESIGN: silence only counts against
 * someone from whom RTP or RTCP must come: a publisher whose PUB is up (RTCP flows at most 1.4 s apart with a video m-line, 3.7 s with
 * audio only, even when muted), sooner when its RTP was steady, or a viewer who is being sent something. Runs on the room's worker. */
#include "room_private.h"

static void note_heard(struct buzz_room *room, const struct buzz_heard *heard, int64_t now_ms, GArray *effects)
{
	struct buzz_member *member = buzz_room_member(room, heard->handle);
	if (!member)
		return;
	struct buzz_participant *participant = member->participant;
	participant->heard_ms = MAX(participant->heard_ms, heard->heard_ms);
	if (member->subscription) {
		buzz_room_subscription_heard(member->subscription, heard->heard_ms, effects);
		return;
	}
	participant->pub_heard_ms = MAX(participant->pub_heard_ms, heard->heard_ms);
	buzz_flow_note(&participant->flow,
		       heard->audio_packets +
			       (buzz_participant_video_is_steady(participant) ? heard->video_packets : 0),
		       now_ms);
}

/* Whether something is sent to it that it must acknowledge. */
static bool receives(const struct buzz_participant *participant)
{
	for (guint i = 0; i < participant->subscriptions->len; i++) {
		const struct buzz_subscription *subscription = participant->subscriptions->pdata[i];
		for (guint j = 0; j < subscription->slots->len; j++) {
			const struct buzz_slot *slot = subscription->slots->pdata[j];
			if (slot->routed && slot->routed->publisher->presence == BUZZ_PRESENT &&
			    slot->routed->publisher->pub_up && !slot->routed->info.muted)
				return true;
		}
	}
	return false;
}

/* How long silence must last to be one. */
static int64_t patience_ms(const struct buzz_settings *settings, const struct buzz_participant *participant)
{
	int64_t limit = buzz_participant_publishes_video(participant) ? settings->interrupted_ms
								      : settings->interrupted_audio_ms;
	return participant->flow.state == BUZZ_FLOW_STEADY ? MIN(limit, settings->quiet_ms) : limit;
}

/* What got lost is more than can be sent again. Decoders would find out for themselves, but take three seconds for it. */
static void ask_for_keyframes(const struct buzz_participant *publisher, GArray *effects)
{
	for (guint i = 0; i < publisher->streams->len; i++) {
		const struct buzz_stream *stream = publisher->streams->pdata[i];
		if (buzz_stream_media(stream) == BUZZ_VIDEO && !stream->info.muted)
			buzz_effect_keyframe(effects, publisher->pub, stream->mindex);
	}
}

static void watch(struct buzz_room *room, struct buzz_participant *participant, int64_t now_ms, GArray *effects)
{
	if (!buzz_participant_publishes(participant))
		participant->pub_heard_ms = now_ms; /* its clock starts with its first stream */
	int64_t silence_ms = now_ms - participant->pub_heard_ms;
	bool interrupted = silence_ms >= patience_ms(room->settings, participant);
	if (interrupted == (participant->presence == BUZZ_INTERRUPTED))
		return;
	participant->presence = interrupted ? BUZZ_INTERRUPTED : BUZZ_PRESENT;
	/* to itself too: it can restart ICE long before its browser sees that nothing arrives */
	buzz_room_tell_others(room, NULL, buzz_reply_interrupted(participant), effects);
	if (!interrupted)
		ask_for_keyframes(participant, effects);
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
		note_heard(room, &command->heard[i], command->now_ms, effects);
	for (guint i = 0; i < room->participants->len;) {
		struct buzz_participant *participant = room->participants->pdata[i];
		if (participant->presence == BUZZ_AWAY) {
			i++; /* buzz_room_expire_seats */
			continue;
		}
		if (hung_up(participant, command->now_ms)) {
			buzz_room_go_away(room, participant, "hangup", false, command->now_ms, effects);
			continue; /* whether it is away now or out */
		}
		if (timed_out(room, participant, command->now_ms)) {
			buzz_room_remove(room, participant, "timeout", NULL, false, command->now_ms, effects);
			continue;
		}
		if (!participant->hung_up_ms)
			watch(room, participant, command->now_ms, effects);
		i++;
	}
}
