/* SPDX-License-Identifier: GPL-3.0-only */
/* Reports of a room: who may ask for one, whose logs belong to it, and the room's own part of it. DESIGN: at most one is collected
 * at a time; when it is complete it leaves the room by an effect, and what becomes of it comes back as a command. The
 * counters of the media plane are taken twice, at the request and at the end, so that a report shows rates too. Runs on the
 * room's worker. */
#include "room_private.h"
#include <string.h>

/* The part of a secret that makes the report's id: 80 random bits. */
#define REPORT_ID_LENGTH 16

bool buzz_room_is_collecting(const struct buzz_room *room)
{
	return room->report != NULL;
}

bool buzz_room_wants_counters(const struct buzz_room *room, const struct buzz_command *command)
{
	if (command->type == BUZZ_COMMAND_REQUEST)
		return command->request && command->request->type == BUZZ_REQUEST_REPORT && room->record &&
		       !room->report;
	return command->type == BUZZ_COMMAND_TICK && room->report &&
	       buzz_report_is_over(room->report, command->now_ms);
}

static int start(struct buzz_room *room, const struct buzz_command *command, struct buzz_participant *by,
		 GArray *effects, struct buzz_error *error)
{
	if (!room->record)
		return buzz_fail(error, BUZZ_ERROR_NOT_AVAILABLE, NULL, "this server keeps no reports");
	if (room->report)
		return buzz_fail(error, BUZZ_ERROR_BUSY, NULL, "a report of this room is being collected already");
	if (command->now_ms < by->next_report_ms)
		return buzz_fail(error, BUZZ_ERROR_BUSY, NULL, "your next report may be made in %d s",
				 (int)((by->next_report_ms - command->now_ms + 999) / 1000));
	char id[REPORT_ID_LENGTH + 1];
	g_strlcpy(id, command->new_seat, sizeof(id));
	struct buzz_report *report =
		buzz_report_new(id, &room->key, command->request->report_text, room->settings);
	g_strlcpy(report->by, by->id, sizeof(report->by));
	report->handle = by->pub;
	report->started_ms = command->wall_ms;
	report->deadline_ms = command->now_ms + room->settings->report_deadline_ms;
	if (command->counters)
		g_array_append_vals(report->counters, command->counters->data, command->counters->len);
	for (guint i = 0; i < room->participants->len; i++) {
		const struct buzz_participant *participant = room->participants->pdata[i];
		if (participant->presence != BUZZ_AWAY) /* who is away has no log to send */
			buzz_report_expect(report, participant->id, participant->display);
	}
	by->next_report_ms = command->now_ms + room->settings->report_interval_ms;
	room->report = report;
	buzz_effect_event(effects, command->handle, command->transaction, buzz_reply_report(report));
	buzz_room_tell_others(room, NULL, buzz_reply_collect(report, room->settings), effects);
	return 0;
}

static int take_log(struct buzz_room *room, const struct buzz_command *command,
		    const struct buzz_participant *from, GArray *effects, struct buzz_error *error)
{
	const struct buzz_log *log = &command->request->log;
	bool completed;
	if (!room->report || strcmp(room->report->id, log->report) != 0)
		return buzz_fail(error, BUZZ_ERROR_NO_SUCH_REPORT, "report", "is not being collected");
	int code = buzz_report_take(room->report, from->id, log, &completed, error);
	if (code)
		return code;
	buzz_effect_event(effects, command->handle, command->transaction, buzz_reply_logged(log));
	if (completed && buzz_room_member(room, room->report->handle))
		buzz_effect_event(effects, room->report->handle, NULL, buzz_reply_progress(room->report));
	return 0;
}

static int read(struct buzz_room *room, const struct buzz_command *command, GArray *effects,
		struct buzz_error *error)
{
	const struct buzz_read_report *request = &command->request->read_report;
	if (!room->record)
		return buzz_fail(error, BUZZ_ERROR_NOT_AVAILABLE, NULL, "this server keeps no reports");
	buzz_effect_read(effects, command->handle, command->transaction, request->report, request->offset);
	return 0;
}

int buzz_room_report_request(struct buzz_room *room, const struct buzz_command *command,
			     struct buzz_participant *participant, GArray *effects, struct buzz_error *error)
{
	if (command->sdp)
		return buzz_fail(error, BUZZ_ERROR_WRONG_STATE, NULL, "no session description belongs here");
	switch (command->request->type) {
	case BUZZ_REQUEST_REPORT:
		return start(room, command, participant, effects, error);
	case BUZZ_REQUEST_LOG:
		return take_log(room, command, participant, effects, error);
	case BUZZ_REQUEST_READ_REPORT:
		return read(room, command, effects, error);
	default:
		buzz_effect_event(effects, command->handle, command->transaction,
				  buzz_reply_clock(command->wall_ms));
		return 0;
	}
}

