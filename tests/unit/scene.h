/* SPDX-License-Identifier: GPL-3.0-only */
/* A room for unit tests: requests in, effects out. Requests are JSON with ' for ", effects are
 * compared as text, one per line, with ' for " and the keys of an object in alphabetical order:
 *
 *   event 1 t {'buzz':'left',...} +answer   to handle 1, in answer to request t (- for none), with
 * a description source 1/0 opus 111                     an m-line of a PUB: codec, payload type;
 * for simulcast rid id and rids end 1/0                                 it carries nothing any more
 *   route 2/8 <- 1/1                        a slot of a SUB is fed from there; or from "nothing"
 *   keyframe 1/1
 *   data 1 {'buzz':'relay',...}             a text over the data channel, as it is
 *   close 2
 *   forget 2
 *
 * Ada has the handles 1 (PUB) and 2 (SUB), Grace 3 and 4, Mary 5 and 6. After each step the room's
 * invariants hold. */
#pragma once
#include "describe.h"
#include "room_private.h"

#define SCENE_HANDLES 64
#define ROOM "'v':1,'tenant':'school.example','room':'maths'"
#define LIMITS                                                                                     \
	"'limits':{'display':64,'participants':3,'relay':16384,'relay_channel':60000,'streams':4,"       \
	"'title':128}"
#define MIC "{'codec':'opus','kind':'microphone','mid':'0','muted':false,'stream':'mic'}"
#define CAM                                                                                        \
	"{'codec':'vp8','kind':'camera','mid':'1','muted':false,'simulcast':false,'stream':'cam'}"
#define EMPTY "'slots':[],'undecodable':[],'waiting':[]"

extern struct scene {
	struct buzz_settings
	    settings; /* 3 participants, 4 streams, 4 slots of each media and steps of 2, no seats kept */
	struct buzz_room *room;
	int64_t now_ms;
	bool simulcast;		     /* the next offer has three layers in mid 1 */
	GString *effects;	     /* of the last step */
	char *offers[SCENE_HANDLES]; /* the last one to each SUB, and its version */
	uint32_t versions[SCENE_HANDLES];
	uint64_t audio_packets[SCENE_HANDLES], video_packets[SCENE_HANDLES];
} scene;

#define SCENE(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
int scene_setup(void **state);
int scene_teardown(void **state);

/* Each of these is a step and returns its effects, valid until the next one. */
const char *request(uint64_t handle, const char *text);
/* sdp in the words of describe.h, or NULL; id is what a join would be given. */
const char *request_with(uint64_t handle, const char *text, const char *sdp, bool is_offer,
			 const char *id);
/* A message on PUB's data channel. */
const char *message(uint64_t handle, const char *text);
const char *happens(enum buzz_command_type type, uint64_t handle);
/* Time passes; then the media plane has just heard these handles ("1 2"), with 50 packets a second of sound
 * ("1a") or video ("1v") in that time. */
const char *pass(int64_t ms, const char *handles);
/* Streams are named "mic cam screen sound cam2", with * when they are muted; their offer has an
 * m-line for each. */
const char *join(uint64_t handle, const char *name, const char *streams);
/* The participant of this name and id comes back with the seat that somebody was given; the new one is that of "again". */
const char *come_back(uint64_t handle, const char *name, const char *seat, const char *streams);
const char *publish(uint64_t handle, const char *streams, bool with_offer);
const char *subscribe(uint64_t handle, const char *name);
/* Answers the last offer and takes everything. */
const char *answer(uint64_t handle);
/* lines in the words of describe.h, NULL: all of the last offer. */
const char *answer_with(uint64_t handle, uint32_t version, const char *lines);

/* Somebody with both connections up and answered. */
void enter(uint64_t handle, const char *name, const char *streams);
/* The lines of the last step with this in them; valid until the next call. */
const char *those(const char *part);
/* m-lines of the last offer to a SUB. */
guint offered(uint64_t handle);
/* Everything a client could ever learn of the room; the caller's. */
char *snapshot(void);
/* Fails unless the text is just one refusal. */
void is_refusal(const char *text, uint64_t handle, int code, const char *field);
