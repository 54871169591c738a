/* SPDX-License-Identifier: GPL-3.0-only */
/* Which room a URL names: tenant and path, normalised (docs/protocol.md, section 2). The same rules stand in
 * html/js/room/room-key.js; tests/data/room-keys.json is the test vector of both. */
#pragma once
#include "error.h"

#define BUZZ_TENANT_MAX 253 /* bytes, RFC 1035 section 2.3.4 */
#define BUZZ_ROOM_MAX 128   /* bytes of UTF-8, after normalisation */

struct buzz_room_key {
	char tenant[BUZZ_TENANT_MAX + 1];
	char room[BUZZ_ROOM_MAX + 1];
};

/* Normalises both (neither NULL). 0, or BUZZ_ERROR_BAD_ROOM with field "tenant" or "room"; then *key is untouched. */
int buzz_room_key_parse(struct buzz_room_key *key, const char *tenant, const char *room, struct buzz_error *error);

/* For GHashTable: over both parts, never their concatenation. */
unsigned int buzz_room_key_hash(const void *key);
int buzz_room_key_equal(const void *a, const void *b);
