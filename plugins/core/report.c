/* SPDX-License-Identifier: GPL-3.0-only */
/* Collecting a report. DESIGN: a log is taken in parts that are numbered from 0. The first part that is out of order, or
 * that makes the log too long, ends that log; what came before it stays. Collected on the room's worker, written on the
 * thread that stores it. */
#include "report.h"
#include "settings.h"
#include <string.h>

/* This part of max_report_bytes is for the server's own lines, and as much for its streams. */
#define SERVER_SHARE 8
/* Most bytes, besides texts that people chose, that the file says of a report and of one log. */
#define HEAD_BYTES 512
#define LOG_HEAD_BYTES 256

static void log_free(void *data)
{
	struct buzz_report_log *log = data;
	g_free(log->display);
	g_string_free(log->entries, TRUE);
	g_free(log);
}

struct buzz_report *buzz_report_new(const char *id, const struct buzz_room_key *key, const char *text,
				    const struct buzz_settings *settings)
{
	struct buzz_report *report = g_new0(struct buzz_report, 1);
	g_strlcpy(report->id, id, sizeof(report->id));
	report->key = *key;
	report->text = g_strdup(text);
	report->log_max = settings->report_log_max;
	report->server_max = settings->report_max / SERVER_SHARE;
	report->max = settings->report_max - 2 * report->server_max;
	/* in JSON a text is at most twice as long: it has no control characters */
	report->used = HEAD_BYTES + strlen(key->tenant) + 2 * (strlen(key->room) + strlen(text));
	report->logs = g_ptr_array_new_with_free_func(log_free);
	report->entries = g_string_new(NULL);
	report->streams = g_string_new(NULL);
	report->counters = g_array_new(FALSE, TRUE, sizeof(struct buzz_counter));
	return report;
}

void buzz_report_free(struct buzz_report *report)
{
	if (!report)
		return;
	g_free(report->text);
	g_ptr_array_unref(report->logs);
	g_string_free(report->entries, TRUE);
	g_string_free(report->streams, TRUE);
	g_array_unref(report->counters);
	g_free(report);
}

void buzz_report_result_free(struct buzz_report_result *result)
{
	if (!result)
		return;
	g_free(result->transaction);
	g_free(result->text);
	g_free(result);
}

void buzz_report_expect(struct buzz_report *report, const char *id, const char *display)
{
	struct buzz_report_log *log = g_new0(struct buzz_report_log, 1);
	g_strlcpy(log->id, id, sizeof(log->id));
	log->display = g_strdup(display);
	log->entries = g_string_new(NULL);
	g_ptr_array_add(report->logs, log);
	report->used += LOG_HEAD_BYTES + 2 * strlen(display);
}

static struct buzz_report_log *find(const struct buzz_report *report, const char *id)
{
	for (guint i = 0; i < report->logs->len; i++) {
		struct buzz_report_log *log = report->logs->pdata[i];
		if (strcmp(log->id, id) == 0)
			return log;
	}
	return NULL;
}

static void finish(struct buzz_report *report, struct buzz_report_log *log, const char *reason)
{
	log->finished = true;
	log->reason = reason;
	report->collected += reason == NULL;
}

/* Whether the part may be added. Otherwise the log is finished. */
static int check(struct buzz_report *report, struct buzz_report_log *log, const struct buzz_log *part,
		 struct buzz_error *error)
{
	size_t length = part->entries->len + 1;
	if (log->finished)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "this log is finished (%s)",
				 log->reason ? log->reason : "complete");
	if (part->part != log->parts) {
		finish(report, log, "out_of_order");
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, "part", "must be %u", log->parts);
	}
	if (length > report->log_max - MIN(report->log_max, log->entries->len)) {
		finish(report, log, "too_large");
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, "entries", "the log has more than %zu bytes",
				 report->log_max);
	}
	if (length > report->max - MIN(report->max, report->used)) {
		finish(report, log, "report_full");
		return buzz_fail(error, BUZZ_ERROR_BAD_FIELD, "entries", "the report has %zu bytes already",
				 report->used);
	}
	return 0;
}

