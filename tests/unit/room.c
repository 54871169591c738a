/* SPDX-License-Identifier: GPL-3.0-only */
/* What docs/protocol.md says in sections 4 to 6, sentence by sentence: requests in, effects out. Effects are compared as
 * text, one per line, with ' for " and the keys of an object in alphabetical order:
 *
 *   event 1 t1 {'buzz':'left',...} +answer     to handle 1, in answer to t1 (- for none), with a description
 *   source 1/0 opus 111                        the m-line of a PUB: codec, payload type, and for simulcast rid id and rids
 *   end 1/0 | route 2/8 <- 1/1 | route 2/8 <- nothing | keyframe 1/1 | close 2 | forget 2
 *
 * Ada has the handles 1 (PUB) and 2 (SUB), Grace 3 and 4, Mary 5 and 6. */
#include "describe.h"
#include "room_private.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

#define HANDLES 64
#define ROOM "'v':1,'tenant':'school.example','room':'maths'"
#define LIMITS "'limits':{'display':64,'participants':3,'streams':4,'title':128}"
#define MIC "{'codec':'opus','kind':'microphone','mid':'0','muted':false,'stream':'mic'}"
#define CAM "{'codec':'vp8','kind':'camera','mid':'1','muted':false,'simulcast':false,'stream':'cam'}"
#define EMPTY "'slots':[],'undecodable':[],'waiting':[]"

static struct buzz_settings settings;
static struct buzz_room *room;
static int64_t now;
static GString *last; /* the effects of the last step */
static char *offers[HANDLES];    /* to each SUB, the last one */
static uint32_t versions[HANDLES];
static struct buzz_simulcast simulcast = {.mid = "1", .count = 3, .rids = {"h", "m", "l"}};
static bool with_simulcast;

static int setup(void **state)
{
	(void)state;
	buzz_settings_defaults(&settings);
	settings.max_participants = 3;
	settings.max_streams = 4;
	settings.audio_slots = settings.video_slots = 4;
	settings.slot_step = 2;
	struct buzz_room_key key = {.tenant = "school.example", .room = "maths"};
	room = buzz_room_new(&key, &settings);
	now = 1000000;
	last = g_string_new(NULL);
	with_simulcast = false;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buzz_room_free(room);
	g_string_free(last, TRUE);
	for (int i = 0; i < HANDLES; i++)
		g_clear_pointer(&offers[i], g_free);
	memset(versions, 0, sizeof(versions));
	return 0;
}

static void print_event(const struct buzz_effect *effect)
{
	char *body = json_dumps(effect->body, JSON_COMPACT | JSON_SORT_KEYS);
	g_string_append_printf(last, "event %d %s %s", (int)effect->handle,
			       effect->transaction ? effect->transaction : "-", g_strdelimit(body, "\"", '\''));
	free(body);
	if (!effect->sdp)
		return;
	g_string_append(last, effect->sdp_is_offer ? " +offer" : " +answer");
	if (effect->sdp_is_offer) {
		g_free(offers[effect->handle]);
		offers[effect->handle] = g_strdup(effect->sdp);
		versions[effect->handle] =
			(uint32_t)json_integer_value(json_object_get(effect->body, "version"));
	}
}

static void print_source(const struct buzz_effect *effect)
{
	const struct buzz_source *source = &effect->source;
	g_string_append_printf(last, "source %d/%d %s %d", (int)effect->handle, effect->mindex,
			       buzz_codec_name(source->codec), source->payload_type);
	if (source->layers > 1)
		g_string_append_printf(last, " rid %d %s,%s,%s", source->rid_extension, source->rids[0],
				       source->rids[1], source->rids[2]);
}

static void print(const struct buzz_effect *effect)
{
	int handle = (int)effect->handle;
	switch (effect->type) {
	case BUZZ_EFFECT_EVENT:
		print_event(effect);
		break;
	case BUZZ_EFFECT_SOURCE:
		print_source(effect);
		break;
	case BUZZ_EFFECT_SOURCE_END:
		g_string_append_printf(last, "end %d/%d", handle, effect->mindex);
		break;
	case BUZZ_EFFECT_ROUTE:
		g_string_append_printf(last, "route %d/%d <- ", handle, effect->mindex);
		if (effect->pub)
			g_string_append_printf(last, "%d/%d", (int)effect->pub, effect->pub_mindex);
		else
			g_string_append(last, "nothing");
		break;
	case BUZZ_EFFECT_KEYFRAME:
		g_string_append_printf(last, "keyframe %d/%d", (int)effect->pub, effect->pub_mindex);
		break;
	case BUZZ_EFFECT_CLOSE:
		g_string_append_printf(last, "close %d", handle);
		break;
	case BUZZ_EFFECT_FORGET:
		g_string_append_printf(last, "forget %d", handle);
		break;
	}
	g_string_append_c(last, '\n');
}

static const char *step(struct buzz_command *command)
{
	GArray *effects = buzz_effects_new();
	command->now_ms = now;
	buzz_room_step(room, command, effects);
	g_string_truncate(last, 0);
	for (guint i = 0; i < effects->len; i++)
		print(&g_array_index(effects, struct buzz_effect, i));
	g_array_unref(effects);
	const char *broken = buzz_room_check(room);
	if (broken)
		fail_msg("%s, after:\n%s", broken, last->str);
	return last->str;
}

/* A request in single quotes; sdp in the words of describe.h, or NULL. */
static const char *request_with(uint64_t handle, const char *text, const char *sdp, bool is_offer, const char *id)
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
				       .simulcast_count = with_simulcast,
				       .new_id = id,
				       .new_seat = seat};
	step(&command);
	buzz_sdp_free(command.sdp);
	buzz_request_free(request);
	return last->str;
}

static const char *request(uint64_t handle, const char *text)
{
	return request_with(handle, text, NULL, false, "nobody");
}

static const char *happens(enum buzz_command_type type, uint64_t handle)
{
	struct buzz_command command = {.type = type, .handle = handle};
	return step(&command);
}

