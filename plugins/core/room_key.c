/* SPDX-License-Identifier: GPL-3.0-only */
/* Normalises what a browser shows in its address bar to the pair that names a room. Strict:
 * whatever two implementations could read differently is refused. No state; any thread. */
#include "room_key.h"
#include <glib.h>
#include <string.h>

#define ROOM_SENT_MAX 2048 /* bytes, before normalisation: bounds the work */
#define LABEL_MAX 63	   /* bytes, RFC 1035 section 2.3.4 */
#define ADDRESS_MIN 2	   /* "::" */
#define ADDRESS_MAX 45	   /* the longest textual IPv6 address, INET6_ADDRSTRLEN - 1 */

static int bad_tenant(struct buzz_error *error, const char *why)
{
	return buzz_fail(error, BUZZ_ERROR_BAD_ROOM, "tenant", "%s", why);
}

static int bad_room(struct buzz_error *error, const char *why)
{
	return buzz_fail(error, BUZZ_ERROR_BAD_ROOM, "room", "%s", why);
}

/* By its form only: browsers always write an address in one way. */
static int check_address(const char *tenant, struct buzz_error *error)
{
	size_t digits = strspn(tenant + 1, "0123456789abcdef:.");
	if (digits < ADDRESS_MIN || digits > ADDRESS_MAX || strcmp(tenant + 1 + digits, "]") != 0)
		return bad_tenant(error, "must be a host name or an IPv6 address in brackets");
	return BUZZ_OK;
}

static int check_labels(const char *tenant, struct buzz_error *error)
{
	for (const char *label = tenant;; label++) {
		size_t length = strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-_");
		if (length < 1 || length > LABEL_MAX)
			return bad_tenant(
			    error, "must have labels of 1 to 63 of a-z 0-9 - _, joined by dots");
		label += length;
		if (*label == '\0')
			return BUZZ_OK;
		if (*label != '.')
			return bad_tenant(error, "must be an ASCII host name (xn-- for others)");
	}
}

static int read_tenant(char *out, const char *tenant, struct buzz_error *error)
{
	/* One byte more than allowed, so that a final dot can still go; further ones mean 'too
	 * long' */
	g_autofree char *name = g_strndup(tenant, BUZZ_TENANT_MAX + 2);
	size_t length = strlen(name);
	if (length > 0 && name[length - 1] == '.')
		name[--length] = '\0';
	if (length < 1 || length > BUZZ_TENANT_MAX)
		return bad_tenant(error, "must be 1 to 253 bytes long");
	for (char *at = name; *at; at++)
		*at = g_ascii_tolower(*at);

	int code = name[0] == '[' ? check_address(name, error) : check_labels(name, error);
	if (code == BUZZ_OK)
		memcpy(out, name, length + 1);
	return code;
}

/* A new string, or NULL with *error: one round of percent-decoding (RFC 3986 section 2.1), then
 * valid UTF-8. */
static char *percent_decode(const char *text, struct buzz_error *error)
{
	GString *decoded = g_string_sized_new(strlen(text));
	for (const char *at = text; *at; at++) {
		if (*at != '%') {
			g_string_append_c(decoded, *at);
			continue;
		}
		int high = g_ascii_xdigit_value(at[1]);
		int low = high < 0 ? -1 : g_ascii_xdigit_value(at[2]);
		if (low < 0) {
			g_string_free(decoded, TRUE);
			bad_room(error, "has a broken percent escape");
			return NULL;
		}
		g_string_append_c(decoded, (char)(high * 16 + low));
		at += 2;
	}
	/* With the length given g_utf8_validate refuses an escaped NUL as well */
	if (!g_utf8_validate(decoded->str, (gssize)decoded->len, NULL)) {
		g_string_free(decoded, TRUE);
		bad_room(error, "is not UTF-8");
		return NULL;
	}
	return g_string_free(decoded, FALSE);
}

/* Lower case by code point, so without context and without language; see docs/protocol.md for why.
 */
static gunichar fold(gunichar c)
{
	gunichar lower = g_unichar_tolower(c);
	return lower == 0x03C2
		   ? 0x03C3
		   : lower; /* final sigma: upper-case text does not know which one it was */
}

static char *normalise(const char *text)
{
	g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
	g_autoptr(GString) folded = g_string_sized_new(strlen(composed));
	for (const char *at = composed; *at; at = g_utf8_next_char(at))
		g_string_append_unichar(folded, fold(g_utf8_get_char(at)));
	return g_utf8_normalize(folded->str, -1, G_NORMALIZE_NFC);
}

static int check_characters(const char *text, struct buzz_error *error)
{
	for (const char *at = text; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (g_unichar_type(c) == G_UNICODE_CONTROL)
			return bad_room(error, "has a control character");
		if (c == '\\' || c == 0xFFFD)
			return bad_room(error, "has a backslash or a replacement character");
	}
	return BUZZ_OK;
}

/* Joins the segments that are not empty by one slash each. */
static int join_segments(char *out, const char *path, struct buzz_error *error)
{
	char joined[BUZZ_ROOM_MAX + 1];
	size_t used = 0;
	g_auto(GStrv) segments = g_strsplit(path, "/", -1);
	for (char **segment = segments; *segment; segment++) {
		size_t length = strlen(*segment);
		if (length == 0)
			continue;
		if (strcmp(*segment, ".") == 0 || strcmp(*segment, "..") == 0)
			return bad_room(error, "has a segment '.' or '..'");
		if (used == 0 && strcmp(*segment, "_") == 0)
			return bad_room(error, "begins with the reserved segment '_'");
		size_t slash = used > 0 ? 1 : 0;
		if (length + slash > BUZZ_ROOM_MAX - used)
			return bad_room(error, "must be at most 128 bytes long");
		if (slash)
			joined[used++] = '/';
		memcpy(joined + used, *segment, length);
		used += length;
	}
	if (used == 0)
		return bad_room(error, "is empty");
	memcpy(out, joined, used);
	out[used] = '\0';
	return BUZZ_OK;
}

static int read_room(char *out, const char *room, struct buzz_error *error)
{
	if (strnlen(room, ROOM_SENT_MAX + 1) > ROOM_SENT_MAX)
		return bad_room(error, "must be at most 2048 bytes as sent");
	g_autofree char *decoded = percent_decode(room, error);
	if (decoded == NULL)
		return BUZZ_ERROR_BAD_ROOM;
	g_autofree char *path = normalise(decoded);
	int code = check_characters(path, error);
	return code == BUZZ_OK ? join_segments(out, path, error) : code;
}

int buzz_room_key_parse(struct buzz_room_key *key, const char *tenant, const char *room,
			struct buzz_error *error)
{
	struct buzz_room_key parsed;
	int code = read_tenant(parsed.tenant, tenant, error);
	if (code == BUZZ_OK)
		code = read_room(parsed.room, room, error);
	if (code != BUZZ_OK)
		return code;
	/* Not the whole structure: the bytes behind the terminators were never written */
	g_strlcpy(key->tenant, parsed.tenant, sizeof(key->tenant));
	g_strlcpy(key->room, parsed.room, sizeof(key->room));
	return BUZZ_OK;
}

unsigned int buzz_room_key_hash(const void *key)
{
	const struct buzz_room_key *k = key;
	return g_str_hash(k->tenant) * 31 + g_str_hash(k->room);
}

int buzz_room_key_equal(const void *a, const void *b)
{
	const struct buzz_room_key *x = a, *y = b;
	return strcmp(x->tenant, y->tenant) == 0 && strcmp(x->room, y->room) == 0;
}
