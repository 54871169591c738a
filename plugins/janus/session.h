/* SPDX-License-Identifier: GPL-3.0-only */
/* One Janus handle of ours, PUB or SUB, from attach to detach. The one place where references are taken.
 *
 * Who touches what: the fields under 'lock' any thread; 'worker thread' fields only the worker the handle is bound to; atomics
 * any thread; uptracks' media half the handle's loop thread (media.h). */
#pragma once
#include "core_api.h"
#include "lock.h"
#include "outbox.h"
#include "request.h"
#include "timeline.h"
#include <stdatomic.h>

/* m-lines of a PeerConnection; as many as an SDP may have (BUZZ_SDP_SECTIONS_MAX). */
#define BUZZ_MINDEX_MAX BUZZ_SDP_SECTIONS_MAX
#define BUZZ_SEQ_WINDOW 256    /* docs/protocol.md, section 3 */
#define BUZZ_SEQ_WAIT_MS 2000  /* the same */

struct buzz_worker;
struct buzz_hall;    /* a room and its sessions, worker.h */
struct buzz_message; /* worker.h */
struct buzz_uptrack; /* media.h */
struct buzz_feed;    /* media.h */

struct buzz_session {
	_Atomic int references;
	uint64_t handle;             /* our own number for it, never reused */
	janus_plugin_session *janus; /* holds a reference */

	struct buzz_lock lock;
	struct buzz_worker *worker; /* under lock: NULL until the first join or subscribe binds the handle */
	struct buzz_room_key key;   /* under lock: that request's room */
	GQueue stash;               /* under lock: numbered requests that overtook that request */
	bool stash_watched;         /* under lock: a worker sees to it that they do not wait too long */
	bool closed;                /* under lock: detached, nothing is bound any more */
	struct buzz_outbox outbox;  /* its own rules */

	_Atomic(struct buzz_worker *) poke; /* the same as worker, for the media threads */
	atomic_bool up;                  /* between setup_media and hangup_media */
	_Atomic int64_t heard_ms;        /* last RTP or RTCP, monotonic; 0 = never */
	_Atomic int channel_waiting;     /* messages of the data channel in the worker's queue */
	_Atomic int channel_waiting_bytes;
	atomic_bool channel_overrun;     /* some were dropped, and the client has not been told yet */
	atomic_bool channel_ready;       /* the worker has not seen to the core's last 'ready' yet */
	_Atomic uint64_t audio_packets, video_packets; /* RTP so far; only the loop thread writes */

	/* worker thread */
	struct buzz_hall *hall; /* the room it is in, or NULL */
	bool spent;             /* it was in a room and is not any more: docs/protocol.md, section 3 */
	bool detached;
	uint32_t next_seq;      /* the number expected next */
	struct buzz_message *held[BUZZ_SEQ_WINDOW]; /* held[n % window] has seq n */
	bool holding;           /* it is in the worker's list of those that hold some */

	/* media.h */
	_Atomic(struct buzz_uptrack *) uptracks[BUZZ_MINDEX_MAX]; /* PUB: set once, by the worker */
	_Atomic(struct buzz_feed *) feeds[BUZZ_MINDEX_MAX];       /* SUB: set once, by the worker */
};

struct buzz_session *buzz_session_ref(struct buzz_session *session);
void buzz_session_unref(struct buzz_session *session);
/* The session of a handle of the core, with a reference, or NULL when it has none (any more). Threads other than the
 * handle's loop thread must come by this way. */
struct buzz_session *buzz_session_of(janus_plugin_session *janus);
/* Makes a session for a handle; the handle holds its first reference. */
void buzz_session_attach(janus_plugin_session *janus);
/* Takes the session, with that reference, from the handle, or NULL. */
struct buzz_session *buzz_session_detach(janus_plugin_session *janus);
/* Sessions alive. */
int buzz_session_count(void);
