/* SPDX-License-Identifier: GPL-3.0-only */
/* What can happen to a room: the input of buzz_room_step. Everything impure (clock, random ids) comes in with it. */
#pragma once
#include "participant.h"
#include "report.h"

enum buzz_command_type {
	BUZZ_COMMAND_REQUEST,  /* a client's request on a handle */
	BUZZ_COMMAND_MEDIA_UP, /* a PeerConnection is ready to carry media */
	BUZZ_COMMAND_HANGUP,   /* a PeerConnection has ended */
	BUZZ_COMMAND_DETACH,   /* a handle has ended */
	BUZZ_COMMAND_TICK,     /* time has passed: deadlines, and what was heard */
	BUZZ_COMMAND_RESULT,   /* a report was stored, or a piece of one read, or neither could be done */
	BUZZ_COMMAND_CHANNEL_READY, /* a data channel takes messages, and has sent all it was given before */
};

/* What the media plane heard on a handle. */
struct buzz_heard {
	uint64_t handle;
	int64_t heard_ms; /* last RTP or RTCP, monotonic, 0 = never */
	uint64_t audio_packets, video_packets; /* RTP so far */
};

struct buzz_command {
	enum buzz_command_type type;
	int64_t now_ms; /* monotonic */
	int64_t wall_ms; /* Unix time, never set back: the clock that clients measure theirs against */
	uint64_t handle;
	/* REQUEST; all borrowed. The handle may be new to the room: then the request must be join or subscribe. */
	const char *transaction;
	const struct buzz_request *request; /* NULL: it came by channel and was refused when it was read */
	const struct buzz_error *refusal;   /* why, with request NULL */
	bool by_channel;                    /* over PUB's data channel, and so is the answer */
	const char *message_id;             /* by_channel: the client's name for it, or "" */
	struct buzz_sdp *sdp; /* of the jsep, or NULL. The step may take it over: it then sets this to NULL */
	bool sdp_is_offer;
	const struct buzz_simulcast *simulcast;
	size_t simulcast_count;
	const char *new_id, *new_seat; /* for join: random, new_id unique in the room */
	int64_t unix_s;                /* the wall clock; for requests and ticks */
	uint32_t next_seq;             /* for sync: the number expected next on this handle */
	/* TICK; borrowed */
	const struct buzz_heard *heard;
	size_t heard_count;
	/* TICK and a request of a report, where the room wants them (buzz_room_wants_counters); borrowed */
	const GArray *counters; /* struct buzz_counter, or NULL */
	/* RESULT; borrowed */
	const struct buzz_report_result *result;
};
