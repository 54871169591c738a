/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads the log that a client uploads for a report (docs/protocol.md, Reports): table-driven like request.c, whose
 * field type this is. What is kept is written anew from the values read, never copied, with secrets taken out. */
#pragma once
#include "error.h"
#include <glib.h>
#include <jansson.h>

#define BUZZ_LOG_PART_MAX 49152    /* bytes of JSON of one part's entries */
#define BUZZ_LOG_ENTRIES_MAX 2048  /* entries of one part */
#define BUZZ_LOG_TEXT_MAX 16384    /* bytes of one entry's text */
#define BUZZ_LOG_NUMBERS_MAX 16    /* members of 'data' */
#define BUZZ_LOG_REPEATS_MAX 256   /* equal lines that one entry stands for, beyond the first */

/* Appends the entries (JSON objects joined by commas) to text. 0 or an error; path is the list's, for the error. */
int buzz_log_entries_read(GString *text, const json_t *entries, const char *path, struct buzz_error *error);
