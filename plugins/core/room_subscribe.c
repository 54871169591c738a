/* SPDX-License-Identifier: GPL-3.0-only */
/* The SUBs of a room: who may subscribe, their offers and answers, their slots, and the routes that follow from them. DESIGN: 'slot->stream' is
 * what should be shown, 'slot->routed' what the media plane was last told; route() brings them together and is the only place
 * that lists routes. Runs on the room's worker. */
#include "room_private.h"
#include <string.h>

static struct buzz_negotiation_limits limits(const struct buzz_room *room)
{
	return (struct buzz_negotiation_limits){.timeout_ms = room->settings->offer_timeout_ms,
						.tries = room->settings->offer_tries};
}

struct buzz_participant *buzz_room_only_source(const struct buzz_room *room,
					       const struct buzz_subscription *subscription)
{
	for (guint i = 0; subscription->from[0] && i < room->participants->len; i++) {
		struct buzz_participant *participant = room->participants->pdata[i];
		if (strcmp(participant->id, subscription->from) == 0)
			return participant;
	}
	return NULL;
}

/* Everything that others publish, or the one that the SUB is for: audio first, then screens, then cameras, each in the
 * order of joining. */
static GPtrArray *visible_streams(const struct buzz_room *room, const struct buzz_participant *viewer,
				  const struct buzz_subscription *subscription)
{
	static const enum buzz_stream_kind order[] = {BUZZ_MICROPHONE, BUZZ_SCREEN_AUDIO, BUZZ_SCREEN,
						      BUZZ_CAMERA};
	const struct buzz_participant *only = buzz_room_only_source(room, subscription);
	GPtrArray *visible = g_ptr_array_new();
	for (guint k = 0; k < G_N_ELEMENTS(order); k++) {
		for (guint i = 0; i < room->participants->len; i++) {
			const struct buzz_participant *publisher = room->participants->pdata[i];
			bool shown = subscription->from[0] ? publisher == only : publisher != viewer;
			for (guint j = 0; shown && j < publisher->streams->len; j++) {
				struct buzz_stream *stream = publisher->streams->pdata[j];
				if (stream->info.kind == order[k])
					g_ptr_array_add(visible, stream);
			}
		}
	}
	return visible;
}

/* What is to be sent to the slot. Nothing comes from somebody who is away. */
static struct buzz_stream *routable(const struct buzz_subscription *subscription, const struct buzz_slot *slot)
{
	bool takes = slot->usable && subscription->up;
	return takes && slot->stream && slot->stream->publisher->pub ? slot->stream : NULL;
}

/* Lists the routes by which the slots' streams differ from what is being sent. */
static void route(struct buzz_subscription *subscription, GArray *effects)
{
	for (guint i = 0; i < subscription->slots->len; i++) {
		struct buzz_slot *slot = subscription->slots->pdata[i];
		struct buzz_stream *stream = routable(subscription, slot);
		if (stream == slot->routed)
			continue;
		slot->routed = stream;
		if (!stream) {
			buzz_effect_route(effects, subscription->handle, (int)i, 0, 0);
			continue;
		}
		buzz_effect_route(effects, subscription->handle, (int)i, stream->publisher->pub,
				  stream->mindex);
		if (slot->media == BUZZ_VIDEO)
			buzz_effect_keyframe(effects, stream->publisher->pub, stream->mindex);
	}
}

static void send_offer(const struct buzz_subscription *subscription, enum buzz_jsep jsep, GArray *effects)
{
	buzz_effect_event_sdp(effects, subscription->handle, NULL,
			      buzz_reply_offer(subscription->negotiation.version),
			      buzz_subscription_write_offer(subscription), jsep);
}

/* A restart is said once: sent again, the offer has the credentials of the first time, and an answer to either fits. */
static void send_offer_again(const struct buzz_subscription *subscription, GArray *effects)
{
	send_offer(subscription, BUZZ_JSEP_OFFER, effects);
}

static void offer_all_slots(struct buzz_subscription *subscription, GArray *effects)
{
	bool restarts = subscription->restart == BUZZ_RESTART_WANTED;
	subscription->offered = subscription->slots->len;
	if (restarts)
		subscription->restart = BUZZ_RESTART_OFFERED;
	send_offer(subscription, restarts ? BUZZ_JSEP_OFFER_RESTART : BUZZ_JSEP_OFFER, effects);
}

