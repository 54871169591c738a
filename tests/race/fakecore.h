/* SPDX-License-Identifier: GPL-3.0-only */
/* A Janus core without Janus: the callbacks a plugin gets, the symbols it needs, and handles. What
 * the plugin does to it goes to the test's hooks, and every call is checked against the core's
 * rules: no lock of the plugin is held, the handle has not been freed, events of a handle are
 * pushed one at a time. A broken rule aborts. */
#pragma once
#include <jansson.h>
#include <plugins/plugin.h>
#include <stdatomic.h>
#include <stdbool.h>

struct fake_loop;

/* One Janus handle. Its memory stays until fake_core_end, so that a use after the last reference is
 * found. */
struct fake_handle {
	janus_plugin_session janus; /* first: one is cast to the other */
	int number;                 /* from 0, never reused */
	void *user;                 /* the test's */
	atomic_bool gone;           /* the last reference was dropped */
	atomic_bool pushing;        /* inside push_event */
	/* fakeloop.c */
	struct fake_loop *loop;
	atomic_bool detaching;
	bool up; /* loop thread */
};

/* Called on the plugin's threads, with nothing of the fake core locked. Set them before the
 * plugin's init. */
struct fake_hooks {
	void (*event)(struct fake_handle *handle, const char *transaction, json_t *body, json_t *jsep);
	void (*rtp)(struct fake_handle *handle, const janus_plugin_rtp *packet);
	void (*data)(struct fake_handle *handle, const janus_plugin_data *packet);
	void (*pli)(struct fake_handle *handle, int mindex);
	void (*close)(struct fake_handle *handle);
};
extern struct fake_hooks fake_hooks;

/* The last line logged at LOG_FATAL or LOG_ERR. */
extern char fake_log[512];

/* What the plugin exports. */
janus_plugin *create(void);

janus_callbacks *fake_callbacks(void);
/* A handle with the core's own reference, not attached to the plugin yet. Any thread. */
struct fake_handle *fake_handle_new(void *user);
void fake_handle_ref(struct fake_handle *handle);
void fake_handle_unref(struct fake_handle *handle);
/* How many handles still have references. */
int fake_handles_alive(void);
/* Frees the memory of all handles; none may be alive. */
void fake_core_end(void);

/* Says what is wrong and aborts. */
void fake_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
