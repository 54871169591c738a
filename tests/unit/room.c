/* SPDX-License-Identifier: GPL-3.0-only */
/* Joining, publishing and leaving a room, sentence by sentence of docs/protocol.md, sections 4
 * and 5. */
#include "scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

/* --- 4. Joining
 * ---------------------------------------------------------------------------------------------------
 */

static void test_a_viewer_joins(void **state)
{
	(void)state;
	assert_string_equal(
	    join(1, "ada", ""),
	    "event 1 t {'buzz':'joined','ice_servers':[],'id':'ada'," LIMITS
	    ",'participants':[],'room':'maths','seat':'ada-seat-0123456789','streams':[],"
	    "'tenant':'school.example','v':1}\n");
	assert_int_equal(buzz_room_count(scene.room), 1);
	assert_true(buzz_room_has_id(scene.room, "ada"));
	assert_false(buzz_room_has_id(scene.room, "grace"));
}

static void test_a_publisher_joins(void **state)
{
	(void)state;
	assert_string_equal(
	    join(1, "ada", "mic cam"),
	    "source 1/0 opus 111\n"
	    "source 1/1 vp8 96\n"
	    "event 1 t {'buzz':'joined','ice_servers':[],'id':'ada'," LIMITS
	    ",'participants':[],'room':'maths','seat':'ada-seat-0123456789','streams':[" MIC "," CAM
	    "],'tenant':'school.example','v':1} +answer\n");
}

static void test_an_offer_without_streams(void **state)
{
	(void)state;
	request_with(1, "{'request':'join'," ROOM ",'display':'ada'}", "audio:0!inactive", true,
		     "ada");
	assert_non_null(strstr(scene.effects->str, "'streams':[],"));
	assert_non_null(strstr(scene.effects->str, " +answer\n"));
}

static void test_the_others_are_told(void **state)
{
	(void)state;
	join(1, "ada", "mic cam");
	join(3, "grace", "");
	assert_string_equal(
	    those("event 1"),
	    "event 1 - {'buzz':'joined','participant':{'display':'grace','id':'grace',"
	    "'interrupted':false,'streams':[]}}\n");
	assert_non_null(strstr(those("event 3"),
			       "'participants':[{'display':'ada','id':'ada','interrupted':false,"
			       "'streams':[" MIC "," CAM "]}]"));
	join(5, "mary", "mic");
	assert_non_null(strstr(those("event 5"), "'participants':[{'display':'ada',"));
	assert_non_null(strstr(those("event 5"), "]},{'display':'grace','id':'grace',"));
	assert_string_equal(
	    those("event 1"),
	    "event 1 - {'buzz':'joined','participant':{'display':'mary','id':'mary',"
	    "'interrupted':false,'streams':[" MIC "]}}\n");
	assert_string_equal(
	    those("event 3 "),
	    "event 3 - {'buzz':'joined','participant':{'display':'mary','id':'mary',"
	    "'interrupted':false,'streams':[" MIC "]}}\n");
}

static void test_simulcast_is_announced(void **state)
{
	(void)state;
	scene.simulcast = true;
	join(1, "ada", "cam");
	assert_string_equal(those("source"), "source 1/1 vp8 96 rid 10 h,m,l\n");
	assert_non_null(strstr(scene.effects->str, "'simulcast':true"));
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
	assert_true(buzz_room_has_id(scene.room, "joan"));
}

/* --- 5. Streams
 * ---------------------------------------------------------------------------------------------------
 */

