/* SPDX-License-Identifier: GPL-3.0-only */
/* The settings of the plugin: defaults, units, ranges. No file is read here (plugins/janus/config.c does). */
#pragma once
#include "error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUZZ_FOLDER_MAX 1023       /* bytes */
#define BUZZ_URLS_MAX 999          /* bytes of a list of URLs */
#define BUZZ_TURN_SECRET_MAX 255   /* bytes */
#define BUZZ_RECEIVE_AHEAD_S 4     /* seconds' worth of 'receive' that may come at once */

/* Times are kept in ms; their keys have no "_ms" and are in seconds, fractions allowed. Yes and no are kept as 1 and 0. Texts
 * are filled up with zeros, and no member needs padding, so two settings can be compared as memory. */
struct buzz_settings {
	/* general */
	uint32_t workers;            /* worker threads; a room belongs to one. 0 = one per core. 0..64, default 0 */
	uint32_t queue_max;          /* commands waiting per worker before answers are 'busy'. 16..1000000, default 4096 */
	/* rooms */
	uint32_t max_rooms;          /* 1..1000000, default 10000 */
	uint32_t max_participants;   /* per room. 1..10000, default 100 */
	uint32_t max_streams;        /* per participant. 0..64, default 16 */
	uint32_t linger_ms;          /* an empty room is kept so long. 0..3600000, default 5000. */
	/* liveness */
	uint32_t timeout_ms;         /* unheard of for so long = left. 1000..600000, default 15000 */
	uint32_t interrupted_ms;     /* publisher of video without RTP and RTCP. 500..60000, default 3000 */
	uint32_t interrupted_audio_ms; /* of audio only. 500..60000, default 6000 */
	uint32_t quiet_ms;           /* publisher whose RTP was steady and stopped, RTCP too. 100..60000, default 800 */
	uint32_t seat_ms;            /* the seat of one whose PUB has ended is kept so long. 0..3600000, default 20000 */
	/* slots of SUB */
	uint32_t audio_slots;        /* in the first offer. 1..64, default 8 */
	uint32_t video_slots;        /* 1..64, default 8 */
	uint32_t slot_step;          /* SUB grows by at least so many. 1..32, default 4 */
	uint32_t max_slots;          /* of each media, per SUB. 1..64, default 60 */
	uint32_t peer_audio_slots;   /* in the first offer of a SUB with 'from'. 1..64, default 2 */
	uint32_t peer_video_slots;   /* 1..64, default 2 */
	/* negotiation */
	uint32_t offer_timeout_ms;   /* an unanswered offer is sent again. 500..60000, default 5000 */
	uint32_t offer_tries;        /* then SUB is given up. 1..10, default 3 */
	/* media */
	uint32_t keyframe_interval_ms; /* at most one key-frame request per source in this time. 100..10000, default 500 */
	/* reports */
	uint32_t report_deadline_ms;   /* to collect everyone's log. 1000..60000, default 5000 */
	uint32_t report_log_max;       /* bytes of one participant's log. 16384..16777216, default 1 MiB */
	uint32_t report_max;           /* bytes of a whole report. 65536..1073741824, default 64 MiB */
	uint32_t reports_max;          /* files in the folder. 1..100000, default 200 */
	uint32_t report_interval_ms;   /* between two reports of one participant. 0..3600000, default 30000 */
	char reports_folder[BUZZ_FOLDER_MAX + 1]; /* "" = no reports. An absolute path */
	/* relay */
	uint32_t relay_max_bytes;         /* data of a message over signalling. 1..1048576, default 16384 */
	uint32_t relay_max_channel_bytes; /* the same over a data channel. 1..65000, default 60000 */
	uint32_t relay_rate;              /* messages per second of a participant. 1..10000, default 20 */
	uint32_t relay_burst;             /* as many may come at once. 1..100000, default 40 */
	uint32_t relay_receive;           /* bytes per second to a participant. 16384..1000000000, default 262144 */
	uint32_t relay_broadcast;         /* whether it is allowed. Default true, as the two below */
	uint32_t relay_all;
	uint32_t relay_direct;
	/* ice: what clients are told to use. Lists of URLs, separated by commas, "" = none */
	char ice_stun[BUZZ_URLS_MAX + 1];
	char ice_turn[BUZZ_URLS_MAX + 1];
	char ice_turn_secret[BUZZ_TURN_SECRET_MAX + 1]; /* never logged. "" = no TURN */
	uint32_t ice_turn_ttl_ms; /* what clients are given is good for so long. 60000..86400000, default 3600000 */
};

/* All defaults. */
void buzz_settings_defaults(struct buzz_settings *settings);

/* Sets one key of one section ("general", "rooms", "liveness", "slots", "negotiation", "media", "relay", "ice", "reports") from
 * its text as it stands in the file. Returns 0, or BUZZ_ERROR_BAD_FIELD with field "section.key" and a text that says
 * what is allowed and, unless it is a secret, what was given; then nothing has changed. Unknown sections and keys are errors. */
int buzz_settings_set(struct buzz_settings *settings, const char *section, const char *key, const char *value,
                      struct buzz_error *error);

/* Checks that belong to several keys together (interrupted < timeout, initial slots <= max_slots). */
int buzz_settings_check(const struct buzz_settings *settings, struct buzz_error *error);
