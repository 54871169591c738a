/* SPDX-License-Identifier: GPL-3.0-only */
/* The fake core's threads: loop threads that serve several handles each (as Janus does with
 * event_loops), a pool that hands messages over in no particular order, and an admin thread that
 * asks about handles. */
#pragma once
#include "fakecore.h"

/* idle is called on the handle's loop thread every other millisecond while its PeerConnection is
 * up. */
void fake_threads_start(int loops, int pool, void (*idle)(struct fake_handle *handle));
/* Ends them once everything that was asked for is done. */
void fake_threads_stop(void);

/* A handle attached to the plugin. The caller holds one reference of its own, to be given up with
 * fake_handle_unref. */
struct fake_handle *fake_attach(void *user);
/* A message from the client. Takes over body and jsep (or NULL), copies the transaction. */
void fake_message(struct fake_handle *handle, const char *transaction, json_t *body, json_t *jsep);
/* The PeerConnection comes up, or ends. */
void fake_setup(struct fake_handle *handle);
void fake_hangup(struct fake_handle *handle);
/* The handle ends; again is fine. From now on the core refuses what the plugin wants of it. */
void fake_detach(struct fake_handle *handle);