static const struct buzz_stream *find_stream(const struct buzz_room *room, uint64_t pub, int mindex)
{
	const struct buzz_member *member = buzz_room_member(room, pub);
	for (guint i = 0; member && i < member->participant->streams->len; i++) {
		const struct buzz_stream *stream = member->participant->streams->pdata[i];
		if (stream->mindex == mindex && member->participant->pub == pub)
			return stream;
	}
	return NULL;
}

/* The same counter as it was at the request, or zeros: the stream or slot is newer. */
static struct buzz_counter before(const GHashTable *first, const struct buzz_counter *counter)
{
	g_autofree char *key = g_strdup_printf("%" G_GUINT64_FORMAT "/%d/%" G_GUINT64_FORMAT "/%d", counter->pub,
					       counter->mindex, counter->sub, counter->slot);
	const struct buzz_counter *found = g_hash_table_lookup((GHashTable *)first, key);
	return found ? *found : (struct buzz_counter){0};
}

static GHashTable *index_counters(const GArray *counters)
{
	GHashTable *index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < counters->len; i++) {
		struct buzz_counter *counter = &g_array_index(counters, struct buzz_counter, i);
		g_hash_table_insert(index,
				    g_strdup_printf("%" G_GUINT64_FORMAT "/%d/%" G_GUINT64_FORMAT "/%d", counter->pub,
						    counter->mindex, counter->sub, counter->slot),
				    counter);
	}
	return index;
}

/* What was counted of one stream, or of one slot that it went on to, if there is space left for it. */
static void write_counter(struct buzz_report *report, const struct buzz_room *room,
			  const struct buzz_counter *counter, const struct buzz_counter *first)
{
	GString *text = report->streams;
	const struct buzz_stream *stream = find_stream(room, counter->pub, counter->mindex);
	if (!stream)
		return;
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "participant", stream->publisher->id,
				 "stream", stream->info.name, "kind", buzz_stream_kind_name(stream->info.kind),
				 "codec", buzz_codec_name(stream->codec), "packets", (json_int_t)counter->packets,
				 "bytes", (json_int_t)counter->bytes, "packets_before", (json_int_t)first->packets,
				 "bytes_before", (json_int_t)first->bytes);
	if (counter->sub) {
		json_object_set_new(json, "to", json_string(buzz_record_who(room->record, counter->sub, NULL)));
		json_object_set_new(json, "slot", json_integer(counter->slot));
		json_object_set_new(json, "layer_switches", json_integer(counter->switches));
	} else {
		json_object_set_new(json, "muted", json_boolean(stream->info.muted));
		json_object_set_new(json, "layers", json_integer(stream->layers));
		json_object_set_new(json, "keyframes_asked", json_integer(counter->keyframes));
	}
	char *dump = json_dumps(json, JSON_COMPACT);
	if (text->len + 2 + strlen(dump) <= report->server_max)
		g_string_append_printf(text, "%s%s", text->len > 0 ? ",\n" : "", dump);
	free(dump);
	json_decref(json);
}

static void finish(struct buzz_room *room, const struct buzz_command *command, GArray *effects)
{
	struct buzz_report *report = g_steal_pointer(&room->report);
	const GArray *counters = command->counters;
	buzz_report_end(report);
	report->took_ms = command->wall_ms - report->started_ms;
	buzz_record_write(room->record, report->entries, report->server_max);
	GHashTable *first = index_counters(report->counters);
	for (guint i = 0; counters && i < counters->len; i++) {
		const struct buzz_counter *counter = &g_array_index(counters, struct buzz_counter, i);
		struct buzz_counter then = before(first, counter);
		write_counter(report, room, counter, &then);
	}
	g_hash_table_unref(first);
	buzz_effect_store(effects, report->handle, report);
}

void buzz_room_tick_report(struct buzz_room *room, const struct buzz_command *command, GArray *effects)
{
	if (room->report && buzz_report_is_over(room->report, command->now_ms))
		finish(room, command, effects);
}

void buzz_room_report_result(struct buzz_room *room, const struct buzz_command *command, GArray *effects)
{
	const struct buzz_report_result *result = command->result;
	struct buzz_error error = {0};
	if (!buzz_room_member(room, command->handle))
		return; /* whoever asked has left */
	if (result->type == BUZZ_REPORT_STORED) {
		buzz_effect_event(effects, command->handle, NULL, buzz_reply_reported(result));
	} else if (result->code) {
		buzz_fail(&error, result->code, "report",
			  result->code == BUZZ_ERROR_NO_SUCH_REPORT ? "there is no such report of this room"
								    : "cannot be read at present");
		buzz_effect_event(effects, command->handle, result->transaction, buzz_reply_error(&error));
	} else {
		buzz_effect_event(effects, command->handle, result->transaction, buzz_reply_report_part(result));
	}
}
