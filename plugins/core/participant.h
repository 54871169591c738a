/* SPDX-License-Identifier: GPL-3.0-only */
/* A member of a room: who it is, what it publishes, when it was last heard, and its SUBs. Owned by the room, so by
 * the room's worker. */
#pragma once
#include "flow.h"
#include "layer.h"
#include "rate.h"
#include "request.h"
#include "subscription.h"

#define BUZZ_SUBSCRIPTIONS_MAX 4 /* SUBs of one participant with everybody's streams; and one for each of the others */

/* The simulcast layers of one m-line of an offer, as the core read them. */
struct buzz_simulcast {
	char mid[BUZZ_MID_MAX + 1];
	int count;
	char rids[BUZZ_LAYERS_MAX][17]; /* highest first */
};

/* A published stream: what the client said, and what its offer says. Refers to its participant. */
struct buzz_stream {
	struct buzz_participant *publisher;
	struct buzz_stream_info info;
	int mindex; /* m-line of PUB */
	enum buzz_codec codec;
	uint8_t payload_type;  /* on PUB */
	uint8_t rid_extension; /* header extension id, 0 = none */
	int layers;            /* 1 = not simulcast */
	char rids[BUZZ_LAYERS_MAX][17]; /* highest first */
};

enum buzz_presence {
	BUZZ_PRESENT,
	BUZZ_INTERRUPTED, /* has PUB, but nothing is heard from it */
	BUZZ_AWAY,        /* PUB has ended; its seat is kept for a while (docs/protocol.md, 4) */
};

struct buzz_participant {
	char id[BUZZ_ID_MAX + 1];
	char seat[BUZZ_SEAT_MAX + 1];
	char link[BUZZ_LINK_MAX + 1];
	char *display;
	uint64_t pub;            /* handle, 0 while away */
	bool pub_up;             /* between setup_media and hangup_media */
	int64_t pub_heard_ms;    /* RTP or RTCP on PUB, monotonic; also set when it comes up */
	int64_t heard_ms;        /* the same on any handle */
	int64_t hung_up_ms;      /* when PUB's PeerConnection ended, monotonic; 0 = it has not */
	int64_t servers_ms;      /* when it was told servers for ICE last, monotonic */
	int64_t next_report_ms;  /* may ask for a report from then on, monotonic */
	bool channel_ready;          /* PUB's data channel takes messages */
	struct buzz_rate sending;    /* messages it may still have relayed */
	struct buzz_rate receiving;  /* bytes it may still be sent of others' messages */
	struct buzz_flow flow;   /* of RTP that does not stop by itself: sound, and cameras without a screen beside them */
	enum buzz_presence presence;
	const char *away_reason; /* static; while away: why it will have left if it does not come back */
	int64_t away_since_ms;
	struct buzz_sdp *sdp;    /* the last PUB offer, or NULL */
	GArray *simulcast;       /* struct buzz_simulcast: its simulcast m-lines */
	GPtrArray *streams;      /* struct buzz_stream *, in the client's order */
	GPtrArray *subscriptions; /* struct buzz_subscription *; none while away */
};

struct buzz_participant *buzz_participant_new(const char *id, const char *seat, const struct buzz_join *join,
					      uint64_t pub, int64_t now_ms);
void buzz_participant_free(struct buzz_participant *participant);

/* Checks that infos fit the offer: each mid is there, sends, carries the kind's media and a codec we forward; and that they are
 * at most 'max'. sdp may be NULL only when infos is empty. 0 or an error. */
int buzz_streams_check(const GArray *infos, const struct buzz_sdp *sdp, uint32_t max, struct buzz_error *error);

/* There is a new PUB offer: takes sdp over, copies simulcast. */
void buzz_participant_set_offer(struct buzz_participant *participant, struct buzz_sdp *sdp,
				const struct buzz_simulcast *simulcast, size_t simulcast_count);

/* The streams that infos (checked against the publisher's offer) describe: those that keep name, kind, m-line and codec
 * are taken over from 'old' with their identity (same pointer, removed from old); the others are new. On another PUB than
 * before the m-line does not matter. Returns a new array that owns them. */
GPtrArray *buzz_streams_make(struct buzz_participant *publisher, const GArray *infos, GPtrArray *old,
			     bool other_pub);

/* Whether it publishes something from which RTP or RTCP must come. */
bool buzz_participant_publishes(const struct buzz_participant *participant);
bool buzz_participant_publishes_video(const struct buzz_participant *participant);
/* Whether its video counts as steady: a camera is on, and no screen, which may stand still, hides that it stops. */
bool buzz_participant_video_is_steady(const struct buzz_participant *participant);
/* Whether this is its seat; in constant time. */
bool buzz_participant_has_seat(const struct buzz_participant *participant, const char *seat);

static inline enum buzz_media buzz_stream_media(const struct buzz_stream *stream)
{
	return buzz_stream_kind_media(stream->info.kind);
}
