/* SPDX-License-Identifier: GPL-3.0-only */
/* What has happened in a room, as lines for a report: read off the commands that go into it and the effects that come out, so that
 * nothing the room tells anybody is missing and the room's own code is not strewn with it. A ring of bounded size. Pure; owned by the room. */
#pragma once
#include "command.h"
#include "effect.h"

struct buzz_record;

struct buzz_record *buzz_record_new(void);
void buzz_record_free(struct buzz_record *record); /* NULL is fine */

/* One step of the room. record may be NULL. */
void buzz_record_step(struct buzz_record *record, const struct buzz_command *command, const GArray *effects);
/* Whose handle it is: the participant's id, or "" when unknown; *connection (may be NULL) is "pub", "sub" or "". */
const char *buzz_record_who(const struct buzz_record *record, uint64_t handle, const char **connection);
/* Appends the newest lines that fit into so many bytes, oldest first, as JSON objects joined by commas (docs/report.md). */
void buzz_record_write(const struct buzz_record *record, GString *text, size_t max);
