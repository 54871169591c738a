/* SPDX-License-Identifier: GPL-3.0-only */
/* A room: who is in it, what they publish, what each is shown. Pure: a command in, a new state and an ordered list of
 * effects out; no clock, no randomness, no I/O. Owned by exactly one worker thread.
 *
 * Read in this order: room.c (join, publish, leave), room_return.c (away and back), room_subscribe.c (SUBs and
 * slots), room_relay.c (messages), room_watch.c (time), room_report.c (reports). */
#pragma once
#include "command.h"
#include "effect.h"

struct buzz_room;

/* settings is borrowed and must outlive the room. */
struct buzz_room *buzz_room_new(const struct buzz_room_key *key, const struct buzz_settings *settings);
void buzz_room_free(struct buzz_room *room);

/* Applies one command and appends what is to be done to effects (buzz_effects_new). A refused request has exactly one effect, its error. */
void buzz_room_step(struct buzz_room *room, struct buzz_command *command, GArray *effects);

const struct buzz_room_key *buzz_room_key(const struct buzz_room *room);
guint buzz_room_count(const struct buzz_room *room); /* participants */
bool buzz_room_has_id(const struct buzz_room *room, const char *id);
/* Nobody is in it, nobody is expected, and its linger time is over: the room may be freed. */
bool buzz_room_is_over(const struct buzz_room *room, int64_t now_ms);
/* Whether the step with this command needs the counters of the media plane. */
bool buzz_room_wants_counters(const struct buzz_room *room, const struct buzz_command *command);
/* A report is being collected. */
bool buzz_room_is_collecting(const struct buzz_room *room);
/* NULL, or the first invariant that does not hold, in words. For tests and debug builds. */
const char *buzz_room_check(const struct buzz_room *room);