/* Time passes; then the media plane has just heard these handles. */
static const char *pass(int64_t ms, const char *handles)
{
	now += ms;
	struct buzz_heard heard[HANDLES];
	size_t count = 0;
	g_auto(GStrv) list = g_strsplit(handles, " ", -1);
	for (char **handle = list; *handle; handle++) {
		if (**handle)
			heard[count++] = (struct buzz_heard){.handle = strtoul(*handle, NULL, 10), .heard_ms = now};
	}
	struct buzz_command command = {.type = BUZZ_COMMAND_TICK, .heard = heard, .heard_count = count};
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

/* The streams with these names, "mic cam*" (* = muted), as a member of a request; and the m-lines of their offer. */
static void describe_streams(const char *names, GString *json, GString *lines)
{
	g_auto(GStrv) list = g_strsplit(names, " ", -1);
	guint shown = 0, length = *names ? g_strv_length(list) : 0;
	g_string_append(json, "'streams':[");
	for (guint i = 0; shown < length; i++) {
		g_autofree char *muted = g_strdup_printf("%s*", known[i].name);
		bool is_muted = g_strv_contains((const char *const *)list, muted);
		bool is_shown = is_muted || g_strv_contains((const char *const *)list, known[i].name);
		g_string_append_printf(lines, "%s%s ", known[i].line, is_shown ? "" : "!inactive");
		if (!is_shown)
			continue;
		g_string_append_printf(json, "%s{'stream':'%s','kind':'%s','mid':'%s','muted':%s%s}",
				       shown++ ? "," : "", known[i].name, known[i].kind,
				       strchr(known[i].line, ':') + 1, is_muted ? "true" : "false",
				       known[i].extra);
	}
	g_string_append(json, "]");
}

static const char *join(uint64_t handle, const char *name, const char *streams)
{
	GString *json = g_string_new("{'request':'join'," ROOM ","), *lines = g_string_new(NULL);
	g_string_append_printf(json, "'display':'%s','link':'%s-link-0123456789',", name, name);
	describe_streams(streams, json, lines);
	g_string_append(json, "}");
	request_with(handle, json->str, lines->len ? lines->str : NULL, true, name);
	g_string_free(json, TRUE);
	g_string_free(lines, TRUE);
	return last->str;
}

static const char *publish(uint64_t handle, const char *streams, bool with_offer)
{
	GString *json = g_string_new("{'request':'publish',"), *lines = g_string_new(NULL);
	describe_streams(streams, json, lines);
	g_string_append(json, "}");
	request_with(handle, json->str, with_offer ? lines->str : NULL, true, "nobody");
	g_string_free(json, TRUE);
	g_string_free(lines, TRUE);
	return last->str;
}

static const char *subscribe(uint64_t handle, const char *name)
{
	g_autofree char *json =
		g_strdup_printf("{'request':'subscribe'," ROOM ",'link':'%s-link-0123456789'}", name);
	return request(handle, json);
}

/* Answers this version with these m-lines; NULL: everything of the last offer is taken. */
static const char *answer_with(uint64_t handle, uint32_t version, const char *lines)
{
	GString *words = g_string_new(lines);
	g_autoptr(GArray) all = lines ? NULL : describe_answer(offers[handle]);
	for (guint i = 0; all && i < all->len; i++) {
		const struct described *line = &g_array_index(all, struct described, i);
		bool audio = line->media == BUZZ_AUDIO;
		g_string_append_printf(words, "%s:%s=%s!recvonly ", audio ? "audio" : "video", line->mid,
				       audio ? "opus" : "vp8,vp9,h264,av1");
	}
	g_autofree char *json = g_strdup_printf("{'request':'answer','version':%u}", version);
	request_with(handle, json, words->str, false, "nobody");
	g_string_free(words, TRUE);
	return last->str;
}

static const char *answer(uint64_t handle)
{
	return answer_with(handle, versions[handle], NULL);
}

/* The lines of the last step with this in them; valid until the next call. */
static const char *those(const char *part)
{
	static char result[8192];
	*result = '\0';
	g_auto(GStrv) list = g_strsplit(last->str, "\n", -1);
	for (char **line = list; *line; line++) {
		if (**line && strstr(*line, part)) {
			g_strlcat(result, *line, sizeof(result));
			g_strlcat(result, "\n", sizeof(result));
		}
	}
	return result;
}

/* Somebody with both connections up and answered. */
static void enter(uint64_t handle, const char *name, const char *streams)
{
	join(handle, name, streams);
	happens(BUZZ_COMMAND_MEDIA_UP, handle);
	subscribe(handle + 1, name);
	answer(handle + 1);
	happens(BUZZ_COMMAND_MEDIA_UP, handle + 1);
}

/* m-lines of the last offer to a SUB. */
static guint offered(uint64_t handle)
{
	g_autoptr(GArray) lines = describe_answer(offers[handle]);
	return lines->len;
}

/* Everything a client could ever learn of the room, as text. */
static char *snapshot(void)
{
	json_t *all = json_array();
	for (guint i = 0; i < room->participants->len; i++) {
		const struct buzz_participant *participant = room->participants->pdata[i];
		json_array_append_new(all, buzz_reply_joined(&room->key, participant, room->participants, &settings));
		for (guint j = 0; j < participant->subscriptions->len; j++) {
			const struct buzz_subscription *sub = participant->subscriptions->pdata[j];
			json_array_append_new(all, buzz_reply_slots(sub));
			json_array_append_new(
				all, json_pack("[i,i,i,i]", (int)sub->negotiation.state, (int)sub->negotiation.version,
					       (int)sub->negotiation.tries, (int)sub->codecs));
		}
	}
	json_array_append_new(all, json_integer(room->early->len));
	json_array_append_new(all, json_integer(g_hash_table_size(room->members)));
	char *text = json_dumps(all, 0);
	json_decref(all);
	return text;
}

static void is_refusal(const char *text, uint64_t handle, int code, const char *field)
{
	g_autofree char *start = g_strdup_printf("event %d t {'buzz':'error','error':'", (int)handle);
	g_autofree char *end = field ? g_strdup_printf("','error_code':%d,'field':'%s'}\n", code, field)
				     : g_strdup_printf("','error_code':%d}\n", code);
	if (!g_str_has_prefix(text, start) || !g_str_has_suffix(text, end) ||
	    strchr(text, '\n') != text + strlen(text) - 1)
		fail_msg("expected only %s...%s, got\n%s", start, end, text);
}

/* --- 4. Joining --------------------------------------------------------------------------------------------------- */

static void test_a_viewer_joins(void **state)
{
	(void)state;
	assert_string_equal(join(1, "ada", ""),
			    "event 1 t {'buzz':'joined','id':'ada'," LIMITS
			    ",'participants':[],'room':'maths','seat':'ada-seat-0123456789','streams':[],"
			    "'tenant':'school.example','v':1}\n");
	assert_int_equal(buzz_room_count(room), 1);
	assert_true(buzz_room_has_id(room, "ada"));
	assert_false(buzz_room_has_id(room, "grace"));
}

static void test_a_publisher_joins(void **state)
{
	(void)state;
	assert_string_equal(join(1, "ada", "mic cam"),
			    "source 1/0 opus 111\n"
			    "source 1/1 vp8 96\n"
			    "event 1 t {'buzz':'joined','id':'ada'," LIMITS
			    ",'participants':[],'room':'maths','seat':'ada-seat-0123456789','streams':[" MIC "," CAM
			    "],'tenant':'school.example','v':1} +answer\n");
}

static void test_an_offer_without_streams(void **state)
{
	(void)state;
	request_with(1, "{'request':'join'," ROOM ",'display':'ada'}", "audio:0!inactive", true, "ada");
	assert_non_null(strstr(last->str, "'streams':[],"));
	assert_non_null(strstr(last->str, " +answer\n"));
}

static void test_the_others_are_told(void **state)
{
	(void)state;
	join(1, "ada", "mic cam");
	join(3, "grace", "");
	assert_string_equal(those("event 1"), "event 1 - {'buzz':'joined','participant':{'display':'grace','id':'grace',"
					      "'interrupted':false,'streams':[]}}\n");
	assert_non_null(strstr(those("event 3"), "'participants':[{'display':'ada','id':'ada','interrupted':false,"
						 "'streams':[" MIC "," CAM "]}]"));
	join(5, "mary", "mic");
	assert_non_null(strstr(those("event 5"), "'participants':[{'display':'ada',"));
	assert_non_null(strstr(those("event 5"), "]},{'display':'grace','id':'grace',"));
	assert_string_equal(those("event 1"), "event 1 - {'buzz':'joined','participant':{'display':'mary','id':'mary',"
					      "'interrupted':false,'streams':[" MIC "]}}\n");
	assert_string_equal(those("event 3 "), "event 3 - {'buzz':'joined','participant':{'display':'mary','id':'mary',"
					       "'interrupted':false,'streams':[" MIC "]}}\n");
}

static void test_simulcast_is_announced(void **state)
{
	(void)state;
	with_simulcast = true;
	join(1, "ada", "cam");
	assert_string_equal(those("source"), "source 1/1 vp8 96 rid 10 h,m,l\n");
	assert_non_null(strstr(last->str, "'simulcast':true"));
}

static void test_room_full(void **state)
{
	(void)state;
	join(1, "ada", "");
	join(3, "grace", "");
	join(5, "mary", "");
	is_refusal(join(7, "joan", "mic"), 7, BUZZ_ERROR_ROOM_FULL, NULL);
	request(5, "{'request':'leave'}");
	join(7, "joan", "mic");
	assert_true(buzz_room_has_id(room, "joan"));
}

/* --- 4. Subscribing ----------------------------------------------------------------------------------------------- */

static void test_subscribe_after_join(void **state)
{
	(void)state;
	join(1, "ada", "mic cam");
	join(3, "grace", "");
	assert_string_equal(subscribe(4, "grace"),
			    "event 4 t {'buzz':'subscribed','id':'grace'}\n"
			    "event 4 - {'buzz':'offer','version':1} +offer\n"
			    "event 4 - {'buzz':'slots','slots':[{'mid':'a0','participant':'ada','stream':'mic'},"
			    "{'mid':'v0','participant':'ada','stream':'cam'}],'undecodable':[],'waiting':[]}\n");
	assert_string_equal(request(2, "{'request':'subscribe'," ROOM ",'id':'ada','seat':'ada-seat-0123456789'}"),
			    "event 2 t {'buzz':'subscribed','id':'ada'}\n"
			    "event 2 - {'buzz':'offer','version':1} +offer\n"
			    "event 2 - {'buzz':'slots'," EMPTY "}\n");
	/* nobody needs to be told */
	assert_string_equal(those("event 1"), "");
}

static void test_subscribe_before_join(void **state)
{
	(void)state;
	assert_string_equal(subscribe(2, "ada"), "");
	assert_string_equal(pass(9999, ""), "");
	join(1, "ada", "");
	assert_string_equal(those("event 2"), "event 2 t {'buzz':'subscribed','id':'ada'}\n"
					      "event 2 - {'buzz':'offer','version':1} +offer\n"
					      "event 2 - {'buzz':'slots'," EMPTY "}\n");
	assert_string_equal(pass(1, ""), "");
}

static void test_subscribe_without_join(void **state)
{
	(void)state;
	join(3, "grace", "");
	subscribe(2, "ada");
	assert_string_equal(pass(9999, ""), "");
	pass(1, "");
	is_refusal(those("event"), 2, BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL);
	assert_string_equal(those("forget"), "forget 2\n");
	join(1, "ada", "");
	assert_string_equal(those("event 2"), "");
}

static void test_a_waiting_handle_does_nothing_else(void **state)
{
	(void)state;
	join(3, "grace", "");
	subscribe(2, "ada");
	is_refusal(join(2, "ada", ""), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(subscribe(2, "ada"), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(subscribe(2, "grace"), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(request(2, "{'request':'leave'}"), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 2), "forget 2\n");
	join(1, "ada", "");
	assert_string_equal(those("event 2"), "");
}

static void test_wrong_seats_and_ids(void **state)
{
	(void)state;
	join(1, "ada", "mic");
	join(3, "grace", "mic");
	g_autofree char *before = snapshot();
	is_refusal(request(4, "{'request':'subscribe'," ROOM ",'id':'ada','seat':'grace-seat-0123456789'}"), 4,
		   BUZZ_ERROR_NOT_YOURS, NULL);
	is_refusal(request(4, "{'request':'subscribe'," ROOM ",'id':'ada','seat':'ada-seat-012345678'}"), 4,
		   BUZZ_ERROR_NOT_YOURS, NULL);
	is_refusal(request(4, "{'request':'subscribe'," ROOM ",'id':'joan','seat':'ada-seat-0123456789'}"), 4,
		   BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL);
	is_refusal(request_with(4, "{'request':'subscribe'," ROOM ",'link':'ada-link-0123456789'}", "audio:0", true,
				"nobody"),
		   4, BUZZ_ERROR_WRONG_STATE, NULL);
	g_autofree char *after = snapshot();
	assert_string_equal(before, after);
	/* a link nobody has is one that may still come */
	assert_string_equal(subscribe(4, "somebody"), "");
}

static void test_a_participant_without_a_link_has_none(void **state)
{
	(void)state;
	request(1, "{'request':'join'," ROOM ",'display':'ada'}");
	assert_string_equal(subscribe(2, "ada"), "");
	request_with(3, "{'request':'join'," ROOM ",'display':'grace'}", NULL, false, "grace");
	assert_string_equal(those("event 2"), "");
}

static void test_four_subs(void **state)
{
	(void)state;
	join(1, "ada", "");
	for (uint64_t handle = 10; handle < 14; handle++)
		assert_non_null(strstr(subscribe(handle, "ada"), "'subscribed'"));
	is_refusal(subscribe(14, "ada"), 14, BUZZ_ERROR_WRONG_STATE, NULL);
	happens(BUZZ_COMMAND_DETACH, 12);
	assert_non_null(strstr(subscribe(14, "ada"), "'subscribed'"));
	/* the same for those that wait */
	for (uint64_t handle = 20; handle < 25; handle++)
		assert_string_equal(subscribe(handle, "grace"), "");
	join(3, "grace", "");
	for (int handle = 20; handle < 24; handle++) {
		g_autofree char *line = g_strdup_printf("event %d t {'buzz':'subscribed','id':'grace'}\n", handle);
		assert_non_null(strstr(last->str, line));
	}
	is_refusal(those("event 24"), 24, BUZZ_ERROR_WRONG_STATE, NULL);
	assert_string_equal(those("forget"), "forget 24\n");
}

static void test_handles_are_used_once(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	g_autofree char *before = snapshot();
	is_refusal(join(1, "ada", ""), 1, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(subscribe(1, "ada"), 1, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(join(2, "ada", ""), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(subscribe(2, "ada"), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(publish(2, "mic", true), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(request(2, "{'request':'leave'}"), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(answer_with(1, 1, "audio:0"), 1, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(publish(3, "mic", true), 3, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(request(3, "{'request':'leave'}"), 3, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(answer_with(3, 1, "audio:0"), 3, BUZZ_ERROR_WRONG_STATE, NULL);
	g_autofree char *after = snapshot();
	assert_string_equal(before, after);
}

static void test_rtx_and_codecs(void **state)
{
	(void)state;
	join(1, "ada", "");
	request(2, "{'request':'subscribe'," ROOM ",'link':'ada-link-0123456789','rtx':false,'codecs':['opus','h264']}");
	assert_non_null(strstr(offers[2], "transport-cc"));
	assert_null(strstr(offers[2], "VP8"));
	assert_non_null(strstr(offers[2], "H264"));
	subscribe(12, "ada");
	assert_null(strstr(offers[12], "transport-cc"));
	assert_non_null(strstr(offers[12], "VP8"));
	join(3, "grace", "mic cam");
	assert_string_equal(those("event 2"),
			    "event 2 - {'buzz':'slots','slots':[{'mid':'a0','participant':'grace','stream':'mic'}],"
			    "'undecodable':[{'codec':'vp8','participant':'grace','stream':'cam'}],'waiting':[]}\n");
}

/* --- 5. Streams --------------------------------------------------------------------------------------------------- */

static void test_publish_with_an_offer(void **state)
{
	(void)state;
	join(1, "ada", "mic");
	enter(3, "grace", "");
	assert_string_equal(publish(1, "mic cam", true),
			    "source 1/0 opus 111\n"
			    "source 1/1 vp8 96\n"
			    "event 1 t {'buzz':'published','streams':[" MIC "," CAM "]} +answer\n"
			    "event 3 - {'buzz':'streams','participant':'ada','streams':[" MIC "," CAM "]}\n"
			    "event 4 - {'buzz':'slots','slots':[{'mid':'a0','participant':'ada','stream':'mic'},"
			    "{'mid':'v0','participant':'ada','stream':'cam'}],'undecodable':[],'waiting':[]}\n"
			    "route 4/4 <- 1/1\n"
			    "keyframe 1/1\n");
}

static void test_publish_without_an_offer(void **state)
{
	(void)state;
	join(1, "ada", "mic cam");
	enter(3, "grace", "");
	publish(1, "mic", false);
	assert_string_equal(those("event 1"), "event 1 t {'buzz':'published','streams':[" MIC "]}\n");
	assert_string_equal(those("end"), "end 1/1\n");
	assert_string_equal(those("route"), "route 4/4 <- nothing\n");
	publish(1, "mic cam", false);
	assert_string_equal(those("event 3"),
			    "event 3 - {'buzz':'streams','participant':'ada','streams':[" MIC "," CAM "]}\n");
	assert_string_equal(those("route"), "route 4/4 <- 1/1\n");
	/* nothing new: nobody else hears of it */
	publish(1, "mic cam", false);
	assert_string_equal(those("event"), "event 1 t {'buzz':'published','streams':[" MIC "," CAM "]}\n");
	assert_string_equal(those("route"), "");
}

static void test_titles_and_sound(void **state)
{
	(void)state;
	join(1, "ada", "screen sound");
	assert_non_null(strstr(last->str, "{'codec':'vp8','kind':'screen','mid':'2','muted':false,'simulcast':false,"
					  "'stream':'screen','title':'Homework'}"));
	assert_non_null(strstr(last->str, "{'codec':'opus','kind':'screen_audio','mid':'3','muted':false,'of':'screen',"
					  "'stream':'sound'}"));
	enter(3, "grace", "");
	request(1, "{'request':'publish','streams':[{'stream':'screen','kind':'screen','mid':'2','title':'Break'},"
		   "{'stream':'sound','kind':'screen_audio','mid':'3','of':'screen'}]}");
	assert_non_null(strstr(those("event 3"), "'title':'Break'"));
	assert_string_equal(those("event 4"), "");
	assert_string_equal(those("route"), "");
}

static void test_a_simulcast_m_line_stays_one(void **state)
{
	(void)state;
	with_simulcast = true;
	join(1, "ada", "mic cam");
	with_simulcast = false; /* what the core says of a jsep, and there is none */
	publish(1, "mic", false);
	publish(1, "mic cam", false);
	assert_string_equal(those("source 1/1"), "source 1/1 vp8 96 rid 10 h,m,l\n");
	assert_non_null(strstr(last->str, "'simulcast':true"));
	/* a new offer without simulcast ends it */
	publish(1, "mic cam", true);
	assert_string_equal(those("source 1/1"), "source 1/1 vp8 96\n");
}

static void test_a_stream_changes_its_codec(void **state)
{
	(void)state;
	join(1, "ada", "cam");
	enter(3, "grace", "");
	request_with(1, "{'request':'publish','streams':[{'stream':'cam','kind':'camera','mid':'1'}]}",
		     "audio:0!inactive video:1=h264,vp8", true, "nobody");
	assert_string_equal(those("source"), "source 1/1 h264 102\n");
	assert_string_equal(those("end"), "");
	assert_string_equal(those("route"), "route 4/4 <- 1/1\n");
	assert_string_equal(those("keyframe"), "keyframe 1/1\n");
}

static void test_m_lines_change_places(void **state)
{
	(void)state;
	join(1, "ada", "mic cam");
	enter(3, "grace", "");
	request_with(1,
		     "{'request':'publish','streams':[{'stream':'mic','kind':'microphone','mid':'0'},"
		     "{'stream':'cam','kind':'camera','mid':'1'}]}",
		     "video:9!inactive audio:0 video:1", true, "nobody");
	assert_string_equal(those("source"), "source 1/1 opus 111\nsource 1/2 vp8 96\n");
	assert_string_equal(those("end"), "end 1/0\n");
	assert_string_equal(those("route"), "route 4/0 <- 1/1\nroute 4/4 <- 1/2\n");
}

static void test_mute(void **state)
{
	(void)state;
	join(1, "ada", "mic cam screen");
	enter(3, "grace", "");
	publish(1, "mic* cam* screen*", false);
	assert_non_null(strstr(those("event 3"), "'mid':'0','muted':true"));
	assert_string_equal(those("event 4"), "event 4 - {'buzz':'slots','slots':[{'mid':'a0','participant':'ada',"
					      "'stream':'mic'}],'undecodable':[],'waiting':[]}\n");
	assert_string_equal(those("end"), "");
	assert_string_equal(those("route"), "route 4/4 <- nothing\nroute 4/5 <- nothing\n");
	publish(1, "mic cam screen", false);
	/* screens come before cameras */
	assert_string_equal(those("route"), "route 4/4 <- 1/2\nroute 4/5 <- 1/1\n");
	assert_string_equal(those("keyframe"), "keyframe 1/2\nkeyframe 1/1\n");
	assert_int_equal(versions[4], 1);
}

static void test_refused_publishing_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *streams, *offer;
		int code;
		const char *field;
	} rows[] = {
		{"{'stream':'x','kind':'camera','mid':'7'}", NULL, BUZZ_ERROR_BAD_SDP, "streams[0].mid"},
		{"{'stream':'x','kind':'camera','mid':'7'}", "video:1", BUZZ_ERROR_BAD_SDP, "streams[0].mid"},
		{"{'stream':'x','kind':'microphone','mid':'1'}", NULL, BUZZ_ERROR_BAD_SDP, "streams[0].mid"},
		{"{'stream':'x','kind':'screen','mid':'0'}", NULL, BUZZ_ERROR_BAD_SDP, "streams[0].mid"},
		{"{'stream':'m','kind':'microphone','mid':'0'},{'stream':'x','kind':'camera','mid':'1'}",
		 "audio:0 video:1!inactive", BUZZ_ERROR_BAD_SDP, "streams[1].mid"},
		{"{'stream':'x','kind':'camera','mid':'1'}", "video:1!recvonly", BUZZ_ERROR_BAD_SDP, "streams[0].mid"},
		{"{'stream':'x','kind':'camera','mid':'1'}", "-video:1", BUZZ_ERROR_BAD_SDP, "streams[0].mid"},
		{"{'stream':'x','kind':'camera','mid':'1'}", "video:1=opus", BUZZ_ERROR_BAD_SDP, "streams[0].mid"},
		{"{'stream':'1','kind':'camera','mid':'1'},{'stream':'2','kind':'camera','mid':'2'},"
		 "{'stream':'3','kind':'camera','mid':'3'},{'stream':'4','kind':'camera','mid':'4'},"
		 "{'stream':'5','kind':'camera','mid':'5'}",
		 "video:1 video:2 video:3 video:4 video:5", BUZZ_ERROR_TOO_MANY_STREAMS, "streams"},
	};
	enter(1, "ada", "mic cam");
	enter(3, "grace", "mic cam");
	g_autofree char *before = snapshot();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *publishing = g_strdup_printf("{'request':'publish','streams':[%s]}", rows[i].streams);
		g_autofree char *joining = g_strdup_printf(
			"{'request':'join'," ROOM ",'display':'joan','streams':[%s]}", rows[i].streams);
		is_refusal(request_with(1, publishing, rows[i].offer, true, "nobody"), 1, rows[i].code, rows[i].field);
		if (rows[i].offer)
			is_refusal(request_with(7, joining, rows[i].offer, true, "joan"), 7, rows[i].code,
				   rows[i].field);
		else
			is_refusal(request_with(7, joining, NULL, true, "joan"), 7, BUZZ_ERROR_BAD_SDP, "jsep");
	}
	is_refusal(request_with(1, "{'request':'publish','streams':[]}", "audio:0", false, "nobody"), 1,
		   BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(request_with(7, "{'request':'join'," ROOM ",'display':'joan'}", "audio:0", false, "joan"), 7,
		   BUZZ_ERROR_WRONG_STATE, NULL);
	g_autofree char *after = snapshot();
	assert_string_equal(before, after);
}

static void test_a_viewer_becomes_a_publisher(void **state)
{
	(void)state;
	enter(1, "ada", "");
	enter(3, "grace", "");
	is_refusal(publish(3, "mic", false), 3, BUZZ_ERROR_BAD_SDP, "jsep");
	publish(3, "mic", true);
	assert_string_equal(those("event 3"), "event 3 t {'buzz':'published','streams':[" MIC "]} +answer\n");
	assert_string_equal(those("route"), "route 2/0 <- 3/0\n");
}

/* --- 5. Leaving --------------------------------------------------------------------------------------------------- */

static void test_leave(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "");
	assert_string_equal(request(1, "{'request':'leave'}"),
			    "end 1/0\n"
			    "end 1/1\n"
			    "close 2\n"
			    "forget 2\n"
			    "event 1 t {'buzz':'left','participant':'ada','reason':'leave'}\n"
			    "close 1\n"
			    "forget 1\n"
			    "event 3 - {'buzz':'left','participant':'ada','reason':'leave'}\n"
			    "event 4 - {'buzz':'slots'," EMPTY "}\n"
			    "route 4/0 <- nothing\n"
			    "route 4/4 <- nothing\n");
	assert_int_equal(buzz_room_count(room), 1);
	is_refusal(request(1, "{'request':'leave'}"), 1, BUZZ_ERROR_WRONG_STATE, NULL);
}

static void test_gone(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 1),
			    "end 1/0\n"
			    "close 2\n"
			    "forget 2\n"
			    "forget 1\n"
			    "event 3 - {'buzz':'left','participant':'ada','reason':'gone'}\n"
			    "event 4 - {'buzz':'slots'," EMPTY "}\n"
			    "route 4/0 <- nothing\n");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 2), "");
}

static void test_hangup_of_pub(void **state)
{
	(void)state;
	enter(1, "ada", "");
	enter(3, "grace", "");
	assert_string_equal(happens(BUZZ_COMMAND_HANGUP, 1),
			    "close 2\n"
			    "forget 2\n"
			    "event 1 - {'buzz':'left','participant':'ada','reason':'hangup'}\n"
			    "close 1\n"
			    "forget 1\n"
			    "event 3 - {'buzz':'left','participant':'ada','reason':'hangup'}\n");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 1), "");
}

static void test_the_end_of_sub_ends_nothing_else(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	assert_string_equal(happens(BUZZ_COMMAND_HANGUP, 4), "forget 4\n");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 4), "");
	assert_int_equal(buzz_room_count(room), 2);
	assert_non_null(strstr(subscribe(14, "grace"), "'subscribed'"));
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 14), "forget 14\n");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 99), "");
	assert_string_equal(happens(BUZZ_COMMAND_MEDIA_UP, 99), "");
}

