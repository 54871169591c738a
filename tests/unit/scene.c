/* SPDX-License-Identifier: GPL-3.0-only */
/* Requests in, effects out, both as text. */
#include "scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

#define WALL_CLOCK_S 1785538800 /* stands still */

struct scene scene;

static const struct buzz_simulcast simulcast = {.mid = "1", .count = 3, .rids = {"h", "m", "l"}};

int scene_setup(void **state)
{
	(void)state;
	buzz_settings_defaults(&scene.settings);
	scene.settings.max_participants = 3;
	scene.settings.max_streams = 4;
	scene.settings.audio_slots = scene.settings.video_slots = 4;
	scene.settings.slot_step = 2;
	scene.settings.seat_ms = 0;
	struct buzz_room_key key = {.tenant = "school.example", .room = "maths"};
	scene.room = buzz_room_new(&key, &scene.settings);
	scene.now_ms = 1000000;
	scene.effects = g_string_new(NULL);
	scene.simulcast = false;
	return 0;
}

int scene_teardown(void **state)
{
	(void)state;
	buzz_room_free(scene.room);
	g_string_free(scene.effects, TRUE);
	for (int i = 0; i < SCENE_HANDLES; i++)
		g_clear_pointer(&scene.offers[i], g_free);
	memset(scene.versions, 0, sizeof(scene.versions));
	memset(scene.audio_packets, 0, sizeof(scene.audio_packets));
	memset(scene.video_packets, 0, sizeof(scene.video_packets));
	return 0;
}

static void print_event(const struct buzz_effect *effect)
{
	char *body = json_dumps(effect->body, JSON_COMPACT | JSON_SORT_KEYS);
	g_string_append_printf(scene.effects, "event %d %s %s", (int)effect->handle,
			       effect->transaction ? effect->transaction : "-",
			       g_strdelimit(body, "\"", '\''));
	free(body);
	if (!effect->sdp)
		return;
	static const char *const names[] = {[BUZZ_JSEP_ANSWER] = " +answer",
					    [BUZZ_JSEP_OFFER] = " +offer",
					    [BUZZ_JSEP_OFFER_RESTART] = " +restart"};
	g_string_append(scene.effects, names[effect->jsep]);
	if (effect->jsep != BUZZ_JSEP_ANSWER) {
		g_free(scene.offers[effect->handle]);
		scene.offers[effect->handle] = g_strdup(effect->sdp);
		scene.versions[effect->handle] =
		    (uint32_t)json_integer_value(json_object_get(effect->body, "version"));
	}
}

static void print_source(const struct buzz_effect *effect)
{
	const struct buzz_source *source = &effect->source;
	g_string_append_printf(scene.effects, "source %d/%d %s %d", (int)effect->handle,
			       effect->mindex, buzz_codec_name(source->codec),
			       source->payload_type);
	if (source->layers > 1)
		g_string_append_printf(scene.effects, " rid %d %s,%s,%s", source->rid_extension,
				       source->rids[0], source->rids[1], source->rids[2]);
}

static void print(const struct buzz_effect *effect)
{
	int handle = (int)effect->handle;
	switch (effect->type) {
	case BUZZ_EFFECT_EVENT:
		print_event(effect);
		break;
	case BUZZ_EFFECT_DATA: {
		gsize length;
		const char *text = g_bytes_get_data(effect->text, &length);
		g_autofree char *copy = g_strndup(text, length);
		g_string_append_printf(scene.effects, "data %d %s", handle,
				       g_strdelimit(copy, "\"", '\''));
		break;
	}
	case BUZZ_EFFECT_SOURCE:
		print_source(effect);
		break;
	case BUZZ_EFFECT_SOURCE_END:
		g_string_append_printf(scene.effects, "end %d/%d", handle, effect->mindex);
		break;
	case BUZZ_EFFECT_ROUTE:
		g_string_append_printf(scene.effects, "route %d/%d <- ", handle, effect->mindex);
		if (effect->pub)
			g_string_append_printf(scene.effects, "%d/%d", (int)effect->pub,
					       effect->pub_mindex);
		else
			g_string_append(scene.effects, "nothing");
		break;
	case BUZZ_EFFECT_KEYFRAME:
		g_string_append_printf(scene.effects, "keyframe %d/%d", (int)effect->pub,
				       effect->pub_mindex);
		break;
	case BUZZ_EFFECT_CLOSE:
		g_string_append_printf(scene.effects, "close %d", handle);
		break;
	case BUZZ_EFFECT_FORGET:
		g_string_append_printf(scene.effects, "forget %d", handle);
		break;
	case BUZZ_EFFECT_STORE:
		g_string_append_printf(scene.effects, "store for %d", handle);
		break;
	case BUZZ_EFFECT_READ:
		g_string_append_printf(scene.effects, "read %s for %d", effect->report_id, handle);
		break;
	}
	g_string_append_c(scene.effects, '\n');
}

