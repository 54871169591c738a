/* SPDX-License-Identifier: GPL-3.0-only */
/* What the files of the room share. Nobody else includes this, but their test. */
#pragma once
#include "record.h"
#include "reply.h"
#include "room.h"

#define BUZZ_HANGUP_MS 100      /* a handle that ends follows the end of its PeerConnection well within this */
#define BUZZ_JOIN_WAIT_MS 10000 /* a subscribe waits so long for the join with its link (docs/protocol.md, 4) */

/* What a handle is in this room. */
struct buzz_member {
	struct buzz_participant *participant;
	struct buzz_subscription *subscription; /* NULL: the handle is its PUB */
};

/* A subscribe that came before its join. */
struct buzz_early {
	uint64_t handle;
	char *transaction;
	char link[BUZZ_LINK_MAX + 1];
	struct buzz_subscription_wish wish;
	int64_t deadline_ms;
};

struct buzz_room {
	struct buzz_room_key key;
	const struct buzz_settings *settings;
	GPtrArray *participants; /* struct buzz_participant *, in the order they joined */
	GHashTable *members;     /* uint64_t handle -> struct buzz_member */
	GArray *early;           /* struct buzz_early */
	int64_t empty_since_ms;  /* when the last one left, 0 = nobody was ever in */
	struct buzz_record *record; /* NULL while reports are off */
	struct buzz_report *report; /* being collected, or NULL */
};

struct buzz_member *buzz_room_member(const struct buzz_room *room, uint64_t handle);
void buzz_room_add_member(struct buzz_room *room, uint64_t handle, struct buzz_participant *participant,
			  struct buzz_subscription *subscription);
void buzz_room_refuse(GArray *effects, const struct buzz_command *command, const struct buzz_error *error);
/* To the PUB of everyone but 'except' (may be NULL); takes over body. */
void buzz_room_tell_others(const struct buzz_room *room, const struct buzz_participant *except, json_t *body,
			   GArray *effects);
/* Its PUB and SUBs do not belong to the room any more, and their connections end. 'farewell' (taken over) is told to PUB; NULL
 * when that handle has ended or needs no telling. */
void buzz_room_drop_handles(struct buzz_room *room, struct buzz_participant *participant, json_t *farewell,
			    GArray *effects);
/* Puts a participant out; reason as in docs/protocol.md. Its PUB gets the event too, with the transaction, unless the handle is gone. */
void buzz_room_remove(struct buzz_room *room, struct buzz_participant *participant, const char *reason,
		      const char *transaction, bool pub_is_gone, int64_t now_ms, GArray *effects);

int buzz_room_check_jsep(const struct buzz_command *command, struct buzz_error *error);
/* The command's offer (or none) is the participant's from now on. Returns the answer to it, the caller's, or NULL. */
char *buzz_room_take_offer(struct buzz_participant *participant, struct buzz_command *command);
void buzz_room_tell_sources(const struct buzz_participant *participant, GArray *effects);
/* True when the list would be announced like 'before', a streams event. */
bool buzz_room_same_streams(const struct buzz_participant *participant, json_t *before);
/* Answers a join. */
void buzz_room_welcome(struct buzz_room *room, struct buzz_command *command,
		       struct buzz_participant *participant, char *answer, GArray *effects);
/* Tells credentials for TURN anew before they expire: ICE restarts and new connections need good ones. */
void buzz_room_renew_servers(struct buzz_room *room, const struct buzz_command *command, GArray *effects);

/* room_return.c */
/* The participant of this id, or NULL. */
struct buzz_participant *buzz_room_find(const struct buzz_room *room, const char *id);
/* PUB has ended without a word: the participant is away, or has left if seats are not kept. */
void buzz_room_go_away(struct buzz_room *room, struct buzz_participant *participant, const char *reason,
		       bool pub_is_gone, int64_t now_ms, GArray *effects);