static void test_linger(void **state)
{
	(void)state;
	assert_true(buzz_room_is_over(room, now));
	subscribe(2, "ada");
	assert_false(buzz_room_is_over(room, now));
	pass(10000, "");
	assert_true(buzz_room_is_over(room, now));
	join(1, "ada", "");
	assert_false(buzz_room_is_over(room, now + 1000000));
	request(1, "{'request':'leave'}");
	assert_false(buzz_room_is_over(room, now + settings.linger_ms - 1));
	assert_true(buzz_room_is_over(room, now + settings.linger_ms));
}

/* --- 5. Who is still there ---------------------------------------------------------------------------------------- */

static void test_interrupted_with_video(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "");
	assert_string_equal(pass(2999, "4"), "");
	assert_string_equal(pass(1, "4"), "event 3 - {'buzz':'interrupted','participant':'ada'}\n");
	assert_string_equal(pass(1000, "4"), "");
	/* a newcomer learns of it */
	assert_non_null(strstr(join(5, "mary", ""), "'id':'ada','interrupted':true"));
	assert_string_equal(pass(1000, "1 4"), "event 3 - {'buzz':'resumed','participant':'ada'}\n"
					       "event 5 - {'buzz':'resumed','participant':'ada'}\n");
}

static void test_interrupted_with_audio_only(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	assert_string_equal(pass(5999, "4"), "");
	assert_string_equal(pass(1, "4"), "event 3 - {'buzz':'interrupted','participant':'ada'}\n");
}

