/* SPDX-License-Identifier: GPL-3.0-only */
/* Refusals as values: nothing is allocated, so an error can be made on any thread, out of memory
 * too. */
#include "error.h"
#include <glib.h>
#include <stdarg.h>
#include <string.h>

static const struct {
	enum buzz_error_code code;
	const char *name;
} names[] = {
    {BUZZ_OK, "ok"},
    {BUZZ_ERROR_BAD_REQUEST, "bad_request"},
    {BUZZ_ERROR_MISSING_FIELD, "missing_field"},
    {BUZZ_ERROR_BAD_FIELD, "bad_field"},
    {BUZZ_ERROR_BAD_VERSION, "bad_version"},
    {BUZZ_ERROR_BAD_ROOM, "bad_room"},
    {BUZZ_ERROR_BAD_SDP, "bad_sdp"},
    {BUZZ_ERROR_BAD_SEQ, "bad_seq"},
    {BUZZ_ERROR_WRONG_STATE, "wrong_state"},
    {BUZZ_ERROR_STALE_ANSWER, "stale_answer"},
    {BUZZ_ERROR_NO_SUCH_PARTICIPANT, "no_such_participant"},
    {BUZZ_ERROR_NOT_YOURS, "not_yours"},
    {BUZZ_ERROR_NEGOTIATION_FAILED, "negotiation_failed"},
    {BUZZ_ERROR_ROOM_FULL, "room_full"},
    {BUZZ_ERROR_SERVER_FULL, "server_full"},
    {BUZZ_ERROR_TOO_MANY_STREAMS, "too_many_streams"},
    {BUZZ_ERROR_BUSY, "busy"},
    {BUZZ_ERROR_TOO_LARGE, "too_large"},
    {BUZZ_ERROR_TOO_FAST, "too_fast"},
    {BUZZ_ERROR_NOT_ALLOWED, "not_allowed"},
    {BUZZ_ERROR_NOT_AVAILABLE, "not_available"},
    {BUZZ_ERROR_NO_SUCH_REPORT, "no_such_report"},
    {BUZZ_ERROR_INTERNAL, "internal"},
};

/* Texts quote what clients and administrators wrote and are cut to fit: ends the text where it
 * stops being UTF-8 and blots out control characters, so that it can stand in JSON and in a log
 * line. */
static void make_printable(char *text)
{
	const char *end = NULL;
	if (!g_utf8_validate(text, -1, &end))
		text[end - text] = '\0';
	for (char *at = text; *at; at = g_utf8_next_char(at))
		if (g_unichar_type(g_utf8_get_char(at)) == G_UNICODE_CONTROL)
			memset(at, '?', (size_t)(g_utf8_next_char(at) - at));
}

int buzz_fail(struct buzz_error *error, enum buzz_error_code code, const char *field,
	      const char *format, ...)
{
	if (error == NULL)
		return code;
	error->code = code;
	g_strlcpy(error->field, field ? field : "", sizeof(error->field));
	make_printable(error->field);

	int prefix = 0;
	if (field != NULL)
		prefix = g_snprintf(error->text, sizeof(error->text), "%s: ", error->field);
	va_list arguments;
	va_start(arguments, format);
	g_vsnprintf(error->text + prefix, sizeof(error->text) - (size_t)prefix, format, arguments);
	va_end(arguments);
	make_printable(error->text);
	return code;
}

const char *buzz_error_name(enum buzz_error_code code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (names[i].code == code)
			return names[i].name;
	return "internal";
}
