/* SPDX-License-Identifier: GPL-3.0-only */
/* The room's own record. DESIGN: 'handles' is learnt from the answers to join and subscribe as they pass by. An event that
 * goes to everybody is one line: those events share their body. Equal lines in a row are kept once, with a count.
 * Runs on the room's worker. */
#include "record.h"
#include <string.h>

#define LINES_MAX 4000
#define BYTES_MAX (256 * 1024)
#define TEXT_MAX 2000 /* bytes of one line */

/* Whose handle. */
struct owner {
	char id[BUZZ_ID_MAX + 1];
	const char *connection; /* constant: "pub" or "sub" */
};

struct line {
	int64_t first_ms, last_ms; /* Unix time */
	guint count;
	const char *level, *kind, *connection; /* constants */
	char participant[BUZZ_ID_MAX + 1];
	char *text;
};

struct buzz_record {
	GQueue lines;        /* struct line *, oldest first */
	size_t bytes;        /* of their texts */
	GHashTable *handles; /* uint64_t -> struct owner */
};

static void line_free(void *data)
{
	struct line *line = data;
	g_free(line->text);
	g_free(line);
}

struct buzz_record *buzz_record_new(void)
{
	struct buzz_record *record = g_new0(struct buzz_record, 1);
	record->handles = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	return record;
}

void buzz_record_free(struct buzz_record *record)
{
	if (!record)
		return;
	g_queue_clear_full(&record->lines, line_free);
	g_hash_table_unref(record->handles);
	g_free(record);
}

const char *buzz_record_who(const struct buzz_record *record, uint64_t handle, const char **connection)
{
	const struct owner *owner = record ? g_hash_table_lookup(record->handles, &handle) : NULL;
	if (connection)
		*connection = owner ? owner->connection : "";
	return owner ? owner->id : "";
}

/* A line about to be added. */
struct draft {
	int64_t wall_ms;
	const char *level, *kind, *participant, *connection;
};

static bool same(const struct line *line, const struct draft *draft, const char *text)
{
	return line && strcmp(line->text, text) == 0 && strcmp(line->participant, draft->participant) == 0 &&
	       line->connection == draft->connection && line->kind == draft->kind && line->level == draft->level;
}

static void add(struct buzz_record *record, const struct draft *draft, const char *text)
{
	struct line *last = g_queue_peek_tail(&record->lines);
	if (same(last, draft, text)) {
		last->count++;
		last->last_ms = draft->wall_ms;
		return;
	}
	struct line *line = g_new0(struct line, 1);
	*line = (struct line){.first_ms = draft->wall_ms, .last_ms = draft->wall_ms, .count = 1,
			      .level = draft->level, .kind = draft->kind, .connection = draft->connection};
	g_strlcpy(line->participant, draft->participant, sizeof(line->participant));
	const char *end = text + strlen(text) > text + TEXT_MAX ? g_utf8_find_prev_char(text, text + TEXT_MAX) : NULL;
	line->text = end ? g_strndup(text, (gsize)(end - text)) : g_strdup(text);
	record->bytes += strlen(line->text);
	g_queue_push_tail(&record->lines, line);
	while (g_queue_get_length(&record->lines) > LINES_MAX || record->bytes > BYTES_MAX) {
		struct line *oldest = g_queue_pop_head(&record->lines);
		record->bytes -= strlen(oldest->text);
		line_free(oldest);
	}
}

static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static void learn(struct buzz_record *record, const struct buzz_effect *effect)
{
	const char *name = member(effect->body, "buzz"), *id = member(effect->body, "id");
	bool is_pub = strcmp(name, "joined") == 0;
	if (id[0] == '\0' || (!is_pub && strcmp(name, "subscribed") != 0))
		return;
	struct owner *owner = g_new0(struct owner, 1);
	g_strlcpy(owner->id, id, sizeof(owner->id));
	owner->connection = is_pub ? "pub" : "sub";
	g_hash_table_insert(record->handles, g_memdup2(&effect->handle, sizeof(effect->handle)), owner);
}

/* "cam vp8 muted" of a stream's description. */
static void tell_stream(GString *text, const json_t *stream)
{
	g_string_append_printf(text, " %s %s%s,", member(stream, "stream"), member(stream, "codec"),
			       json_is_true(json_object_get(stream, "muted")) ? " muted" : "");
}

