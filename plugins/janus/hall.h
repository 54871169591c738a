/* SPDX-License-Identifier: GPL-3.0-only */
/* A room with the sessions in it: applies commands to the room and runs their effects. Owned by one worker thread. */
#pragma once
#include "keyframes.h"
#include "room.h"
#include "session.h"

struct buzz_hall {
	struct buzz_room *room;
	GHashTable *sessions;             /* uint64_t handle -> struct buzz_session *, holds a reference */
	struct buzz_keyframes *keyframes; /* the worker's */
	bool counted;                     /* as a room in buzz_hall_rooms */
	bool collecting;                  /* counted in buzz_hall_collecting */
};

struct buzz_hall *buzz_hall_new(const struct buzz_room_key *key, const struct buzz_settings *settings,
				struct buzz_keyframes *keyframes);
/* The sessions still in it are let go. */
void buzz_hall_free(struct buzz_hall *hall);

/* Puts the session into the hall's table, so that effects can reach it. */
void buzz_hall_enter(struct buzz_hall *hall, struct buzz_session *session);
/* Takes it out again. Its slots and sources end. */
void buzz_hall_exit(struct buzz_hall *hall, struct buzz_session *session);
/* Steps the room and runs the effects. */
void buzz_hall_step(struct buzz_hall *hall, struct buzz_command *command);
/* Time: what the media plane heard, deadlines, tidying. */
void buzz_hall_tick(struct buzz_hall *hall, int64_t now_ms);

/* Over all workers; any thread. */
int buzz_hall_rooms(void);
int buzz_hall_participants(void);
/* Reports being collected. */
int buzz_hall_collecting(void);
