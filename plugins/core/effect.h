/* SPDX-License-Identifier: GPL-3.0-only */
/* What a room wants done outside: the ordered output of buzz_room_step. */
#pragma once
#include "codec.h"
#include "layer.h"
#include <glib.h>
#include <jansson.h>

enum buzz_effect_type {
	BUZZ_EFFECT_EVENT,      /* send 'body' (and sdp) to handle */
	BUZZ_EFFECT_DATA,       /* send 'text' over the data channel of handle */
	BUZZ_EFFECT_SOURCE,     /* the m-line of a PUB carries a stream of this description from now on */
	BUZZ_EFFECT_SOURCE_END, /* it carries none any more */
	BUZZ_EFFECT_ROUTE,      /* send source (pub, pub_mindex) to the slot (handle, mindex); pub 0: send nothing */
	BUZZ_EFFECT_KEYFRAME,   /* ask the source (pub, pub_mindex) for a key frame */
	BUZZ_EFFECT_CLOSE,      /* end the PeerConnection of handle */
	BUZZ_EFFECT_FORGET,     /* handle does not belong to the room any more */
	BUZZ_EFFECT_STORE,      /* write report to the disk and tell handle, if it is still there */
	BUZZ_EFFECT_READ,       /* read a piece of a report of this room for handle */
};

struct buzz_report;

struct buzz_source {
	enum buzz_codec codec;
	uint8_t payload_type;
	uint8_t rid_extension;
	int layers;
	char rids[BUZZ_LAYERS_MAX][17]; /* highest first */
};

/* What a session description is. RESTART: the core gives the offer new ICE credentials. */
enum buzz_jsep { BUZZ_JSEP_ANSWER, BUZZ_JSEP_OFFER, BUZZ_JSEP_OFFER_RESTART };

struct buzz_effect {
	enum buzz_effect_type type;
	uint64_t handle; /* a PUB for SOURCE and SOURCE_END, a SUB for ROUTE */
	int mindex;
	uint64_t pub; /* ROUTE, KEYFRAME */
	int pub_mindex;
	char *transaction; /* EVENT: or NULL */
	json_t *body;
	char *sdp; /* EVENT: or NULL */
	enum buzz_jsep jsep; /* what sdp is */
	GBytes *text;        /* DATA */
	struct buzz_source source;
	struct buzz_report *report; /* STORE: whoever runs the effect may take it over and set this to NULL */
	char *report_id;            /* READ */
	uint32_t offset;            /* READ: bytes */
};

/* A GArray of struct buzz_effect that frees what they own. */
GArray *buzz_effects_new(void);

/* Each appends one effect; body and sdp are taken over, transaction is copied. */
void buzz_effect_event(GArray *effects, uint64_t handle, const char *transaction, json_t *body);
void buzz_effect_event_sdp(GArray *effects, uint64_t handle, const char *transaction, json_t *body, char *sdp,
			   enum buzz_jsep jsep);
void buzz_effect_data(GArray *effects, uint64_t handle, GBytes *text); /* takes a reference of its own */
void buzz_effect_source(GArray *effects, uint64_t pub, int mindex, const struct buzz_source *source);
void buzz_effect_source_end(GArray *effects, uint64_t pub, int mindex);
void buzz_effect_route(GArray *effects, uint64_t sub, int mindex, uint64_t pub, int pub_mindex);
void buzz_effect_keyframe(GArray *effects, uint64_t pub, int pub_mindex);
void buzz_effect_close(GArray *effects, uint64_t handle);
void buzz_effect_forget(GArray *effects, uint64_t handle);
/* Takes the report over. */
void buzz_effect_store(GArray *effects, uint64_t handle, struct buzz_report *report);
void buzz_effect_read(GArray *effects, uint64_t handle, const char *transaction, const char *report_id,
		      uint32_t offset);