static void test_sub_alone_does_not_publish(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "mic");
	/* Ada's SUB is heard, her PUB is not: interrupted, but there */
	for (int second = 1; second <= 30; second++) {
		pass(1000, "2 3 4");
		assert_string_equal(last->str,
				    second == 3 ? "event 3 - {'buzz':'interrupted','participant':'ada'}\n" : "");
	}
	assert_int_equal(buzz_room_count(room), 2);
}

static void test_who_publishes_nothing_is_not_interrupted(void **state)
{
	(void)state;
	enter(1, "ada", "cam");
	enter(3, "grace", "");
	pass(3000, "4");
	publish(1, "", false);
	assert_string_equal(pass(1000, "4"), "event 3 - {'buzz':'resumed','participant':'ada'}\n");
	assert_string_equal(pass(100000, ""), "");
	/* the clock starts with the next stream */
	publish(1, "cam", true);
	assert_string_equal(pass(2999, "4"), "");
	assert_string_equal(pass(1, "4"), "event 3 - {'buzz':'interrupted','participant':'ada'}\n");
}

static void test_pub_that_is_not_up(void **state)
{
	(void)state;
	join(1, "ada", "cam");
	enter(3, "grace", "");
	assert_string_equal(pass(10000, "4"), "");
	happens(BUZZ_COMMAND_MEDIA_UP, 1);
	assert_string_equal(pass(2999, "4"), "");
	assert_string_equal(pass(1, "4"), "event 3 - {'buzz':'interrupted','participant':'ada'}\n");
}

