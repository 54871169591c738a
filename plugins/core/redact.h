/* SPDX-License-Identifier: GPL-3.0-only */
/* Takes out of a log line what nobody who reads a report may learn: ICE credentials, addresses, seats, links,
 * tokens. The client does the same before it sends (html/js/report/redact.js); a client may lie, so it is done
 * here again. tests/data/redact.json is the proof for both. Pure; any thread. */
#pragma once

/* A copy of text (UTF-8), the caller's. Control characters other than tab and line ends become '?'. */
char *buzz_redact(const char *text);