static void test_publish_with_an_offer(void **state)
{
	(void)state;
	join(1, "ada", "mic");
	enter(3, "grace", "");
	assert_string_equal(
	    publish(1, "mic cam", true),
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
	assert_string_equal(those("event 1"),
			    "event 1 t {'buzz':'published','streams':[" MIC "]}\n");
	assert_string_equal(those("end"), "end 1/1\n");
	assert_string_equal(those("route"), "route 4/4 <- nothing\n");
	publish(1, "mic cam", false);
	assert_string_equal(those("event 3"),
			    "event 3 - {'buzz':'streams','participant':'ada','streams':[" MIC
			    "," CAM "]}\n");
	assert_string_equal(those("route"), "route 4/4 <- 1/1\n");
	/* nothing new: nobody else hears of it */
	publish(1, "mic cam", false);
	assert_string_equal(those("event"),
			    "event 1 t {'buzz':'published','streams':[" MIC "," CAM "]}\n");
	assert_string_equal(those("route"), "");
}

static void test_titles_and_sound(void **state)
{
	(void)state;
	join(1, "ada", "screen sound");
	assert_non_null(
	    strstr(scene.effects->str,
		   "{'codec':'vp8','kind':'screen','mid':'2','muted':false,'simulcast':false,"
		   "'stream':'screen','title':'Homework'}"));
	assert_non_null(
	    strstr(scene.effects->str,
		   "{'codec':'opus','kind':'screen_audio','mid':'3','muted':false,'of':'screen',"
		   "'stream':'sound'}"));
	enter(3, "grace", "");
	request(1, "{'request':'publish','streams':[{'stream':'screen','kind':'screen','mid':'2','"
		   "title':'Break'},"
		   "{'stream':'sound','kind':'screen_audio','mid':'3','of':'screen'}]}");
	assert_non_null(strstr(those("event 3"), "'title':'Break'"));
	assert_string_equal(those("event 4"), "");
	assert_string_equal(those("route"), "");
}

static void test_a_simulcast_m_line_stays_one(void **state)
{
	(void)state;
	scene.simulcast = true;
	join(1, "ada", "mic cam");
	scene.simulcast = false; /* what the core says of a jsep, and there is none */
	publish(1, "mic", false);
	publish(1, "mic cam", false);
	assert_string_equal(those("source 1/1"), "source 1/1 vp8 96 rid 10 h,m,l\n");
	assert_non_null(strstr(scene.effects->str, "'simulcast':true"));
	/* a new offer without simulcast ends it */
	publish(1, "mic cam", true);
	assert_string_equal(those("source 1/1"), "source 1/1 vp8 96\n");
}

static void test_a_stream_changes_its_codec(void **state)
{
	(void)state;
	join(1, "ada", "cam");
	enter(3, "grace", "");
	request_with(1,
		     "{'request':'publish','streams':[{'stream':'cam','kind':'camera','mid':'1'}]}",
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
	request_with(
	    1,
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
	assert_string_equal(those("event 4"),
			    "event 4 - {'buzz':'slots','slots':[{'mid':'a0','participant':'ada',"
			    "'stream':'mic'}],'undecodable':[],'waiting':[]}\n");
	assert_string_equal(those("end"), "");
	assert_string_equal(those("route"), "route 4/4 <- nothing\nroute 4/5 <- nothing\n");
	publish(1, "mic cam screen", false);
	/* screens come before cameras */
	assert_string_equal(those("route"), "route 4/4 <- 1/2\nroute 4/5 <- 1/1\n");
	assert_string_equal(those("keyframe"), "keyframe 1/2\nkeyframe 1/1\n");
	assert_int_equal(scene.versions[4], 1);
}

static void test_refused_publishing_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *streams, *offer;
		int code;
		const char *field;
	} rows[] = {
	    {"{'stream':'x','kind':'camera','mid':'7'}", NULL, BUZZ_ERROR_BAD_SDP,
	     "streams[0].mid"},
	    {"{'stream':'x','kind':'camera','mid':'7'}", "video:1", BUZZ_ERROR_BAD_SDP,
	     "streams[0].mid"},
	    {"{'stream':'x','kind':'microphone','mid':'1'}", NULL, BUZZ_ERROR_BAD_SDP,
	     "streams[0].mid"},
	    {"{'stream':'x','kind':'screen','mid':'0'}", NULL, BUZZ_ERROR_BAD_SDP,
	     "streams[0].mid"},
	    {"{'stream':'m','kind':'microphone','mid':'0'},{'stream':'x','kind':'camera','mid':'1'"
	     "}",
	     "audio:0 video:1!inactive", BUZZ_ERROR_BAD_SDP, "streams[1].mid"},
	    {"{'stream':'x','kind':'camera','mid':'1'}", "video:1!recvonly", BUZZ_ERROR_BAD_SDP,
	     "streams[0].mid"},
	    {"{'stream':'x','kind':'camera','mid':'1'}", "-video:1", BUZZ_ERROR_BAD_SDP,
	     "streams[0].mid"},
	    {"{'stream':'x','kind':'camera','mid':'1'}", "video:1=opus", BUZZ_ERROR_BAD_SDP,
	     "streams[0].mid"},
	    {"{'stream':'1','kind':'camera','mid':'1'},{'stream':'2','kind':'camera','mid':'2'},"
	     "{'stream':'3','kind':'camera','mid':'3'},{'stream':'4','kind':'camera','mid':'4'},"
	     "{'stream':'5','kind':'camera','mid':'5'}",
	     "video:1 video:2 video:3 video:4 video:5", BUZZ_ERROR_TOO_MANY_STREAMS, "streams"},
	};
	enter(1, "ada", "mic cam");
	enter(3, "grace", "mic cam");
	g_autofree char *before = snapshot();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *publishing =
		    g_strdup_printf("{'request':'publish','streams':[%s]}", rows[i].streams);
		g_autofree char *joining = g_strdup_printf(
		    "{'request':'join'," ROOM ",'display':'joan','streams':[%s]}", rows[i].streams);
		is_refusal(request_with(1, publishing, rows[i].offer, true, "nobody"), 1,
			   rows[i].code, rows[i].field);
		if (rows[i].offer)
			is_refusal(request_with(7, joining, rows[i].offer, true, "joan"), 7,
				   rows[i].code, rows[i].field);
		else
			is_refusal(request_with(7, joining, NULL, true, "joan"), 7,
				   BUZZ_ERROR_BAD_SDP, "jsep");
	}
	is_refusal(
	    request_with(1, "{'request':'publish','streams':[]}", "audio:0", false, "nobody"), 1,
	    BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(request_with(7, "{'request':'join'," ROOM ",'display':'joan'}", "audio:0", false,
				"joan"),
		   7, BUZZ_ERROR_WRONG_STATE, NULL);
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
	assert_string_equal(those("event 3"),
			    "event 3 t {'buzz':'published','streams':[" MIC "]} +answer\n");
	assert_string_equal(those("route"), "route 2/0 <- 3/0\n");
}

/* --- 5. Leaving
 * ---------------------------------------------------------------------------------------------------
 */

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
	assert_int_equal(buzz_room_count(scene.room), 1);
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
	assert_string_equal(happens(BUZZ_COMMAND_HANGUP, 1), "");
	assert_string_equal(pass(BUZZ_HANGUP_MS - 1, ""), "");
	assert_string_equal(pass(1, ""),
			    "close 2\n"
			    "forget 2\n"
			    "event 1 - {'buzz':'left','participant':'ada','reason':'hangup'}\n"
			    "close 1\n"
			    "forget 1\n"
			    "event 3 - {'buzz':'left','participant':'ada','reason':'hangup'}\n");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 1), "");
}