static void test_timeout_of_a_publisher(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "");
	pass(3000, "4");
	assert_string_equal(pass(11999, "4"), "");
	assert_string_equal(pass(1, "4"), "end 1/0\n"
					  "end 1/1\n"
					  "close 2\n"
					  "forget 2\n"
					  "event 1 - {'buzz':'left','participant':'ada','reason':'timeout'}\n"
					  "close 1\n"
					  "forget 1\n"
					  "event 3 - {'buzz':'left','participant':'ada','reason':'timeout'}\n"
					  "event 4 - {'buzz':'slots'," EMPTY "}\n"
					  "route 4/0 <- nothing\n"
					  "route 4/4 <- nothing\n");
}

static void test_timeout_of_a_viewer(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	/* she is sent something, so her receiver reports are missed */
	for (int second = 1; second < 15; second++)
		assert_string_equal(pass(1000, "1"), "");
	pass(1000, "1");
	assert_string_equal(those("event 1"), "event 1 - {'buzz':'left','participant':'grace','reason':'timeout'}\n");
}

static void test_idle_viewers_stay(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	join(5, "mary", "");
	publish(1, "mic*", false);
	for (int minute = 0; minute < 60; minute++)
		assert_string_equal(pass(10000, "1"), "");
	assert_int_equal(buzz_room_count(room), 3);
	/* the clock of the one who listens starts when there is something to hear */
	publish(1, "mic", false);
	assert_string_equal(pass(14999, "1"), "");
	pass(1, "1");
	assert_string_equal(those("event 1"), "event 1 - {'buzz':'left','participant':'grace','reason':'timeout'}\n");
	assert_true(buzz_room_has_id(room, "mary"));
}