int buzz_report_take(struct buzz_report *report, const char *id, const struct buzz_log *part, bool *completed,
		     struct buzz_error *error)
{
	struct buzz_report_log *log = find(report, id);
	*completed = false;
	if (!log)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "this report does not ask for your log");
	int code = check(report, log, part, error);
	if (code)
		return code;
	if (part->entries->len > 0) {
		if (log->entries->len > 0)
			g_string_append_c(log->entries, ',');
		g_string_append_len(log->entries, part->entries->str, (gssize)part->entries->len);
		report->used += part->entries->len + 1;
	}
	log->parts++;
	log->offset_ms = part->offset_ms;
	log->error_ms = part->error_ms;
	*completed = part->last;
	if (part->last)
		finish(report, log, NULL);
	return 0;
}

void buzz_report_left(struct buzz_report *report, const char *id)
{
	struct buzz_report_log *log = find(report, id);
	if (log && !log->finished)
		finish(report, log, "left");
}

bool buzz_report_is_over(const struct buzz_report *report, int64_t now_ms)
{
	bool finished = true;
	for (guint i = 0; i < report->logs->len; i++)
		finished &= ((const struct buzz_report_log *)report->logs->pdata[i])->finished;
	return finished || now_ms >= report->deadline_ms;
}

void buzz_report_end(struct buzz_report *report)
{
	for (guint i = 0; i < report->logs->len; i++) {
		struct buzz_report_log *log = report->logs->pdata[i];
		if (!log->finished)
			finish(report, log, "deadline");
	}
}

/* Where the pieces go, and the first refusal. */
struct writer {
	int (*sink)(void *data, const char *text, size_t length);
	void *data;
	int code;
};

static void put(struct writer *writer, const char *text, size_t length)
{
	if (!writer->code && length > 0)
		writer->code = writer->sink(writer->data, text, length);
}

static void put_text(struct writer *writer, const char *text)
{
	put(writer, text, strlen(text));
}

/* The members of object, which is taken over, without its braces. */
static void put_members(struct writer *writer, json_t *object)
{
	char *json = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	put(writer, json + 1, strlen(json) - 2);
	free(json);
}

static void put_log(struct writer *writer, const struct buzz_report_log *log)
{
	json_t *head = json_pack("{s:s, s:s, s:I, s:I, s:i, s:b}", "id", log->id, "display", log->display,
				 "offset_ms", (json_int_t)log->offset_ms, "error_ms", (json_int_t)log->error_ms,
				 "parts", (int)log->parts, "complete", log->reason == NULL);
	if (log->reason)
		json_object_set_new(head, "reason", json_string(log->reason));
	put_text(writer, "{");
	put_members(writer, head);
	put_text(writer, ",\"entries\":[");
	put(writer, log->entries->str, log->entries->len);
	put_text(writer, "]}");
}

int buzz_report_write(const struct buzz_report *report, const char *version,
		      int (*sink)(void *data, const char *text, size_t length), void *data)
{
	struct writer writer = {.sink = sink, .data = data};
	put_text(&writer, "{");
	put_members(&writer, json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:I}", "format", 1, "id", report->id, "tenant",
				       report->key.tenant, "room", report->key.room, "text", report->text, "by",
				       report->by, "started", (json_int_t)report->started_ms));
	put_text(&writer, ",\n\"server\":{");
	put_members(&writer, json_pack("{s:s, s:I}", "version", version, "took_ms", (json_int_t)report->took_ms));
	put_text(&writer, ",\"streams\":[");
	put(&writer, report->streams->str, report->streams->len);
	put_text(&writer, "],\n\"entries\":[");
	put(&writer, report->entries->str, report->entries->len);
	put_text(&writer, "]},\n\"participants\":[");
	for (guint i = 0; i < report->logs->len; i++) {
		put_text(&writer, i ? ",\n" : "\n");
		put_log(&writer, report->logs->pdata[i]);
	}
	put_text(&writer, "]}\n");
	return writer.code;
}