static const char *step(struct buzz_command *command)
{
	GArray *effects = buzz_effects_new();
	command->now_ms = scene.now_ms;
	buzz_room_step(scene.room, command, effects);
	g_string_truncate(scene.effects, 0);
	for (guint i = 0; i < effects->len; i++)
		print(&g_array_index(effects, struct buzz_effect, i));
	g_array_unref(effects);
	const char *broken = buzz_room_check(scene.room);
	if (broken)
		fail_msg("%s, after:\n%s", broken, scene.effects->str);
	return scene.effects->str;
}

const char *request_with(uint64_t handle, const char *text, const char *sdp, bool is_offer,
			 const char *id)
{
	g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
	json_t *body = json_loads(json, 0, NULL);
	struct buzz_request *request = NULL;
	struct buzz_error error = {0};
	if (buzz_request_read(&request, body, &error))
		fail_msg("%s: %s", text, error.text);
	json_decref(body);
	g_autofree char *seat = g_strdup_printf("%s-seat-0123456789", id);
	struct buzz_command command = {.type = BUZZ_COMMAND_REQUEST,
				       .handle = handle,
				       .transaction = "t",
				       .request = request,
				       .sdp = sdp ? describe_read(sdp) : NULL,
				       .sdp_is_offer = is_offer,
				       .simulcast = &simulcast,
				       .simulcast_count = scene.simulcast,
				       .new_id = id,
				       .new_seat = seat,
				       .unix_s = WALL_CLOCK_S};
	step(&command);
	buzz_sdp_free(command.sdp);
	buzz_request_free(request);
	return scene.effects->str;
}

const char *message(uint64_t handle, const char *text)
{
	g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
	struct buzz_request *request = NULL;
	struct buzz_error error = {0};
	char id[BUZZ_MESSAGE_ID_MAX + 1];
	buzz_request_read_text(&request, json, strlen(json), id, &error);
	struct buzz_command command = {.type = BUZZ_COMMAND_REQUEST,
				       .handle = handle,
				       .request = request,
				       .refusal = &error,
				       .by_channel = true,
				       .message_id = id};
	step(&command);
	buzz_request_free(request);
	return scene.effects->str;
}

const char *request(uint64_t handle, const char *text)
{
	return request_with(handle, text, NULL, false, "nobody");
}

const char *happens(enum buzz_command_type type, uint64_t handle)
{
	struct buzz_command command = {.type = type, .handle = handle};
	return step(&command);
}

const char *pass(int64_t ms, const char *handles)
{
	scene.now_ms += ms;
	struct buzz_heard heard[SCENE_HANDLES];
	size_t count = 0;
	g_auto(GStrv) list = g_strsplit(handles, " ", -1);
	for (char **handle = list; *handle; handle++) {
		char *kind;
		struct buzz_heard *one = &heard[count];
		if (!**handle)
			continue;
		*one = (struct buzz_heard){.handle = strtoul(*handle, &kind, 10),
					   .heard_ms = scene.now_ms};
		scene.audio_packets[one->handle] += *kind == 'a' ? (uint64_t)ms / 20 : 0;
		scene.video_packets[one->handle] += *kind == 'v' ? (uint64_t)ms / 20 : 0;
		one->audio_packets = scene.audio_packets[one->handle];
		one->video_packets = scene.video_packets[one->handle];
		count++;
	}
	struct buzz_command command = {
	    .type = BUZZ_COMMAND_TICK, .unix_s = WALL_CLOCK_S, .heard = heard, .heard_count = count};
	return step(&command);
}

static const struct known {
	const char *name, *kind, *line, *extra;
} known[] = {
    {"mic", "microphone", "audio:0", ""},
    {"cam", "camera", "video:1", ""},
    {"screen", "screen", "video:2", ",'title':'Homework'"},
    {"sound", "screen_audio", "audio:3", ",'of':'screen'"},
    {"cam2", "camera", "video:4", ""},
};

/* The streams with these names, "mic cam*" (* = muted), as a member of a request; and the m-lines
 * of their offer. */
static void describe_streams(const char *names, GString *json, GString *lines)
{
	g_auto(GStrv) list = g_strsplit(names, " ", -1);
	guint shown = 0, length = *names ? g_strv_length(list) : 0;
	g_string_append(json, "'streams':[");
	for (guint i = 0; shown < length; i++) {
		g_autofree char *muted = g_strdup_printf("%s*", known[i].name);
		bool is_muted = g_strv_contains((const char *const *)list, muted);
		bool is_shown =
		    is_muted || g_strv_contains((const char *const *)list, known[i].name);
		g_string_append_printf(lines, "%s%s ", known[i].line, is_shown ? "" : "!inactive");
		if (!is_shown)
			continue;
		g_string_append_printf(
		    json, "%s{'stream':'%s','kind':'%s','mid':'%s','muted':%s%s}",
		    shown++ ? "," : "", known[i].name, known[i].kind,
		    strchr(known[i].line, ':') + 1, is_muted ? "true" : "false", known[i].extra);
	}
	g_string_append(json, "]");
}

