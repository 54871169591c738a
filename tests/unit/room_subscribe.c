/* SPDX-License-Identifier: GPL-3.0-only */
/* Subscribing, offers and slots, sentence by sentence of docs/protocol.md, sections 4 and 6. */
#include "scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

/* --- 4. Subscribing
 * -----------------------------------------------------------------------------------------------
 */

static void test_subscribe_after_join(void **state)
{
	(void)state;
	join(1, "ada", "mic cam");
	join(3, "grace", "");
	assert_string_equal(
	    subscribe(4, "grace"),
	    "event 4 t {'buzz':'subscribed','id':'grace'}\n"
	    "event 4 - {'buzz':'offer','version':1} +offer\n"
	    "event 4 - {'buzz':'slots','slots':[{'mid':'a0','participant':'ada','stream':'mic'},"
	    "{'mid':'v0','participant':'ada','stream':'cam'}],'undecodable':[],'waiting':[]}\n");
	assert_string_equal(
	    request(2, "{'request':'subscribe'," ROOM ",'id':'ada','seat':'ada-seat-0123456789'}"),
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
	is_refusal(request(4, "{'request':'subscribe'," ROOM
			      ",'id':'ada','seat':'grace-seat-0123456789'}"),
		   4, BUZZ_ERROR_NOT_YOURS, NULL);
	is_refusal(
	    request(4, "{'request':'subscribe'," ROOM ",'id':'ada','seat':'ada-seat-012345678'}"),
	    4, BUZZ_ERROR_NOT_YOURS, NULL);
	is_refusal(
	    request(4, "{'request':'subscribe'," ROOM ",'id':'joan','seat':'ada-seat-0123456789'}"),
	    4, BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL);
	is_refusal(request_with(4, "{'request':'subscribe'," ROOM ",'link':'ada-link-0123456789'}",
				"audio:0", true, "nobody"),
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
		g_autofree char *line =
		    g_strdup_printf("event %d t {'buzz':'subscribed','id':'grace'}\n", handle);
		assert_non_null(strstr(scene.effects->str, line));
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
	request(2, "{'request':'subscribe'," ROOM
		   ",'link':'ada-link-0123456789','rtx':false,'codecs':['opus','h264']}");
	assert_non_null(strstr(scene.offers[2], "transport-cc"));
	assert_null(strstr(scene.offers[2], "VP8"));
	assert_non_null(strstr(scene.offers[2], "H264"));
	subscribe(12, "ada");
	assert_null(strstr(scene.offers[12], "transport-cc"));
	assert_non_null(strstr(scene.offers[12], "VP8"));
	join(3, "grace", "mic cam");
	assert_string_equal(
	    those("event 2"),
	    "event 2 - {'buzz':'slots','slots':[{'mid':'a0','participant':'grace','stream':'mic'}],"
	    "'undecodable':[{'codec':'vp8','participant':'grace','stream':'cam'}],'waiting':[]}\n");
}

/* --- 6. Slots
 * -----------------------------------------------------------------------------------------------------
 */

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
		assert_string_equal(those("route"),
				    "route 2/0 <- 3/0\nroute 2/4 <- 3/2\nroute 2/5 <- 3/1\n");
		happens(BUZZ_COMMAND_DETACH, 3);
		assert_string_equal(those("offer"), "");
	}
	assert_int_equal(scene.versions[2], 1);
	assert_int_equal(offered(2), 8);
}

static void test_growth(void **state)
{
	(void)state;
	scene.settings.video_slots = 1;
	scene.settings.slot_step = 4;
	enter(1, "ada", "");
	assert_int_equal(offered(2), 8); /* at least a step more than needed */
	enter(3, "grace", "cam screen cam2");
	enter(5, "mary", "cam");
	assert_int_equal(scene.versions[2], 1);
	publish(5, "cam screen", true);
	assert_string_equal(those("event 2"),
			    "event 2 - {'buzz':'offer','version':2} +offer\n"
			    "event 2 - {'buzz':'slots','slots':["
			    "{'mid':'v0','participant':'grace','stream':'screen'},"
			    "{'mid':'v1','participant':'grace','stream':'cam'},"
			    "{'mid':'v2','participant':'grace','stream':'cam2'},"
			    "{'mid':'v3','participant':'mary','stream':'cam'},"
			    "{'mid':'v4','participant':'mary','stream':'screen'}],'undecodable':[],"
			    "'waiting':[]}\n");
	assert_int_equal(offered(2), 12);
	/* it flows when it is answered; the others flow on */
	assert_string_equal(those("route 2"), "");
	answer(2);
	assert_string_equal(those("route 2"), "route 2/8 <- 5/2\n");
}