static void test_everyone_times_out_at_once(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "mic");
	enter(5, "mary", "mic");
	pass(15000, "");
	assert_int_equal(buzz_room_count(room), 0);
	assert_string_equal(those("event 5"), "event 5 - {'buzz':'left','participant':'ada','reason':'timeout'}\n"
					      "event 5 - {'buzz':'left','participant':'grace','reason':'timeout'}\n"
					      "event 5 - {'buzz':'left','participant':'mary','reason':'timeout'}\n");
	assert_string_equal(those("event 1"), "event 1 - {'buzz':'left','participant':'ada','reason':'timeout'}\n");
}

/* --- 6. Slots ----------------------------------------------------------------------------------------------------- */

static void test_media_flows_when_answered_and_up(void **state)
{
	(void)state;
	join(1, "ada", "mic cam");
	join(3, "grace", "");
	subscribe(4, "grace");
	assert_string_equal(happens(BUZZ_COMMAND_MEDIA_UP, 4), "");
	assert_string_equal(answer(4), "event 4 t {'buzz':'answered','version':1}\n"
				       "route 4/0 <- 1/0\n"
				       "route 4/4 <- 1/1\n"
				       "keyframe 1/1\n");
	join(5, "mary", "");
	subscribe(6, "mary");
	assert_string_equal(answer(6), "event 6 t {'buzz':'answered','version':1}\n");
	assert_string_equal(happens(BUZZ_COMMAND_MEDIA_UP, 6), "route 6/0 <- 1/0\n"
							       "route 6/4 <- 1/1\n"
							       "keyframe 1/1\n");
}

