/* SPDX-License-Identifier: GPL-3.0-only */
/* Redaction of log lines. DESIGN: one pass from left to right; at each place the first rule that fits writes its
 * replacement and moves on behind what it replaced. So the time is linear, whatever a client sends. */
#include "redact.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Names whose values are secrets, as a JSON member, a query parameter or an SDP attribute writes them. */
static const char *const secrets[] = {
	"ice-pwd",	"ice-ufrag", "ufrag", "usernameFragment", "seat",  "link",
	"access_token", "token",     "pwd",   "password",	  "secret", "credential",
};

#define SECRET "[secret]"
#define ADDRESS "[address]"
#define LOCAL ".local"
#define ADDRESS_MAX 45 /* characters of the longest address */

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '-';
}

/* The length of the secret's name that starts here, or 0. */
static size_t secret_name(const char *at)
{
	for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++) {
		size_t length = strlen(secrets[i]);
		if (g_ascii_strncasecmp(at, secrets[i], length) == 0 && !is_word(at[length]))
			return length;
	}
	return 0;
}

/* Where the value of a name that ends here starts, or NULL. Between them stand quotes, spaces and ':' or '='; backslashes are
 * those of JSON inside JSON. *spaced: there was nothing but a space, as in the "ufrag x" of a candidate. */
static const char *value_start(const char *at, bool *spaced)
{
	*spaced = false;
	while (*at == '\\' || *at == '"' || *at == '\'')
		at++;
	const char *gap = at;
	while (*at == ' ')
		at++;
	if (*at == ':' || *at == '=') {
		at++;
		while (*at == ' ' || *at == '\\' || *at == '"' || *at == '\'')
			at++;
		return at;
	}
	*spaced = at > gap;
	return *spaced ? at : NULL;
}

static bool ends_value(char c)
{
	return c == '\0' || g_ascii_isspace(c) || strchr("\"'\\&,;}", c) != NULL;
}

/* Writes a secret's name and a replacement. Behind it, or NULL if there is none here. */
static const char *replace_secret(GString *out, const char *at)
{
	size_t length = secret_name(at);
	bool spaced;
	const char *value = length ? value_start(at + length, &spaced) : NULL;
	if (!value || ends_value(*value) || (spaced && g_ascii_strncasecmp(at, "ufrag", 5) != 0))
		return NULL;
	g_string_append_len(out, at, value - at);
	g_string_append(out, SECRET);
	while (!ends_value(*value))
		value++;
	return value;
}

/* The length of the IPv4 address that starts here, or 0. 0.0.0.0 says nothing of anybody. */
static size_t ipv4_length(const char *at)
{
	const char *start = at;
	for (int part = 0; part < 4; part++) {
		int digits = 0, value = 0;
		for (; digits < 3 && g_ascii_isdigit(*at); digits++)
			value = value * 10 + (*at++ - '0');
		if (digits == 0 || value > 255 || (part < 3 && *at++ != '.'))
			return 0;
	}
	return g_ascii_isdigit(*at) || strncmp(start, "0.0.0.0", 7) == 0 ? 0 : (size_t)(at - start);
}

/* The same for IPv6, by its form: groups of at most four digits, and "::" or seven colons. So neither a time of day nor
 * a fingerprint is one. */
static size_t ipv6_length(const char *at)
{
	size_t length = strspn(at, "0123456789abcdefABCDEF:."), colons = 0, digits = 0;
	bool doubled = false;
	while (length > 0 && (at[length - 1] == '.' || (at[length - 1] == ':' && (length < 2 || at[length - 2] != ':'))))
		length--;
	if (length < 3 || length > ADDRESS_MAX)
		return 0;
	for (size_t i = 0; i < length; i++) {
		colons += at[i] == ':';
		doubled |= at[i] == ':' && i > 0 && at[i - 1] == ':';
		digits = g_ascii_isxdigit(at[i]) ? digits + 1 : 0;
		if (digits > 4)
			return 0;
	}
	return doubled || colons == 7 ? length : 0;
}

/* The length of the name with which a browser hides its address in a candidate (mDNS), or 0. */
static size_t local_name_length(const char *at)
{
	size_t length = 0;
	while (g_ascii_isalnum(at[length]) || at[length] == '-')
		length++;
	if (length == 0 || g_ascii_strncasecmp(at + length, LOCAL, strlen(LOCAL)) != 0)
		return 0;
	length += strlen(LOCAL);
	return is_word(at[length]) ? 0 : length;
}

/* 'before' is the character before it. */
static const char *replace_address(GString *out, const char *at, char before)
{
	size_t length = before == '.' ? 0 : ipv4_length(at);
	if (!length && before != '.' && before != ':')
		length = ipv6_length(at);
	if (!length && before != '-')
		length = local_name_length(at);
	if (!length)
		return NULL;
	g_string_append(out, ADDRESS);
	return at + length;
}

char *buzz_redact(const char *text)
{
	GString *out = g_string_sized_new(strlen(text) + 16);
	char before = ' ';
	for (const char *at = text; *at;) {
		const char *next = NULL;
		if (!g_ascii_isalnum(before) && before != '_') {
			next = before == '-' ? NULL : replace_secret(out, at);
			if (!next)
				next = replace_address(out, at, before);
		}
		if (!next) {
			next = g_utf8_next_char(at);
			bool control = (unsigned char)*at < 0x20 && *at != '\t' && *at != '\r' && *at != '\n';
			g_string_append_len(out, control ? "?" : at, next - at);
		}
		before = next[-1];
		at = next;
	}
	return g_string_free(out, FALSE);
}