static void test_changes_while_an_offer_is_out(void **state)
{
	(void)state;
	scene.settings.video_slots = 1;
	scene.settings.slot_step = 4;
	join(1, "ada", "");
	subscribe(2, "ada");
	join(3, "grace", "cam screen cam2");
	assert_string_equal(
	    those("event 2 - {'buzz':'slots'"),
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
	assert_string_equal(
	    answer(2),
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
	scene.settings.video_slots = 1;
	scene.settings.max_slots = 2;
	enter(1, "ada", "");
	join(3, "grace", "cam screen cam2");
	assert_string_equal(those("event 2"),
			    "event 2 - {'buzz':'slots','slots':["
			    "{'mid':'v0','participant':'grace','stream':'screen'},"
			    "{'mid':'v1','participant':'grace','stream':'cam'}],'undecodable':[],"
			    "'waiting':[{'participant':'grace','stream':'cam2'}]}\n");
	publish(3, "cam cam2", false);
	assert_string_equal(those("event 2"),
			    "event 2 - {'buzz':'slots','slots':["
			    "{'mid':'v0','participant':'grace','stream':'cam2'},"
			    "{'mid':'v1','participant':'grace','stream':'cam'}],'undecodable':[],"
			    "'waiting':[]}\n");
}

static void test_an_unanswered_offer(void **state)
{
	(void)state;
	join(1, "ada", "");
	subscribe(2, "ada");
	g_autofree char *first = g_strdup(scene.offers[2]);
	assert_string_equal(pass(4999, ""), "");
	assert_string_equal(pass(1, ""), "event 2 - {'buzz':'offer','version':1} +offer\n");
	assert_string_equal(scene.offers[2], first);
	assert_string_equal(pass(5000, ""), "event 2 - {'buzz':'offer','version':1} +offer\n");
	assert_string_equal(pass(4999, ""), "");
	assert_string_equal(
	    pass(1, ""), "event 2 - {'buzz':'error','error':'no usable answer came after 3 offers',"
			 "'error_code':444}\n"
			 "close 2\n"
			 "forget 2\n");
	/* only SUB is closed */
	assert_int_equal(buzz_room_count(scene.room), 1);
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
	g_autofree char *first = g_strdup(scene.offers[2]);
	assert_string_equal(
	    answer_with(2, 7, NULL),
	    "event 2 t {'buzz':'error','error':'version: the open offer is 1','error_code':441,"
	    "'field':'version'}\n"
	    "event 2 - {'buzz':'offer','version':1} +offer\n");
	assert_string_equal(scene.offers[2], first);
	assert_string_equal(answer(2), "event 2 t {'buzz':'answered','version':1}\n");
}

static void test_unusable_answers(void **state)
{
	(void)state;
	join(1, "ada", "");
	subscribe(2, "ada");
	g_autofree char *first = g_strdup(scene.offers[2]);
	is_refusal(request(2, "{'request':'answer','version':1}"), 2, BUZZ_ERROR_BAD_SDP, "jsep");
	is_refusal(request_with(2, "{'request':'answer','version':1}", "audio:0", true, "nobody"),
		   2, BUZZ_ERROR_WRONG_STATE, NULL);
	for (int i = 0; i < 2; i++) {
		answer_with(2, 1, "audio:a0!recvonly");
		is_refusal(those("event 2 t"), 2, BUZZ_ERROR_BAD_SDP, "jsep");
		assert_string_equal(those("event 2 -"),
				    "event 2 - {'buzz':'offer','version':1} +offer\n");
		assert_string_equal(scene.offers[2], first);
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
	assert_string_equal(
	    scene.effects->str,
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(test_subscribe_after_join),
	    SCENE(test_subscribe_before_join),
	    SCENE(test_subscribe_without_join),
	    SCENE(test_a_waiting_handle_does_nothing_else),
	    SCENE(test_wrong_seats_and_ids),
	    SCENE(test_a_participant_without_a_link_has_none),
	    SCENE(test_four_subs),
	    SCENE(test_handles_are_used_once),
	    SCENE(test_rtx_and_codecs),
	    SCENE(test_media_flows_when_answered_and_up),
	    SCENE(test_joins_and_leaves_need_no_description),
	    SCENE(test_growth),
	    SCENE(test_changes_while_an_offer_is_out),
	    SCENE(test_beyond_max_slots),
	    SCENE(test_an_unanswered_offer),
	    SCENE(test_an_answer_to_the_offer_sent_again),
	    SCENE(test_stale_answers),
	    SCENE(test_unusable_answers),
	    SCENE(test_an_answer_that_takes_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
