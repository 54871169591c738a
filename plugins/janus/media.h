/* SPDX-License-Identifier: GPL-3.0-only */
/* The media plane: which stream's packets go to which slots. The worker changes it, the publishers' loop threads read it, and neither
 * waits for the other.
 *
 * Per published m-line there is an uptrack. The worker describes what its packets are and where they go in an
 * immutable plan and posts it in the uptrack's mailbox; the loop thread takes it with its next packet (RTP or RTCP) and hands the old one
 * back through 'retired'. Per slot there is a feed: the slot's timeline, shared by the routes that feed it. */
#pragma once
#include "effect.h"
#include "keyframe.h"
#include "report.h"
#include "route.h"
#include "session.h"

/* One slot of a SUB. */
struct buzz_feed {
	struct buzz_timeline timeline;
	atomic_bool keyframe_wanted; /* the client asked for a key frame and the worker has not seen to it yet */
	struct buzz_session *source; /* worker thread: the PUB it is fed from (holds a reference), or NULL */
	int source_mindex;           /* worker thread */
};

/* Written by one loop thread, read by the worker for reports. */
struct buzz_count {
	_Atomic uint64_t packets, bytes;
	_Atomic uint32_t switches; /* of the layer that goes on */
};

/* A route with what is needed to relay along it. Reference counted: the worker's list and the plans hold it. */
struct buzz_line {
	_Atomic int references;
	struct buzz_route route;
	struct buzz_session *sub; /* holds a reference */
	int mindex;               /* of the slot */
	struct buzz_count count;  /* of what went on along it */
	int layer;                /* loop thread: of the last packet that did */
};

/* Immutable once posted, but for the routes, which belong to the loop thread. */
struct buzz_plan {
	struct buzz_plan *next; /* in 'retired' */
	uint32_t version;       /* of the source's layers: when it changes, they start anew */
	bool active;
	struct buzz_source source;
	guint count;
	struct buzz_line *lines[];
};

/* One m-line of a PUB. Lives as long as its session. */
struct buzz_uptrack {
	_Atomic(struct buzz_plan *) mailbox; /* posted, not taken yet */
	_Atomic(struct buzz_plan *) retired; /* given back */
	atomic_bool keyframe_wanted;         /* a route wants a key frame and the worker has not seen to it yet */
	/* worker thread */
	bool active;
	uint32_t version;
	struct buzz_source source;
	GPtrArray *lines; /* struct buzz_line * */
	struct buzz_keyframe keyframe;
	uint32_t keyframes_asked;
	/* loop thread */
	struct buzz_plan *plan;
	uint32_t layers_version;
	struct buzz_layers layers;
	struct buzz_count count; /* of what came in; the worker reads it */
};

/* Worker thread. */
void buzz_media_source(struct buzz_session *pub, int mindex, const struct buzz_source *source);
void buzz_media_source_end(struct buzz_session *pub, int mindex);
/* pub NULL: send nothing to this slot any more. */
void buzz_media_route(struct buzz_session *sub, int mindex, struct buzz_session *pub, int pub_mindex);
/* The handle has left its room: nothing is taken from it or sent to it any more. */
void buzz_media_forget(struct buzz_session *session);
/* Drops routes that another one has replaced, and plans that were given back. */
void buzz_media_tidy(struct buzz_session *session);

/* Appends what was counted of the PUB's m-lines and of where they go (struct buzz_counter). */
void buzz_media_count(struct buzz_session *pub, GArray *counters);

/* Loop thread of the handle. The plan to go by now, or NULL. */
struct buzz_plan *buzz_media_plan(struct buzz_uptrack *uptrack);

/* For buzz_session_unref. */
void buzz_media_free(struct buzz_session *session);