/* A join with the participant's id. */
int buzz_room_come_back(struct buzz_room *room, struct buzz_participant *participant,
			struct buzz_command *command, GArray *effects, struct buzz_error *error);
void buzz_room_sync(struct buzz_room *room, const struct buzz_command *command, const struct buzz_member *member,
		    GArray *effects);
void buzz_room_expire_seats(struct buzz_room *room, int64_t now_ms, GArray *effects);

/* room_subscribe.c */
int buzz_room_subscribe(struct buzz_room *room, struct buzz_command *command, GArray *effects,
			struct buzz_error *error);
int buzz_room_answer(struct buzz_room *room, struct buzz_command *command, struct buzz_member *member,
		     GArray *effects, struct buzz_error *error);
/* The join with this link has come. */
void buzz_room_early_joined(struct buzz_room *room, struct buzz_participant *participant, int64_t now_ms,
			    GArray *effects);
/* Whether the handle has subscribed and waits for its join. */
bool buzz_room_is_early(const struct buzz_room *room, uint64_t handle);
/* Only for a handle that waits: it has ended. */
void buzz_room_forget_early(struct buzz_room *room, uint64_t handle, GArray *effects);
void buzz_room_expire_early(struct buzz_room *room, int64_t now_ms, GArray *effects);
/* The streams in the room have changed: assigns every SUB's slots anew, and says, offers and routes what follows. */
void buzz_room_update_slots(struct buzz_room *room, int64_t now_ms, GArray *effects);
void buzz_room_remove_subscription(struct buzz_room *room, struct buzz_participant *participant,
				   struct buzz_subscription *subscription);
/* The participant leaves: so do the SUBs of others that carry nobody else. */
void buzz_room_end_subscriptions(struct buzz_room *room, const struct buzz_participant *participant, const char *reason,
				 GArray *effects);
/* The participant whose streams alone the SUB carries, or NULL. */
struct buzz_participant *buzz_room_only_source(const struct buzz_room *room,
					       const struct buzz_subscription *subscription);
void buzz_room_subscription_up(struct buzz_subscription *subscription, GArray *effects);
/* RTCP came from it last at heard_ms, monotonic: after a restart its pictures begin anew. */
void buzz_room_subscription_heard(struct buzz_subscription *subscription, int64_t heard_ms, GArray *effects);
/* Offers the slots again with new ICE credentials, at once or after the open offer. */
void buzz_room_restart(struct buzz_room *room, const struct buzz_command *command,
		       const struct buzz_member *member, GArray *effects);
/* Tells a SUB all it may have missed. */
void buzz_room_sync_subscription(struct buzz_room *room, struct buzz_subscription *subscription, int64_t now_ms,
				 GArray *effects);
void buzz_room_tick_negotiation(struct buzz_room *room, int64_t now_ms, GArray *effects);

/* room_relay.c */
/* Somebody has joined: fills its allowances. */
void buzz_room_relay_start(const struct buzz_room *room, struct buzz_participant *participant, int64_t now_ms);
void buzz_room_channel_ready(const struct buzz_room *room, const struct buzz_command *command, GArray *effects);
int buzz_room_relay(struct buzz_room *room, struct buzz_command *command, struct buzz_member *member,
		    GArray *effects, struct buzz_error *error);
/* The same as buzz_room_refuse for what came over a data channel. */
void buzz_room_refuse_message(const struct buzz_room *room, const struct buzz_command *command,
			      const struct buzz_error *error, GArray *effects);

/* room_watch.c */
void buzz_room_watch(struct buzz_room *room, const struct buzz_command *command, GArray *effects);

/* room_report.c */
/* clock, report, log, read_report. */
int buzz_room_report_request(struct buzz_room *room, const struct buzz_command *command,
			     struct buzz_participant *participant, GArray *effects, struct buzz_error *error);
void buzz_room_report_result(struct buzz_room *room, const struct buzz_command *command, GArray *effects);
void buzz_room_tick_report(struct buzz_room *room, const struct buzz_command *command, GArray *effects);