/* The core ends the PeerConnection of a closed tab before its handle. */
static void test_hangup_then_detach_is_gone(void **state)
{
	(void)state;
	enter(1, "ada", "cam");
	enter(3, "grace", "");
	assert_string_equal(happens(BUZZ_COMMAND_HANGUP, 1), "");
	happens(BUZZ_COMMAND_DETACH, 1);
	assert_non_null(strstr(scene.effects->str,
			       "event 3 - {'buzz':'left','participant':'ada','reason':'gone'}\n"));
	assert_int_equal(buzz_room_count(scene.room), 1);
	assert_string_equal(pass(BUZZ_HANGUP_MS, ""), "");
}

static void test_the_end_of_sub_ends_nothing_else(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	assert_string_equal(happens(BUZZ_COMMAND_HANGUP, 4), "forget 4\n");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 4), "");
	assert_int_equal(buzz_room_count(scene.room), 2);
	assert_non_null(strstr(subscribe(14, "grace"), "'subscribed'"));
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 14), "forget 14\n");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 99), "");
	assert_string_equal(happens(BUZZ_COMMAND_MEDIA_UP, 99), "");
}

static void test_linger(void **state)
{
	(void)state;
	assert_true(buzz_room_is_over(scene.room, scene.now_ms));
	subscribe(2, "ada");
	assert_false(buzz_room_is_over(scene.room, scene.now_ms));
	pass(10000, "");
	assert_true(buzz_room_is_over(scene.room, scene.now_ms));
	join(1, "ada", "");
	assert_false(buzz_room_is_over(scene.room, scene.now_ms + 1000000));
	request(1, "{'request':'leave'}");
	assert_false(buzz_room_is_over(scene.room, scene.now_ms + scene.settings.linger_ms - 1));
	assert_true(buzz_room_is_over(scene.room, scene.now_ms + scene.settings.linger_ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(test_a_viewer_joins),
	    SCENE(test_a_publisher_joins),
	    SCENE(test_an_offer_without_streams),
	    SCENE(test_the_others_are_told),
	    SCENE(test_simulcast_is_announced),
	    SCENE(test_room_full),
	    SCENE(test_publish_with_an_offer),
	    SCENE(test_publish_without_an_offer),
	    SCENE(test_titles_and_sound),
	    SCENE(test_a_simulcast_m_line_stays_one),
	    SCENE(test_a_stream_changes_its_codec),
	    SCENE(test_m_lines_change_places),
	    SCENE(test_mute),
	    SCENE(test_refused_publishing_changes_nothing),
	    SCENE(test_a_viewer_becomes_a_publisher),
	    SCENE(test_leave),
	    SCENE(test_gone),
	    SCENE(test_hangup_of_pub),
	    SCENE(test_hangup_then_detach_is_gone),
	    SCENE(test_the_end_of_sub_ends_nothing_else),
	    SCENE(test_linger),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
