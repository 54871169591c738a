/* SPDX-License-Identifier: GPL-3.0-only */
/* Reports on the disk: one thread of its own does everything that touches the folder, so that neither a worker nor any media waits for
 * a disk that is slow, full or gone. What becomes of a job comes back to the session's worker as a message. */
#pragma once
#include "report.h"
#include "session.h"
#include "settings.h"

/* Starts the thread, which first removes what a crash may have left half-written. settings is copied. */
void buzz_report_store_start(const struct buzz_settings *settings);
/* Finishes what waits and ends the thread; from then on nothing comes back. */
void buzz_report_store_stop(void);
/* Frees what came after that. No worker may run any more. */
void buzz_report_store_free(void);

/* Writes the report (taken over); session (may be NULL) is told. Worker thread. */
void buzz_report_store_put(struct buzz_report *report, struct buzz_session *session);
/* Reads a piece of a report of this room from offset (bytes) on. Worker thread. */
void buzz_report_store_read(const struct buzz_room_key *key, const char *id, uint32_t offset,
			    const char *transaction, struct buzz_session *session);