static void test_joins_and_leaves_need_no_description(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	for (int i = 0; i < 10; i++) {
		join(3, "grace", "mic cam screen");
		assert_string_equal(those("route"), "route 2/0 <- 3/0\nroute 2/4 <- 3/2\nroute 2/5 <- 3/1\n");
		happens(BUZZ_COMMAND_DETACH, 3);
		assert_string_equal(those("offer"), "");
	}
	assert_int_equal(versions[2], 1);
	assert_int_equal(offered(2), 8);
}

static void test_growth(void **state)
{
	(void)state;
	settings.video_slots = 1;
	settings.slot_step = 4;
	enter(1, "ada", "");
	assert_int_equal(offered(2), 8); /* at least a step more than needed */
	enter(3, "grace", "cam screen cam2");
	enter(5, "mary", "cam");
	assert_int_equal(versions[2], 1);
	publish(5, "cam screen", true);
	assert_string_equal(those("event 2"),
			    "event 2 - {'buzz':'offer','version':2} +offer\n"
			    "event 2 - {'buzz':'slots','slots':["
			    "{'mid':'v0','participant':'grace','stream':'screen'},"
			    "{'mid':'v1','participant':'grace','stream':'cam'},"
			    "{'mid':'v2','participant':'grace','stream':'cam2'},"
			    "{'mid':'v3','participant':'mary','stream':'cam'},"
			    "{'mid':'v4','participant':'mary','stream':'screen'}],'undecodable':[],'waiting':[]}\n");
	assert_int_equal(offered(2), 12);
	/* it flows when it is answered; the others flow on */
	assert_string_equal(those("route 2"), "");
	answer(2);
	assert_string_equal(those("route 2"), "route 2/8 <- 5/2\n");
}

static void test_changes_while_an_offer_is_out(void **state)
{
	(void)state;
	settings.video_slots = 1;
	settings.slot_step = 4;
	join(1, "ada", "");
	subscribe(2, "ada");
	join(3, "grace", "cam screen cam2");
	assert_string_equal(those("event 2 - {'buzz':'slots'"),
			    "event 2 - {'buzz':'slots','slots':["
			    "{'mid':'v0','participant':'grace','stream':'screen'},"
			    "{'mid':'v1','participant':'grace','stream':'cam'},"
			    "{'mid':'v2','participant':'grace','stream':'cam2'}],'undecodable':[],'waiting':[]}\n");
	join(5, "mary", "cam cam2");
	/* no second offer, and no slot that the client has not been offered */
	assert_string_equal(those("event 2"),
			    "event 2 - {'buzz':'slots','slots':["
			    "{'mid':'v0','participant':'grace','stream':'screen'},"
			    "{'mid':'v1','participant':'grace','stream':'cam'},"
			    "{'mid':'v2','participant':'grace','stream':'cam2'},"
			    "{'mid':'v3','participant':'mary','stream':'cam'}],'undecodable':[],"
			    "'waiting':[{'participant':'mary','stream':'cam2'}]}\n");
	publish(5, "cam cam2 screen", true);
	assert_string_equal(those("offer"), "");
	assert_string_equal(answer(2),
			    "event 2 t {'buzz':'answered','version':1}\n"
			    "event 2 - {'buzz':'offer','version':2} +offer\n"
			    "event 2 - {'buzz':'slots','slots':["
			    "{'mid':'v0','participant':'grace','stream':'screen'},"
			    "{'mid':'v1','participant':'grace','stream':'cam'},"
			    "{'mid':'v2','participant':'grace','stream':'cam2'},"
			    "{'mid':'v3','participant':'mary','stream':'cam'},"
			    "{'mid':'v4','participant':'mary','stream':'screen'},"
			    "{'mid':'v5','participant':'mary','stream':'cam2'}],'undecodable':[],'waiting':[]}\n");
	assert_string_equal(answer(2), "event 2 t {'buzz':'answered','version':2}\n");
	assert_int_equal(offered(2), 12);
}

static void test_beyond_max_slots(void **state)
{
	(void)state;
	settings.video_slots = 1;
	settings.max_slots = 2;
	enter(1, "ada", "");
	join(3, "grace", "cam screen cam2");
	assert_string_equal(those("event 2"), "event 2 - {'buzz':'slots','slots':["
					      "{'mid':'v0','participant':'grace','stream':'screen'},"
					      "{'mid':'v1','participant':'grace','stream':'cam'}],'undecodable':[],"
					      "'waiting':[{'participant':'grace','stream':'cam2'}]}\n");
	publish(3, "cam cam2", false);
	assert_string_equal(those("event 2"), "event 2 - {'buzz':'slots','slots':["
					      "{'mid':'v0','participant':'grace','stream':'cam2'},"
					      "{'mid':'v1','participant':'grace','stream':'cam'}],'undecodable':[],"
					      "'waiting':[]}\n");
}