static void update(struct buzz_room *room, const struct buzz_participant *viewer,
		   struct buzz_subscription *subscription, int64_t now_ms, GArray *effects)
{
	GPtrArray *visible = visible_streams(room, viewer, subscription);
	struct buzz_negotiation_limits offer_limits = limits(room);
	bool changed = false, offered;
	do {
		struct buzz_assignment assignment =
			buzz_subscription_assign(subscription, visible, room->settings);
		changed |= assignment.changed;
		offered = assignment.grown && buzz_negotiation_change(&subscription->negotiation, now_ms,
								      &offer_limits) == BUZZ_NEGOTIATION_OFFER;
		if (offered)
			offer_all_slots(subscription, effects);
	} while (offered); /* what waited for the new slots gets them */
	g_ptr_array_unref(visible);
	if (changed)
		buzz_effect_event(effects, subscription->handle, NULL, buzz_reply_slots(subscription));
	route(subscription, effects);
}

void buzz_room_update_slots(struct buzz_room *room, int64_t now_ms, GArray *effects)
{
	for (guint i = 0; i < room->participants->len; i++) {
		const struct buzz_participant *viewer = room->participants->pdata[i];
		for (guint j = 0; j < viewer->subscriptions->len; j++)
			update(room, viewer, viewer->subscriptions->pdata[j], now_ms, effects);
	}
}

/* Whether the participant may have one more SUB of this kind. */
static int check_wish(const struct buzz_room *room, const struct buzz_participant *participant,
		      const struct buzz_subscription_wish *wish, struct buzz_error *error)
{
	guint alike = 0;
	for (guint i = 0; i < participant->subscriptions->len; i++) {
		const struct buzz_subscription *other = participant->subscriptions->pdata[i];
		alike += strcmp(other->from, wish->from) == 0;
	}
	if (!wish->from[0])
		return alike < BUZZ_SUBSCRIPTIONS_MAX
			       ? 0
			       : buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "there are %d SUBs already",
					   BUZZ_SUBSCRIPTIONS_MAX);
	if (strcmp(wish->from, participant->id) == 0)
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, "from", "must be somebody else");
	if (!buzz_room_has_id(room, wish->from))
		return buzz_fail(error, BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL, "from: nobody here has this id");
	if (alike > 0)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "there is a SUB for this participant already");
	return 0;
}

static int add_subscription(struct buzz_room *room, struct buzz_participant *participant, uint64_t handle,
			    const char *transaction, const struct buzz_subscription_wish *wish, int64_t now_ms,
			    GArray *effects, struct buzz_error *error)
{
	int code = check_wish(room, participant, wish, error);
	if (code)
		return code;
	struct buzz_subscription *subscription = buzz_subscription_new(handle, wish);
	g_ptr_array_add(participant->subscriptions, subscription);
	buzz_room_add_member(room, handle, participant, subscription);
	buzz_effect_event(effects, handle, transaction, buzz_reply_subscribed(participant, wish->from));
	update(room, participant, subscription, now_ms, effects);
	return 0;
}

static struct buzz_participant *find(const struct buzz_room *room, const struct buzz_subscribe *request)
{
	for (guint i = 0; i < room->participants->len; i++) {
		struct buzz_participant *participant = room->participants->pdata[i];
		if (request->link[0] ? strcmp(participant->link, request->link) == 0
				     : strcmp(participant->id, request->id) == 0)
			return participant;
	}
	return NULL;
}

static struct buzz_subscription_wish wish_of(const struct buzz_subscribe *request)
{
	struct buzz_subscription_wish wish = {.transport_cc = !request->rtx, .codecs = request->codecs};
	memcpy(wish.from, request->from, sizeof(wish.from));
	return wish;
}

/* A subscribe whose join has not come yet. */
static int wait_for_join(struct buzz_room *room, const struct buzz_command *command)
{
	const struct buzz_subscribe *request = &command->request->subscribe;
	struct buzz_early early = {
		.handle = command->handle,
		.transaction = g_strdup(command->transaction),
		.wish = wish_of(request),
		.deadline_ms = command->now_ms + BUZZ_JOIN_WAIT_MS,
	};
	g_strlcpy(early.link, request->link, sizeof(early.link));
	g_array_append_val(room->early, early);
	return 0;
}

int buzz_room_subscribe(struct buzz_room *room, struct buzz_command *command, GArray *effects,
			struct buzz_error *error)
{
	const struct buzz_subscribe *request = &command->request->subscribe;
	if (command->sdp)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "on SUB only the server offers");
	struct buzz_participant *participant = find(room, request);
	if (!participant && request->link[0])
		return wait_for_join(room, command);
	if (!participant)
		return buzz_fail(error, BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL, "nobody here has this id");
	if (!request->link[0] && !buzz_participant_has_seat(participant, request->seat))
		return buzz_fail(error, BUZZ_ERROR_NOT_YOURS, NULL, "the seat does not belong to this id");
	if (participant->presence == BUZZ_AWAY)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "come back by join first");
	struct buzz_subscription_wish wish = wish_of(request);
	return add_subscription(room, participant, command->handle, command->transaction, &wish, command->now_ms,
				effects, error);
}