/* "v0=p7x2m1/cam" of a slot, or the same of a stream that has none. */
static void tell_slot(GString *text, const json_t *slot)
{
	const char *mid = member(slot, "mid");
	g_string_append_printf(text, " %s%s%s/%s,", mid, mid[0] ? "=" : "", member(slot, "participant"),
			       member(slot, "stream"));
}

static void tell_list(GString *text, const json_t *body, const char *name, bool label,
		      void (*tell)(GString *text, const json_t *entry))
{
	const json_t *list = json_object_get(body, name);
	if (json_array_size(list) == 0)
		return;
	g_string_append_printf(text, "%s%s", label ? "; " : ":", label ? name : "");
	for (size_t i = 0; i < json_array_size(list); i++)
		tell(text, json_array_get(list, i));
	g_string_truncate(text, text->len - 1); /* the last comma */
}

/* An event in words. Nothing secret, and nothing that people say to each other. */
static char *describe_event(const json_t *body)
{
	GString *text = g_string_new(member(body, "buzz"));
	const json_t *version = json_object_get(body, "version"), *code = json_object_get(body, "error_code");
	const json_t *who = json_object_get(body, "participant");
	if (json_is_object(who))
		g_string_append_printf(text, " %s", member(who, "display"));
	if (version)
		g_string_append_printf(text, " %" JSON_INTEGER_FORMAT, json_integer_value(version));
	if (member(body, "reason")[0])
		g_string_append_printf(text, ", reason %s", member(body, "reason"));
	if (code)
		g_string_append_printf(text, " %" JSON_INTEGER_FORMAT " %s", json_integer_value(code),
				       member(body, "error"));
	tell_list(text, json_is_object(who) ? who : body, "streams", false, tell_stream);
	tell_list(text, body, "slots", false, tell_slot);
	tell_list(text, body, "waiting", true, tell_slot);
	tell_list(text, body, "undecodable", true, tell_slot);
	return g_string_free(text, FALSE);
}

static const char *kind_of(const json_t *body)
{
	static const char *const kinds[][2] = {
		{"slots", "slots"},   {"offer", "sdp"},	    {"answered", "sdp"}, {"streams", "streams"},
		{"published", "streams"}, {"interrupted", "ice"}, {"resumed", "ice"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(member(body, "buzz"), kinds[i][0]) == 0)
			return kinds[i][1];
	}
	return "room";
}

/* Not worth a line: a report would mostly tell of itself. */
static bool is_about_reports(const json_t *body)
{
	static const char *const names[] = {"clock", "logged", "report_part", "progress", "collect"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(member(body, "buzz"), names[i]) == 0)
			return true;
	}
	return false;
}

static void note_event(struct buzz_record *record, struct draft *draft, const struct buzz_effect *effect)
{
	if (is_about_reports(effect->body))
		return;
	const json_t *who = json_object_get(effect->body, "participant");
	const char *about = json_is_object(who) ? member(who, "id") : member(effect->body, "participant");
	if (about[0]) { /* said to many about one */
		draft->participant = about;
		draft->connection = "pub";
	}
	draft->kind = kind_of(effect->body);
	if (strcmp(member(effect->body, "buzz"), "error") == 0)
		draft->level = "warn";
	g_autofree char *text = describe_event(effect->body);
	add(record, draft, text);
}

