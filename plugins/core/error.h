/* SPDX-License-Identifier: GPL-3.0-only */
/* The errors a client can be told: wire codes and their fixed names (docs/protocol.md, section 3). */
#pragma once
#include <stddef.h>

enum buzz_error_code {
	BUZZ_OK = 0,
	BUZZ_ERROR_BAD_REQUEST = 430,
	BUZZ_ERROR_MISSING_FIELD = 431,
	BUZZ_ERROR_BAD_FIELD = 432,
	BUZZ_ERROR_BAD_VERSION = 433,
	BUZZ_ERROR_BAD_ROOM = 434,
	BUZZ_ERROR_BAD_SDP = 435,
	BUZZ_ERROR_BAD_SEQ = 436,
	BUZZ_ERROR_WRONG_STATE = 440,
	BUZZ_ERROR_STALE_ANSWER = 441,
	BUZZ_ERROR_NO_SUCH_PARTICIPANT = 442,
	BUZZ_ERROR_NOT_YOURS = 443,
	BUZZ_ERROR_NEGOTIATION_FAILED = 444,
	BUZZ_ERROR_ROOM_FULL = 450,
	BUZZ_ERROR_SERVER_FULL = 451,
	BUZZ_ERROR_TOO_MANY_STREAMS = 452,
	BUZZ_ERROR_BUSY = 453,
	BUZZ_ERROR_TOO_LARGE = 454,
	BUZZ_ERROR_TOO_FAST = 455,
	BUZZ_ERROR_NOT_ALLOWED = 456,
	BUZZ_ERROR_NOT_AVAILABLE = 457,
	BUZZ_ERROR_NO_SUCH_REPORT = 458,
	BUZZ_ERROR_INTERNAL = 499,
};

/* One refusal, by value: no ownership. 'field' is the path of the offending field ("streams[1].kind")
 * or empty; 'text' is for people and names the field too. Both are valid UTF-8 without control characters. */
struct buzz_error {
	enum buzz_error_code code;
	char field[64];
	char text[256];
};

/* Fills *error (may be NULL) and returns code, so that a caller can write 'return buzz_fail(...)'.
 * The text is "<field>: <formatted>" when field is not NULL. */
int buzz_fail(struct buzz_error *error, enum buzz_error_code code, const char *field, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The fixed name of a code ("bad_field"), "internal" for an unknown one. */
const char *buzz_error_name(enum buzz_error_code code);
