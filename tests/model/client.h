/* SPDX-License-Identifier: GPL-3.0-only */
/* What a client and the media plane know of a room, learnt from effects alone. Each effect is
 * checked as it comes: nobody hears of what he cannot know, nothing is routed that is not
 * published. Afterwards client_check compares the whole with the room. */
#pragma once
#include "describe.h"
#include "room_private.h"

#define CLIENTS 16

enum client_role {
	CLIENT_FRESH,
	CLIENT_WAITING, /* has subscribed with a link that nobody has yet */
	CLIENT_PUB,
	CLIENT_SUB,
	CLIENT_GONE, /* FORGET has come */
};

/* One m-line of a PUB; pub 0: none. */
struct client_source {
	uint64_t pub;
	int mindex;
};

struct client {
	uint64_t handle;
	enum client_role role;
	char asked[16]; /* transaction of the request that has no answer yet, or "" */
	char id[BUZZ_ID_MAX + 1];
	char from[BUZZ_ID_MAX + 1]; /* SUB: whose streams alone it carries, or "" */
	/* PUB */
	json_t *own, *others; /* streams; participants, as in the answer to join */
	bool put_out;	      /* it was told that it has left */
	bool unheard;	      /* it was told that the server does not hear it */
	uint64_t packets;     /* RTP so far */
	int64_t hung_up_ms;   /* when its PeerConnection ended, 0 = it has not */
	bool channel;	      /* its data channel takes messages */
	bool told_channel;    /* it was told that messages come that way */
	/* SUB */
	bool up;
	uint32_t version,
	    answered; /* of the newest offer and the newest accepted answer, 0 = none */
	bool restarts; /* it has asked for a restart that was not offered yet */
	char *offer;
	GArray *lines; /* struct described: what the offer has, with what was answered last */
	GArray *reply; /* the same: an answer that is under way, or NULL */
	json_t *slots; /* the newest slots event, or NULL */
	bool took[BUZZ_SDP_SECTIONS_MAX];
	struct client_source routes[BUZZ_SDP_SECTIONS_MAX];
};

struct clients {
	struct client all[CLIENTS];
	GHashTable *sources; /* pub and mindex -> enum buzz_codec */
	unsigned grown;	     /* offers that were not the first */
	unsigned stored;     /* reports */
	unsigned away;	     /* how often somebody was told that somebody is */
	char complaint[512]; /* the first thing that was wrong, or "" */
};

void clients_init(struct clients *clients);
void clients_clear(struct clients *clients);
/* A fresh one in the place of a client. */
void client_renew(struct client *client, uint64_t handle);
/* A PUB's PeerConnection has ended, and its data channel with it. */
void client_hung_up(struct client *client, int64_t now_ms);
/* Notes one effect of a step. */
void client_note(struct clients *clients, const struct buzz_effect *effect);
/* After a step: what the clients know is what the room is. */
void client_check(struct clients *clients, const struct buzz_room *room);