void buzz_room_early_joined(struct buzz_room *room, struct buzz_participant *participant, int64_t now_ms,
			    GArray *effects)
{
	for (guint i = 0; participant->link[0] && i < room->early->len;) {
		struct buzz_early early = g_array_index(room->early, struct buzz_early, i);
		if (strcmp(early.link, participant->link) != 0) {
			i++;
			continue;
		}
		struct buzz_error error = {0};
		if (add_subscription(room, participant, early.handle, early.transaction, &early.wish,
				     now_ms, effects, &error)) {
			buzz_effect_event(effects, early.handle, early.transaction, buzz_reply_error(&error));
			buzz_effect_forget(effects, early.handle);
		}
		g_array_remove_index(room->early, i); /* frees the transaction */
	}
}

/* Its index in room->early, or -1. */
static int find_early(const struct buzz_room *room, uint64_t handle)
{
	for (guint i = 0; i < room->early->len; i++) {
		if (g_array_index(room->early, struct buzz_early, i).handle == handle)
			return (int)i;
	}
	return -1;
}

bool buzz_room_is_early(const struct buzz_room *room, uint64_t handle)
{
	return find_early(room, handle) >= 0;
}

void buzz_room_forget_early(struct buzz_room *room, uint64_t handle, GArray *effects)
{
	g_array_remove_index(room->early, (guint)find_early(room, handle));
	buzz_effect_forget(effects, handle);
}

void buzz_room_expire_early(struct buzz_room *room, int64_t now_ms, GArray *effects)
{
	for (guint i = 0; i < room->early->len;) {
		const struct buzz_early *early = &g_array_index(room->early, struct buzz_early, i);
		if (now_ms < early->deadline_ms) {
			i++;
			continue;
		}
		struct buzz_error error = {0};
		buzz_fail(&error, BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL, "the join with this link has not come");
		buzz_effect_event(effects, early->handle, early->transaction, buzz_reply_error(&error));
		buzz_effect_forget(effects, early->handle);
		g_array_remove_index(room->early, i);
	}
}

/* SUB cannot be negotiated: says so and ends it. */
static void give_up(struct buzz_room *room, struct buzz_member *member, const char *transaction, GArray *effects)
{
	struct buzz_error error = {0};
	uint64_t handle = member->subscription->handle;
	buzz_fail(&error, BUZZ_ERROR_NEGOTIATION_FAILED, NULL, "no usable answer came after %u offers",
		  member->subscription->negotiation.tries);
	buzz_effect_event(effects, handle, transaction, buzz_reply_error(&error));
	buzz_effect_close(effects, handle);
	buzz_effect_forget(effects, handle);
	buzz_room_remove_subscription(room, member->participant, member->subscription);
}

static void accept(struct buzz_room *room, struct buzz_command *command, struct buzz_member *member,
		   enum buzz_negotiation_action action, GArray *effects)
{
	struct buzz_subscription *subscription = member->subscription;
	buzz_effect_event(effects, command->handle, command->transaction,
			  buzz_reply_answered(command->request->answer.version));
	if (subscription->restart == BUZZ_RESTART_OFFERED) {
		subscription->restart = BUZZ_RESTART_ANSWERED;
		subscription->restarted_ms = command->now_ms;
	}
	if (action == BUZZ_NEGOTIATION_ACCEPT_AND_OFFER)
		offer_all_slots(subscription, effects);
	update(room, member->participant, subscription, command->now_ms, effects);
}

int buzz_room_answer(struct buzz_room *room, struct buzz_command *command, struct buzz_member *member,
		     GArray *effects, struct buzz_error *error)
{
	struct buzz_subscription *subscription = member->subscription;
	if (command->sdp && command->sdp_is_offer)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "on SUB only the server offers");
	if (!command->sdp)
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, "jsep", "an answer needs its session description");
	uint32_t version = command->request->answer.version;
	bool is_open = version == subscription->negotiation.version &&
		       (subscription->negotiation.state == BUZZ_NEGOTIATION_OFFERED ||
			subscription->negotiation.state == BUZZ_NEGOTIATION_DIRTY);
	bool usable = is_open && buzz_subscription_answer(subscription, command->sdp, error) == 0;
	struct buzz_negotiation_limits offer_limits = limits(room);
	enum buzz_negotiation_action action = buzz_negotiation_answer(
		&subscription->negotiation, version, usable, command->now_ms, &offer_limits);
	switch (action) {
	case BUZZ_NEGOTIATION_ACCEPT:
	case BUZZ_NEGOTIATION_ACCEPT_AND_OFFER:
		accept(room, command, member, action, effects);
		return 0;
	case BUZZ_NEGOTIATION_REFUSE_STALE:
		buzz_fail(error, BUZZ_ERROR_STALE_ANSWER, "version", "the open offer is %u",
			  subscription->negotiation.version);
		break;
	case BUZZ_NEGOTIATION_REFUSE_BAD:
		break; /* buzz_subscription_answer said why */
	case BUZZ_NEGOTIATION_GIVE_UP:
		give_up(room, member, command->transaction, effects);
		return 0;
	default:
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "no offer is open");
	}
	buzz_room_refuse(effects, command, error);
	send_offer_again(subscription, effects);
	return 0;
}

