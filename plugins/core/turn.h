/* SPDX-License-Identifier: GPL-3.0-only */
/* Time-limited credentials for a TURN server, as coturn's use-auth-secret expects them
 * (draft-uberti-behave-turn-rest-00): whoever holds the secret can tell that we gave them out, and until when they are good.
 * Pure: the wall clock comes in. */
#pragma once
#include <stdint.h>

/* "<expiry>:<id>"; expiry is Unix time in seconds. The caller's (g_free). */
char *buzz_turn_username(int64_t expiry, const char *id);
/* base64(HMAC-SHA1(secret, username)). The caller's (g_free). */
char *buzz_turn_credential(const char *secret, const char *username);
