/* SPDX-License-Identifier: GPL-3.0-only */
/* TURN credentials. No state; any thread. */
#include "turn.h"
#include <glib.h>
#include <string.h>

#define SHA1_BYTES 20

char *buzz_turn_username(int64_t expiry, const char *id)
{
	return g_strdup_printf("%" G_GINT64_FORMAT ":%s", expiry, id);
}

char *buzz_turn_credential(const char *secret, const char *username)
{
	guint8 digest[SHA1_BYTES];
	gsize length = sizeof(digest);
	GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)secret, strlen(secret));
	g_hmac_update(hmac, (const guchar *)username, (gssize)strlen(username));
	g_hmac_get_digest(hmac, digest, &length);
	g_hmac_unref(hmac);
	return g_base64_encode(digest, length);
}