void buzz_room_restart(struct buzz_room *room, const struct buzz_command *command,
		       const struct buzz_member *member, GArray *effects)
{
	struct buzz_subscription *subscription = member->subscription;
	struct buzz_negotiation_limits offer_limits = limits(room);
	buzz_effect_event(effects, command->handle, command->transaction, buzz_reply_restarting());
	if (subscription->slots->len == 0)
		return; /* it has no connection, and never will: its client can decode nothing */
	subscription->restart = BUZZ_RESTART_WANTED;
	if (buzz_negotiation_change(&subscription->negotiation, command->now_ms, &offer_limits) !=
	    BUZZ_NEGOTIATION_OFFER)
		return;
	offer_all_slots(subscription, effects);
	/* slots that were refused are on offer again */
	update(room, member->participant, subscription, command->now_ms, effects);
}

void buzz_room_sync_subscription(struct buzz_room *room, struct buzz_subscription *subscription, int64_t now_ms,
				 GArray *effects)
{
	struct buzz_negotiation_limits offer_limits = limits(room);
	if (buzz_negotiation_ask(&subscription->negotiation, now_ms, &offer_limits) ==
	    BUZZ_NEGOTIATION_OFFER_ANEW)
		send_offer_again(subscription, effects);
	buzz_effect_event(effects, subscription->handle, NULL, buzz_reply_slots(subscription));
}

void buzz_room_tick_negotiation(struct buzz_room *room, int64_t now_ms, GArray *effects)
{
	struct buzz_negotiation_limits offer_limits = limits(room);
	for (guint i = 0; i < room->participants->len; i++) {
		struct buzz_participant *participant = room->participants->pdata[i];
		for (guint j = 0; j < participant->subscriptions->len;) {
			struct buzz_subscription *subscription = participant->subscriptions->pdata[j];
			enum buzz_negotiation_action action =
				buzz_negotiation_tick(&subscription->negotiation, now_ms, &offer_limits);
			if (action == BUZZ_NEGOTIATION_GIVE_UP) {
				give_up(room, buzz_room_member(room, subscription->handle), NULL, effects);
				continue;
			}
			if (action == BUZZ_NEGOTIATION_OFFER_AGAIN)
				send_offer_again(subscription, effects);
			j++;
		}
	}
}

void buzz_room_subscription_up(struct buzz_subscription *subscription, GArray *effects)
{
	subscription->up = true;
	route(subscription, effects);
}

/* What was lost on the old path is more than can be sent again. */
void buzz_room_subscription_heard(struct buzz_subscription *subscription, int64_t heard_ms, GArray *effects)
{
	if (subscription->restart != BUZZ_RESTART_ANSWERED || heard_ms <= subscription->restarted_ms)
		return;
	subscription->restart = BUZZ_RESTART_NONE;
	for (guint i = 0; i < subscription->slots->len; i++) {
		const struct buzz_slot *slot = subscription->slots->pdata[i];
		if (slot->media == BUZZ_VIDEO && slot->routed)
			buzz_effect_keyframe(effects, slot->routed->publisher->pub, slot->routed->mindex);
	}
}

void buzz_room_remove_subscription(struct buzz_room *room, struct buzz_participant *participant,
				   struct buzz_subscription *subscription)
{
	uint64_t handle = subscription->handle;
	g_hash_table_remove(room->members, &handle);
	g_ptr_array_remove(participant->subscriptions, subscription); /* frees it */
}

void buzz_room_end_subscriptions(struct buzz_room *room, const struct buzz_participant *participant, const char *reason,
				 GArray *effects)
{
	for (guint i = 0; i < room->participants->len; i++) {
		struct buzz_participant *viewer = room->participants->pdata[i];
		for (guint j = 0; j < viewer->subscriptions->len;) {
			struct buzz_subscription *subscription = viewer->subscriptions->pdata[j];
			if (strcmp(subscription->from, participant->id) != 0) {
				j++;
				continue;
			}
			uint64_t handle = subscription->handle;
			buzz_effect_event(effects, handle, NULL, buzz_reply_ended(participant->id, reason));
			buzz_effect_close(effects, handle);
			buzz_effect_forget(effects, handle);
			buzz_room_remove_subscription(room, viewer, subscription);
		}
	}
}