static void test_an_unanswered_offer(void **state)
{
	(void)state;
	join(1, "ada", "");
	subscribe(2, "ada");
	g_autofree char *first = g_strdup(offers[2]);
	assert_string_equal(pass(4999, ""), "");
	assert_string_equal(pass(1, ""), "event 2 - {'buzz':'offer','version':1} +offer\n");
	assert_string_equal(offers[2], first);
	assert_string_equal(pass(5000, ""), "event 2 - {'buzz':'offer','version':1} +offer\n");
	assert_string_equal(pass(4999, ""), "");
	assert_string_equal(pass(1, ""), "event 2 - {'buzz':'error','error':'no usable answer came after 3 offers',"
					 "'error_code':444}\n"
					 "close 2\n"
					 "forget 2\n");
	/* only SUB is closed */
	assert_int_equal(buzz_room_count(room), 1);
	assert_non_null(strstr(subscribe(12, "ada"), "'subscribed'"));
}

static void test_an_answer_to_the_offer_sent_again(void **state)
{
	(void)state;
	join(1, "ada", "");
	subscribe(2, "ada");
	pass(5000, "");
	assert_string_equal(answer(2), "event 2 t {'buzz':'answered','version':1}\n");
	is_refusal(answer(2), 2, BUZZ_ERROR_WRONG_STATE, NULL);
	assert_string_equal(pass(100000, ""), "");
}

static void test_stale_answers(void **state)
{
	(void)state;
	join(1, "ada", "");
	subscribe(2, "ada");
	g_autofree char *first = g_strdup(offers[2]);
	assert_string_equal(answer_with(2, 7, NULL),
			    "event 2 t {'buzz':'error','error':'version: the open offer is 1','error_code':441,"
			    "'field':'version'}\n"
			    "event 2 - {'buzz':'offer','version':1} +offer\n");
	assert_string_equal(offers[2], first);
	assert_string_equal(answer(2), "event 2 t {'buzz':'answered','version':1}\n");
}

static void test_unusable_answers(void **state)
{
	(void)state;
	join(1, "ada", "");
	subscribe(2, "ada");
	g_autofree char *first = g_strdup(offers[2]);
	is_refusal(request(2, "{'request':'answer','version':1}"), 2, BUZZ_ERROR_BAD_SDP, "jsep");
	is_refusal(request_with(2, "{'request':'answer','version':1}", "audio:0", true, "nobody"), 2,
		   BUZZ_ERROR_WRONG_STATE, NULL);
	for (int i = 0; i < 2; i++) {
		answer_with(2, 1, "audio:a0!recvonly");
		is_refusal(those("event 2 t"), 2, BUZZ_ERROR_BAD_SDP, "jsep");
		assert_string_equal(those("event 2 -"), "event 2 - {'buzz':'offer','version':1} +offer\n");
		assert_string_equal(offers[2], first);
	}
	answer_with(2, 1, "audio:a0!recvonly");
	is_refusal(those("event"), 2, BUZZ_ERROR_NEGOTIATION_FAILED, NULL);
	assert_string_equal(those("close"), "close 2\n");
	assert_string_equal(those("forget"), "forget 2\n");
	is_refusal(answer(2), 2, BUZZ_ERROR_WRONG_STATE, NULL);
}

static void test_an_answer_that_takes_little(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam screen");
	join(3, "grace", "");
	subscribe(4, "grace");
	happens(BUZZ_COMMAND_MEDIA_UP, 4);
	assert_int_equal(offered(4), 8);
	answer_with(4, 1,
		    "audio:a0!recvonly audio:a1!recvonly audio:a2!recvonly audio:a3!recvonly "
		    "-video:v0 -video:v1 -video:v2 video:v3!recvonly");
	assert_string_equal(last->str,
			    "event 4 t {'buzz':'answered','version':1}\n"
			    "event 4 - {'buzz':'slots','slots':[{'mid':'a0','participant':'ada','stream':'mic'},"
			    "{'mid':'v3','participant':'ada','stream':'screen'}],'undecodable':[],"
			    "'waiting':[{'participant':'ada','stream':'cam'}]}\n"
			    "route 4/0 <- 1/0\n"
			    "route 4/7 <- 1/2\n"
			    "keyframe 1/2\n");
	publish(1, "mic cam", false);
	assert_string_equal(those("route"), "route 4/7 <- 1/1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_viewer_joins),
		TEST(test_a_publisher_joins),
		TEST(test_an_offer_without_streams),
		TEST(test_the_others_are_told),
		TEST(test_simulcast_is_announced),
		TEST(test_room_full),
		TEST(test_subscribe_after_join),
		TEST(test_subscribe_before_join),
		TEST(test_subscribe_without_join),
		TEST(test_a_waiting_handle_does_nothing_else),
		TEST(test_wrong_seats_and_ids),
		TEST(test_a_participant_without_a_link_has_none),
		TEST(test_four_subs),
		TEST(test_handles_are_used_once),
		TEST(test_rtx_and_codecs),
		TEST(test_publish_with_an_offer),
		TEST(test_publish_without_an_offer),
		TEST(test_titles_and_sound),
		TEST(test_a_simulcast_m_line_stays_one),
		TEST(test_a_stream_changes_its_codec),
		TEST(test_m_lines_change_places),
		TEST(test_mute),
		TEST(test_refused_publishing_changes_nothing),
		TEST(test_a_viewer_becomes_a_publisher),
		TEST(test_leave),
		TEST(test_gone),
		TEST(test_hangup_of_pub),
		TEST(test_the_end_of_sub_ends_nothing_else),
		TEST(test_linger),
		TEST(test_interrupted_with_video),
		TEST(test_interrupted_with_audio_only),
		TEST(test_sub_alone_does_not_publish),
		TEST(test_who_publishes_nothing_is_not_interrupted),
		TEST(test_pub_that_is_not_up),
		TEST(test_timeout_of_a_publisher),
		TEST(test_timeout_of_a_viewer),
		TEST(test_idle_viewers_stay),
		TEST(test_everyone_times_out_at_once),
		TEST(test_media_flows_when_answered_and_up),
		TEST(test_joins_and_leaves_need_no_description),
		TEST(test_growth),
		TEST(test_changes_while_an_offer_is_out),
		TEST(test_beyond_max_slots),
		TEST(test_an_unanswered_offer),
		TEST(test_an_answer_to_the_offer_sent_again),
		TEST(test_stale_answers),
		TEST(test_unusable_answers),
		TEST(test_an_answer_that_takes_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
