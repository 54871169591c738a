/* SPDX-License-Identifier: GPL-3.0-only */
/* The plugin with the fake core, driven by one thread: say something, hear what comes back, in
 * order. Whatever does not come within STORY_WAIT_MS fails the test. */
#pragma once
#include "fakecore.h"

#define STORY_WAIT_MS 10000 /* machines may be busy, and sanitizers are slow */

/* What was last heard of a handle; valid until the next. */
struct heard {
	char *transaction; /* or NULL */
	json_t *body;
	char *sdp; /* or NULL */
	int64_t at_ms; /* when push_event was entered, monotonic */
};

/* init with this text as the configuration file (NULL: there is none): its result. */
int story_init(const char *settings);
/* Ends all handles, and the plugin if it runs; nothing may be left of them. */
void story_end(void);

struct fake_handle *story_attach(void);
void story_detach(struct fake_handle *handle);
/* handle_message; takes over body and jsep (or NULL). What kind of result came. */
janus_plugin_result_type story_say(struct fake_handle *handle, const char *transaction, json_t *body, json_t *jsep);
/* The next event of the handle, which must have this name. */
const struct heard *story_hear(struct fake_handle *handle, const char *name);
/* The same, which must also answer this transaction. */
const struct heard *story_hear_answer(struct fake_handle *handle, const char *name, const char *transaction);
/* The next event, which must be an error that answers this transaction: its code. */
int story_hear_error(struct fake_handle *handle, const char *transaction);
/* Nothing comes for so long. */
void story_hear_nothing(struct fake_handle *handle, int ms);
/* push_event with a description takes so long from now on, for this handle. */
void story_slow(struct fake_handle *handle, int ms);
/* push_event does not return from now on, for this handle, until it is released. */
void story_hold(struct fake_handle *handle);
/* Waits until one push_event is held. */
void story_wait_held(struct fake_handle *handle);
void story_release(struct fake_handle *handle);

/* Waits for the next PLI to the handle: when it came, and to which m-line. -1 if none came in time. */
int64_t story_pli(struct fake_handle *handle, int timeout_ms, int *mindex);

/* Joins, and brings the connection up when there are streams. */
struct fake_handle *story_join(const char *room, const char *link, const char *streams);
/* Subscribes, answers the first offer, brings the connection up. *video, unless NULL: the m-line of
 * its first video slot. */
struct fake_handle *story_subscribe(const char *room, const char *link, int *video);
int64_t story_now(void);
