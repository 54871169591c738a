/* SPDX-License-Identifier: GPL-3.0-only */
/* One report while it is being collected, and as the file that becomes of it (docs/report.md). What each participant sends is
 * counted and bounded on its own: whoever lies or floods spoils its own log and no other. Pure. Owned by the room until it
 * is complete, then handed over whole to whoever stores it. */
#pragma once
#include "request.h"

struct buzz_settings;

/* What one participant has sent. */
struct buzz_report_log {
	char id[BUZZ_ID_MAX + 1];
	char *display;
	bool finished;      /* nothing more is taken */
	const char *reason; /* why it is not complete ("left", "deadline", ...); NULL: it is, or is not finished */
	uint32_t parts;     /* taken so far */
	int64_t offset_ms, error_ms; /* of its clock, as of the last part */
	GString *entries;   /* JSON objects joined by commas */
};

struct buzz_report {
	char id[BUZZ_REPORT_ID_MAX + 1];
	struct buzz_room_key key;
	char *text;
	char by[BUZZ_ID_MAX + 1];
	uint64_t handle;     /* PUB of whoever asked for it */
	int64_t started_ms;  /* Unix time */
	int64_t deadline_ms; /* monotonic */
	int64_t took_ms;     /* set when it is complete */
	size_t log_max, max; /* bytes: of one log, of the file without the server's share */
	size_t server_max;   /* bytes of 'entries', and of 'streams' */
	size_t used;         /* bytes of all logs, with what the file says besides */
	guint collected;     /* complete logs */
	GPtrArray *logs;     /* struct buzz_report_log * */
	GString *entries;    /* the room's own record, set when it is complete */
	GString *streams;    /* the same for its streams */
	GArray *counters;    /* struct buzz_counter, when it was asked for */
};

/* What the media plane counted: of what came in on an m-line of a PUB, or (sub not 0) of what went on to one slot. */
struct buzz_counter {
	uint64_t pub, sub;
	int mindex, slot;
	uint64_t packets, bytes;
	uint32_t keyframes; /* asked of the publisher */
	uint32_t switches;  /* changes of the layer that is forwarded */
};

/* What became of it on the disk. The strings are owned. */
struct buzz_report_result {
	enum { BUZZ_REPORT_STORED, BUZZ_REPORT_PART } type;
	char id[BUZZ_REPORT_ID_MAX + 1];
	/* STORED */
	guint collected, expected;
	const char *reason; /* a constant; NULL: it is stored */
	/* PART */
	char *transaction;
	enum buzz_error_code code; /* 0: here it is */
	uint32_t offset;
	uint64_t total; /* bytes of the file */
	char *text;     /* a piece of it, valid UTF-8 */
};
void buzz_report_result_free(struct buzz_report_result *result); /* NULL is fine */

/* All strings are copied; text is what the person wrote. */
struct buzz_report *buzz_report_new(const char *id, const struct buzz_room_key *key, const char *text,
				    const struct buzz_settings *settings);
void buzz_report_free(struct buzz_report *report); /* NULL is fine */

/* A participant whose log is expected. */
void buzz_report_expect(struct buzz_report *report, const char *id, const char *display);
/* A part of a log has come. 0, or an error for the sender; then its log is finished and incomplete, unless it was finished
 * before. *completed: it is complete now. */
int buzz_report_take(struct buzz_report *report, const char *id, const struct buzz_log *log, bool *completed,
		     struct buzz_error *error);
/* Nothing more will come from this participant, who may not be expected at all. */
void buzz_report_left(struct buzz_report *report, const char *id);
/* Every log is finished, or the deadline is over. */
bool buzz_report_is_over(const struct buzz_report *report, int64_t now_ms);
/* Finishes what is not finished yet. */
void buzz_report_end(struct buzz_report *report);

/* Writes the file, which says that this version of the server made it, by calling sink with one piece after the other. Stops at the first that sink refuses (not 0), and
 * returns what it returned. */
int buzz_report_write(const struct buzz_report *report, const char *version,
		      int (*sink)(void *data, const char *text, size_t length), void *data);
