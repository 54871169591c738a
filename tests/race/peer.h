/* SPDX-License-Identifier: GPL-3.0-only */
/* What clients say and send: requests, session descriptions, RTP and RTCP. No state, but for the
 * tracks.
 *
 *  * What someone publishes is written as one letter per m-line of its PUB: a microphone, v camera,
 * s camera in three layers, d screen; - a video m-line without a stream. A capital letter is muted. */
#pragma once
#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_LAYERS 3
#define PEER_TRACKS 4   /* m-lines at most */
#define PEER_PACKET 128 /* bytes of our packets at most */

json_t *peer_join(const char *room, const char *display, const char *link, const char *streams);
json_t *peer_subscribe(const char *room, const char *link);
json_t *peer_publish(const char *streams);
json_t *peer_request(const char *name);
json_t *peer_report(void);
/* A log in one part. */
json_t *peer_log(const char *report);
json_t *peer_read_report(const char *report);
json_t *peer_answer(uint32_t version);
/* Takes over body and gives it back. */
json_t *peer_numbered(json_t *body, uint32_t seq);

/* The PUB offer for these streams, as the core hands it on, with the layers listed beside it. */
json_t *peer_offer(const char *streams);
/* The answer that takes every m-line of this offer. */
json_t *peer_answer_to(const char *offer);
/* A description that fits no offer. */
json_t *peer_bad_answer(void);

/* What a packet carries, so that a receiver can tell whether it may have it. */
struct peer_tag {
	uint8_t room;
	uint32_t sender;
};

/* One published m-line as its sender keeps it. All zero is a good start. Its numbers have no gaps
 * and nothing comes late. */
struct peer_track {
	char kind;
	uint32_t ssrcs[PEER_LAYERS];
	uint16_t seqs[PEER_LAYERS];
	uint16_t picture_ids[PEER_LAYERS];
	uint32_t timestamp;
	uint8_t layer, part; /* of the next packet */
	bool key;            /* the picture under way */
	unsigned seed;
};

/* The next packet of the track's kind into buffer (PEER_PACKET bytes): its length. keyframe: the
 * next picture begins anew. Some carry padding, some nothing else. */
size_t peer_packet(struct peer_track *track, char kind, atomic_bool *keyframe, struct peer_tag tag, uint8_t *buffer);
/* How many packets a moment of this kind has: one of audio, or a picture in all its layers. */
int peer_burst(char kind);
/* What was written into the packet, and its VP8 picture id (-1 for audio). False if that cannot be
 * read. */
bool peer_read(const uint8_t *data, size_t length, struct peer_tag *tag, int *picture_id);

#define PEER_PLI 12 /* bytes */
void peer_pli(uint8_t *buffer);
