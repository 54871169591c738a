/* SPDX-License-Identifier: GPL-3.0-only */
/* What a JSON object from a client may carry, as a table: name, type, whether it is required, range, and where in a structure it goes.
 * Only `request` has such tables. */
#pragma once
#include "error.h"
#include "log_entry.h"
#include "stream.h"
#include <jansson.h>
#include <stddef.h>

#define BUZZ_PROTOCOL_VERSION 1

/* Any JSON value. */
struct buzz_data {
	json_t *value; /* never NULL */
	size_t bytes;  /* of its compact text */
};

/* Measures and keeps it, with a reference of its own, instead of what was there. */
void buzz_data_set(struct buzz_data *data, json_t *value);

enum buzz_field_type {
	BUZZ_FIELD_VERSION, /* integer: the protocol's version; not kept */
	BUZZ_FIELD_INTEGER, /* uint32_t, min to max */
	BUZZ_FIELD_LONG, /* int64_t, min to max */
	BUZZ_FIELD_BOOLEAN, /* bool */
	BUZZ_FIELD_STRING, /* anything; not kept, 'finish' fetches it */
	BUZZ_FIELD_TOKEN, /* char[max + 1], min to max of A-Z a-z 0-9 - _ */
	BUZZ_FIELD_EVENT, /* the same, of A-Z a-z 0-9 . _ : - */
	BUZZ_FIELD_DATA, /* struct buzz_data: any value */
	BUZZ_FIELD_MID, /* char[BUZZ_MID_MAX + 1] */
	BUZZ_FIELD_TEXT, /* char *, trimmed, min to max code points, no control characters */
	BUZZ_FIELD_KIND, /* enum buzz_stream_kind */
	BUZZ_FIELD_CODECS, /* buzz_codec_set, at most max names */
	BUZZ_FIELD_STREAMS, /* GArray of struct buzz_stream_info, at most max */
	BUZZ_FIELD_ENTRIES, /* GString of log entries */
};

struct buzz_field {
	const char *name;
	enum buzz_field_type type;
	bool required;
	int64_t min, max;
	size_t offset; /* of the target, from the start of the structure being filled */
};

/* Reads an object's fields into 'target'; members that no field names are ignored. 'prefix' is the object's own path, as the client is
 * told, or "". 0, or an error that names the field; then what was read so far stands in 'target', and whoever owns that frees it. */
int buzz_fields_read(void *target, const json_t *object, const char *prefix, const struct buzz_field *fields,
		     size_t count, struct buzz_error *error);
/* The text of a JSON string without a NUL in it, otherwise NULL; of the value. */
const char *buzz_field_string(const json_t *value);