static const char *join_with(uint64_t handle, const char *name, const char *fields,
			     const char *streams, const char *id)
{
	GString *json = g_string_new("{'request':'join'," ROOM ","), *lines = g_string_new(NULL);
	g_string_append_printf(json, "'display':'%s','link':'%s-link-0123456789',%s", name, name,
			       fields);
	describe_streams(streams, json, lines);
	g_string_append(json, "}");
	request_with(handle, json->str, lines->len ? lines->str : NULL, true, id);
	g_string_free(json, TRUE);
	g_string_free(lines, TRUE);
	return scene.effects->str;
}

const char *join(uint64_t handle, const char *name, const char *streams)
{
	return join_with(handle, name, "", streams, name);
}

const char *come_back(uint64_t handle, const char *name, const char *seat, const char *streams)
{
	g_autofree char *fields =
	    g_strdup_printf("'id':'%s','seat':'%s-seat-0123456789',", name, seat);
	return join_with(handle, name, fields, streams, "again");
}

const char *publish(uint64_t handle, const char *streams, bool with_offer)
{
	GString *json = g_string_new("{'request':'publish',"), *lines = g_string_new(NULL);
	describe_streams(streams, json, lines);
	g_string_append(json, "}");
	request_with(handle, json->str, with_offer ? lines->str : NULL, true, "nobody");
	g_string_free(json, TRUE);
	g_string_free(lines, TRUE);
	return scene.effects->str;
}

const char *subscribe(uint64_t handle, const char *name)
{
	g_autofree char *json =
	    g_strdup_printf("{'request':'subscribe'," ROOM ",'link':'%s-link-0123456789'}", name);
	return request(handle, json);
}

const char *answer_with(uint64_t handle, uint32_t version, const char *lines)
{
	GString *words = g_string_new(lines);
	g_autoptr(GArray) all = lines ? NULL : describe_answer(scene.offers[handle]);
	for (guint i = 0; all && i < all->len; i++) {
		const struct described *line = &g_array_index(all, struct described, i);
		bool audio = line->media == BUZZ_AUDIO;
		g_string_append_printf(words, "%s:%s=%s!recvonly ", audio ? "audio" : "video",
				       line->mid, audio ? "opus" : "vp8,vp9,h264,av1");
	}
	g_autofree char *json = g_strdup_printf("{'request':'answer','version':%u}", version);
	request_with(handle, json, words->str, false, "nobody");
	g_string_free(words, TRUE);
	return scene.effects->str;
}

const char *answer(uint64_t handle)
{
	return answer_with(handle, scene.versions[handle], NULL);
}

const char *those(const char *part)
{
	static char result[8192];
	*result = '\0';
	g_auto(GStrv) list = g_strsplit(scene.effects->str, "\n", -1);
	for (char **line = list; *line; line++) {
		if (**line && strstr(*line, part)) {
			g_strlcat(result, *line, sizeof(result));
			g_strlcat(result, "\n", sizeof(result));
		}
	}
	return result;
}

void enter(uint64_t handle, const char *name, const char *streams)
{
	join(handle, name, streams);
	happens(BUZZ_COMMAND_MEDIA_UP, handle);
	subscribe(handle + 1, name);
	answer(handle + 1);
	happens(BUZZ_COMMAND_MEDIA_UP, handle + 1);
}

guint offered(uint64_t handle)
{
	g_autoptr(GArray) lines = describe_answer(scene.offers[handle]);
	return lines->len;
}

char *snapshot(void)
{
	json_t *all = json_array();
	for (guint i = 0; i < scene.room->participants->len; i++) {
		const struct buzz_participant *participant = scene.room->participants->pdata[i];
		json_array_append_new(all,
				      buzz_reply_joined(&scene.room->key, participant,
							scene.room->participants, &scene.settings,
							0));
		for (guint j = 0; j < participant->subscriptions->len; j++) {
			const struct buzz_subscription *sub = participant->subscriptions->pdata[j];
			json_array_append_new(all, buzz_reply_slots(sub));
			json_array_append_new(
			    all, json_pack("[i,i,i,i]", (int)sub->negotiation.state,
					   (int)sub->negotiation.version,
					   (int)sub->negotiation.tries, (int)sub->codecs));
		}
	}
	json_array_append_new(all, json_integer(scene.room->early->len));
	json_array_append_new(all, json_integer(g_hash_table_size(scene.room->members)));
	char *text = json_dumps(all, 0);
	json_decref(all);
	return text;
}

void is_refusal(const char *text, uint64_t handle, int code, const char *field)
{
	g_autofree char *start =
	    g_strdup_printf("event %d t {'buzz':'error','error':'", (int)handle);
	g_autofree char *end =
	    field ? g_strdup_printf("','error_code':%d,'field':'%s'}\n", code, field)
		  : g_strdup_printf("','error_code':%d}\n", code);
	if (!g_str_has_prefix(text, start) || !g_str_has_suffix(text, end) ||
	    strchr(text, '\n') != text + strlen(text) - 1)
		fail_msg("expected only %s...%s, got\n%s", start, end, text);
}