static void note_effect(struct buzz_record *record, struct draft *draft, const struct buzz_effect *effect)
{
	char text[160];
	const char *pub = buzz_record_who(record, effect->pub, NULL);
	switch (effect->type) {
	case BUZZ_EFFECT_EVENT:
		note_event(record, draft, effect);
		return;
	case BUZZ_EFFECT_SOURCE:
		g_snprintf(text, sizeof(text), "m-line %d carries %s, layers %d", effect->mindex,
			   buzz_codec_name(effect->source.codec), effect->source.layers);
		draft->kind = "streams";
		break;
	case BUZZ_EFFECT_SOURCE_END:
		g_snprintf(text, sizeof(text), "m-line %d carries nothing", effect->mindex);
		draft->kind = "streams";
		break;
	case BUZZ_EFFECT_ROUTE:
		if (effect->pub)
			g_snprintf(text, sizeof(text), "m-line %d is fed by %s, m-line %d", effect->mindex, pub,
				   effect->pub_mindex);
		else
			g_snprintf(text, sizeof(text), "m-line %d is fed by nothing", effect->mindex);
		draft->kind = "slots";
		break;
	case BUZZ_EFFECT_KEYFRAME:
		g_snprintf(text, sizeof(text), "m-line %d needs a key frame", effect->pub_mindex);
		draft->kind = "layers";
		draft->level = "debug";
		break;
	case BUZZ_EFFECT_CLOSE:
		g_snprintf(text, sizeof(text), "connection closed by the server");
		draft->kind = "ice";
		break;
	default:
		return;
	}
	add(record, draft, text);
}

static void note_request(struct buzz_record *record, struct draft *draft, const struct buzz_command *command)
{
	if (!command->request) /* it could not be read; its error is noted */
		return;
	switch (command->request->type) {
	case BUZZ_REQUEST_CLOCK:
	case BUZZ_REQUEST_LOG:
	case BUZZ_REQUEST_READ_REPORT:
		return;
	default:
		draft->kind = "signalling";
		draft->level = "debug";
		g_autofree char *text = g_strdup_printf("asks: %s", buzz_request_name(command->request->type));
		add(record, draft, text);
	}
}

static void note_command(struct buzz_record *record, struct draft *draft, const struct buzz_command *command)
{
	static const char *const texts[] = {
		[BUZZ_COMMAND_MEDIA_UP] = "connection up",
		[BUZZ_COMMAND_HANGUP] = "connection ended",
		[BUZZ_COMMAND_DETACH] = "handle ended",
	};
	draft->kind = "ice";
	if (command->type == BUZZ_COMMAND_REQUEST)
		note_request(record, draft, command);
	else if (command->type < G_N_ELEMENTS(texts) && texts[command->type])
		add(record, draft, texts[command->type]);
}

void buzz_record_step(struct buzz_record *record, const struct buzz_command *command, const GArray *effects)
{
	if (!record)
		return;
	for (guint i = 0; i < effects->len; i++)
		learn(record, &g_array_index(effects, struct buzz_effect, i));
	struct draft draft = {.wall_ms = command->wall_ms, .level = "info"};
	draft.participant = buzz_record_who(record, command->handle, &draft.connection);
	note_command(record, &draft, command);
	const json_t *last = NULL;
	for (guint i = 0; i < effects->len; i++) {
		const struct buzz_effect *effect = &g_array_index(effects, struct buzz_effect, i);
		if (effect->body && effect->body == last)
			continue; /* the same for somebody else */
		last = effect->body;
		draft.level = "info";
		draft.participant = buzz_record_who(record, effect->handle, &draft.connection);
		note_effect(record, &draft, effect);
	}
	for (guint i = 0; i < effects->len; i++) {
		const struct buzz_effect *effect = &g_array_index(effects, struct buzz_effect, i);
		if (effect->type == BUZZ_EFFECT_FORGET)
			g_hash_table_remove(record->handles, &effect->handle);
	}
}

static char *line_json(const struct line *line)
{
	json_t *json = json_pack("{s:I, s:I, s:i, s:s, s:s, s:s, s:s, s:s}", "time", (json_int_t)line->first_ms,
				 "last", (json_int_t)line->last_ms, "count", (int)line->count, "level", line->level,
				 "kind", line->kind, "participant", line->participant, "connection",
				 line->connection, "text", line->text);
	char *dump = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return dump;
}

void buzz_record_write(const struct buzz_record *record, GString *text, size_t max)
{
	g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func(free); /* newest first */
	size_t used = 0;
	for (const GList *at = record ? record->lines.tail : NULL; at; at = at->prev) {
		char *json = line_json(at->data);
		used += strlen(json) + 1;
		if (used > max) {
			free(json);
			break;
		}
		g_ptr_array_add(chosen, json);
	}
	for (guint i = chosen->len; i > 0; i--)
		g_string_append_printf(text, "%s%s", (const char *)chosen->pdata[i - 1], i > 1 ? "," : "");
}
