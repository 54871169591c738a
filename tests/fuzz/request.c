/* SPDX-License-Identifier: GPL-3.0-only */
/* Any JSON as a request: it is read whole or refused with a proper error, and never both. */
#include "request.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_error(const struct buzz_error *error, int code)
{
	require(code >= BUZZ_ERROR_BAD_REQUEST && code <= BUZZ_ERROR_BAD_SEQ);
	require((int)error->code == code);
	require(g_utf8_validate(error->field, -1, NULL) && g_utf8_validate(error->text, -1, NULL));
	require(error->text[0] != '\0' && g_str_has_prefix(error->text, error->field));
}

static void check_streams(const GArray *streams)
{
	for (guint i = 0; i < streams->len; i++) {
		const struct buzz_stream_info *info =
		    &g_array_index(streams, struct buzz_stream_info, i);
		require(info->name[0] != '\0' && buzz_sdp_mid_valid(info->mid));
		require((info->kind == BUZZ_SCREEN_AUDIO) == (info->of[0] != '\0'));
		require(info->title == NULL || g_utf8_strlen(info->title, -1) <= BUZZ_TITLE_MAX);
	}
}

/* A key in its final form must survive being read as an address again, unless it holds what was
 * escaped. */
static void check_key(const struct buzz_room_key *key)
{
	struct buzz_room_key again;
	require(key->tenant[0] != '\0' && key->room[0] != '\0');
	require(g_utf8_validate(key->room, -1, NULL));
	if (strchr(key->room, '%') != NULL)
		return;
	require(buzz_room_key_parse(&again, key->tenant, key->room, NULL) == BUZZ_OK);
	require(buzz_room_key_equal(key, &again) &&
		buzz_room_key_hash(key) == buzz_room_key_hash(&again));
}

/* What is kept of a log is JSON, and small enough. */
static void check_entries(const char *entries)
{
	g_autofree char *text = g_strdup_printf("[%s]", entries);
	json_t *list = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	require(list != NULL && json_array_size(list) <= BUZZ_LOG_ENTRIES_MAX);
	require(strlen(entries) <= BUZZ_LOG_PART_MAX);
	json_decref(list);
}

static void check_request(const struct buzz_request *request)
{
	switch (request->type) {
	case BUZZ_REQUEST_JOIN:
		check_key(&request->join.key);
		require(g_utf8_strlen(request->join.display, -1) <= BUZZ_DISPLAY_MAX);
		require((request->join.id[0] != '\0') == (request->join.seat[0] != '\0'));
		check_streams(request->join.streams);
		break;
	case BUZZ_REQUEST_PUBLISH:
		check_streams(request->publish.streams);
		break;
	case BUZZ_REQUEST_SUBSCRIBE:
		check_key(&request->subscribe.key);
		require((request->subscribe.link[0] != '\0') != (request->subscribe.id[0] != '\0'));
		require(request->subscribe.codecs != 0 &&
			(request->subscribe.codecs & ~BUZZ_CODECS_ALL) == 0);
		break;
	case BUZZ_REQUEST_ANSWER:
		require(request->answer.version > 0);
		break;
	case BUZZ_REQUEST_REPORT:
		require(g_utf8_strlen(request->report_text, -1) <= BUZZ_REPORT_TEXT_MAX);
		break;
	case BUZZ_REQUEST_LOG:
		check_entries(request->log.entries->str);
		require(strchr(request->log.report, '/') == NULL && request->log.error_ms >= 0);
		break;
	case BUZZ_REQUEST_READ_REPORT:
		require(strspn(request->read_report.report, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_") ==
			strlen(request->read_report.report));
		break;
	case BUZZ_REQUEST_DIRECT:
		require(request->relay.to[0] != '\0');
		/* fall through */
	case BUZZ_REQUEST_BROADCAST:
	case BUZZ_REQUEST_ALL:
		require(request->relay.event[0] != '\0');
		require(request->relay.data.value != NULL && request->relay.data.bytes > 0);
		break;
	case BUZZ_REQUEST_RESTART:
	case BUZZ_REQUEST_SYNC:
	case BUZZ_REQUEST_LEAVE:
	case BUZZ_REQUEST_CLOCK:
		break;
	}
}

/* The same input as a message of a data channel. */
static void check_message(const uint8_t *data, size_t size)
{
	struct buzz_request *request;
	struct buzz_error error = {0};
	char id[BUZZ_MESSAGE_ID_MAX + 1];
	int code = buzz_request_read_text(&request, (const char *)data, size, id, &error);
	require((code == BUZZ_OK) == (request != NULL));
	require(strlen(id) <= BUZZ_MESSAGE_ID_MAX);
	if (request != NULL)
		check_request(request);
	else
		check_error(&error, code);
	buzz_request_free(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_message(data, size);
	json_t *body = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
	if (body == NULL)
		return 0;
	struct buzz_request *request;
	struct buzz_error error = {0};
	int code = buzz_request_read(&request, body, &error);
	require((code == BUZZ_OK) == (request != NULL));
	if (request != NULL) {
		require(request->seq == buzz_request_seq(body));
		check_request(request);
	} else {
		check_error(&error, code);
	}
	buzz_request_free(request);
	json_decref(body);
	return 0;
}
