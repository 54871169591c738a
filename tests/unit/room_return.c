/* SPDX-License-Identifier: GPL-3.0-only */
/* Going away and coming back: seats, restarts, sync of docs/protocol.md, sections 4 to 6. */
#include "scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

#define SEAT_MS 20000
#define AWAY(handle) "event " #handle " - {'buzz':'interrupted','participant':'ada','reason':'away'}\n"
#define SILENT(handle) "event " #handle " - {'buzz':'interrupted','participant':'ada','reason':'silent'}\n"
#define RESUMED(handle) "event " #handle " - {'buzz':'resumed','participant':'ada'}\n"

/* Ada with microphone and camera, Grace who sees her; seats are kept. */
static int setup(void **state)
{
	scene_setup(state);
	scene.settings.seat_ms = SEAT_MS;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "");
	return 0;
}

#define RETURN(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

static void test_away(void **state)
{
	(void)state;
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 1), "end 1/0\n"
							     "end 1/1\n"
							     "close 2\n"
							     "forget 2\n"
							     "forget 1\n" AWAY(3) "route 4/0 <- nothing\n"
										   "route 4/4 <- nothing\n");
	/* a newcomer sees her, and her streams have slots */
	join(5, "mary", "");
	assert_non_null(strstr(those("event 5"), "'id':'ada','interrupted':true,'reason':'away','streams':[" MIC "," CAM "]"));
	subscribe(6, "mary");
	assert_non_null(strstr(those("slots"), "{'mid':'a0','participant':'ada','stream':'mic'}"));
	answer(6);
	assert_string_equal(happens(BUZZ_COMMAND_MEDIA_UP, 6), "");
	/* what nobody sends is no reason to time anybody out */
	for (int second = 0; second < 19; second++)
		assert_string_equal(pass(1000, ""), "");
}

static void test_back(void **state)
{
	(void)state;
	happens(BUZZ_COMMAND_DETACH, 1);
	come_back(11, "ada", "ada", "mic cam");
	assert_string_equal(scene.effects->str,
			    "source 11/0 opus 111\n"
			    "source 11/1 vp8 96\n"
			    "event 11 t {'buzz':'joined','ice_servers':[],'id':'ada'," LIMITS
			    ",'participants':[{'display':'grace','id':'grace','interrupted':false,'streams':[]}],"
			    "'room':'maths','seat':'again-seat-0123456789','streams':[" MIC "," CAM
			    "],'tenant':'school.example','v':1} +answer\n" RESUMED(3)
			    "route 4/0 <- 11/0\n"
			    "route 4/4 <- 11/1\n"
			    "keyframe 11/1\n");
	assert_non_null(strstr(subscribe(12, "ada"), "{'buzz':'subscribed','id':'ada'}"));
	/* the old handles are nobody's, the old secrets are void */
	is_refusal(request(1, "{'request':'leave'}"), 1, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(come_back(21, "ada", "ada", "mic"), 21, BUZZ_ERROR_NOT_YOURS, NULL);
	pass(SEAT_MS, "11 12 4");
	assert_string_equal(those("left"), "");
}

static void test_back_while_present(void **state)
{
	(void)state;
	come_back(11, "ada", "ada", "mic cam");
	assert_string_equal(those("1/0"), "end 1/0\nsource 11/0 opus 111\nroute 4/0 <- 11/0\n");
	assert_non_null(strstr(scene.effects->str, "event 1 - {'buzz':'left','participant':'ada','reason':'replaced'}\n"
						   "close 1\n"
						   "forget 1\n"));
	assert_string_equal(those("event 3"), "");
	assert_string_equal(those("event 4"), "");
	assert_string_equal(happens(BUZZ_COMMAND_DETACH, 1), "");
	assert_string_equal(happens(BUZZ_COMMAND_HANGUP, 2), "");
}

static void test_back_from_an_interruption(void **state)
{
	(void)state;
	pass(3000, "4");
	come_back(11, "ada", "ada", "mic cam");
	assert_string_equal(those("event 3"), RESUMED(3));
}

static void test_back_with_other_streams(void **state)
{
	(void)state;
	happens(BUZZ_COMMAND_DETACH, 1);
	come_back(11, "ada", "ada", "mic screen");
	assert_string_equal(those("event 3"),
			    "event 3 - {'buzz':'streams','participant':'ada','streams':[" MIC
			    ",{'codec':'vp8','kind':'screen','mid':'2','muted':false,'simulcast':false,'stream':'screen',"
			    "'title':'Homework'}]}\n" RESUMED(3));
	assert_string_equal(those("event 4"),
			    "event 4 - {'buzz':'slots','slots':[{'mid':'a0','participant':'ada','stream':'mic'},"
			    "{'mid':'v0','participant':'ada','stream':'screen'}],'undecodable':[],'waiting':[]}\n");
	assert_string_equal(those("route"), "route 4/0 <- 11/0\nroute 4/4 <- 11/2\n");
	/* and as a viewer */
	happens(BUZZ_COMMAND_DETACH, 11);
	come_back(13, "ada", "again", "");
	assert_non_null(strstr(those("event 3"), "'streams':[]"));
	assert_string_equal(those("event 4"), "event 4 - {'buzz':'slots'," EMPTY "}\n");
}

static void test_only_with_the_right_seat(void **state)
{
	(void)state;
	g_autofree char *before = snapshot();
	is_refusal(come_back(11, "ada", "grace", "mic"), 11, BUZZ_ERROR_NOT_YOURS, NULL);
	is_refusal(come_back(11, "ada", "", "mic"), 11, BUZZ_ERROR_NOT_YOURS, NULL);
	is_refusal(come_back(11, "ada", "ada-seat-0123456789", "mic"), 11, BUZZ_ERROR_NOT_YOURS, NULL);
	g_autofree char *after = snapshot();
	assert_string_equal(before, after);
	happens(BUZZ_COMMAND_DETACH, 1);
	is_refusal(come_back(11, "ada", "grace", "mic"), 11, BUZZ_ERROR_NOT_YOURS, NULL);
	/* whoever is not in any more joins as somebody new */
	join(5, "mary", "");
	request(5, "{'request':'leave'}");
	assert_non_null(strstr(come_back(15, "mary", "mary", ""), "'id':'again'"));
}

static void test_a_refused_return_changes_nothing(void **state)
{
	(void)state;
	g_autofree char *before = snapshot();
	is_refusal(request(11, "{'request':'join'," ROOM ",'display':'ada','id':'ada','seat':'ada-seat-0123456789',"
			       "'streams':[{'stream':'mic','kind':'microphone','mid':'0'}]}"),
		   11, BUZZ_ERROR_BAD_SDP, "jsep");
	is_refusal(come_back(11, "ada", "ada", "mic cam screen sound cam2"), 11, BUZZ_ERROR_TOO_MANY_STREAMS,
		   "streams");
	g_autofree char *after = snapshot();
	assert_string_equal(before, after);
}

static void test_the_seat_expires(void **state)
{
	(void)state;
	happens(BUZZ_COMMAND_DETACH, 1);
	assert_string_equal(pass(SEAT_MS - 1, ""), "");
	assert_string_equal(pass(1, ""), "event 3 - {'buzz':'left','participant':'ada','reason':'gone'}\n"
					 "event 4 - {'buzz':'slots'," EMPTY "}\n");
	assert_non_null(strstr(come_back(11, "ada", "ada", "mic"), "'id':'again'"));
}

static void test_hangup_leads_away_too(void **state)
{
	(void)state;
	assert_string_equal(happens(BUZZ_COMMAND_HANGUP, 1), "");
	assert_string_equal(pass(BUZZ_HANGUP_MS - 1, "4"), "");
	pass(1, "4");
	assert_string_equal(those("event"), AWAY(3));
	assert_string_equal(those("forget"), "forget 2\nforget 1\n");
	pass(SEAT_MS, "4");
	assert_string_equal(those("event 3"), "event 3 - {'buzz':'left','participant':'ada','reason':'hangup'}\n");
}

static void test_interrupted_then_away(void **state)
{
	(void)state;
	assert_string_equal(pass(3000, "4"), SILENT(1) SILENT(3));
	happens(BUZZ_COMMAND_DETACH, 1);
	assert_string_equal(those("event"), AWAY(3));
}

/* The event may have been lost with the WebSocket. */
static void test_sync_says_that_one_is_not_heard(void **state)
{
	(void)state;
	pass(3000, "4");
	request(1, "{'request':'sync'}");
	const char *told = those("event 1");
	assert_non_null(strstr(told, "'buzz':'synced'"));
	assert_string_equal(strchr(told, '\n') + 1, SILENT(1));
	pass(100, "1 4");
	request(1, "{'request':'sync'}");
	assert_null(strstr(those("event 1"), "silent"));
}

static void test_leave_and_timeout_keep_no_seat(void **state)
{
	(void)state;
	request(1, "{'request':'leave'}");
	assert_non_null(strstr(come_back(11, "ada", "ada", "mic"), "'id':'again'"));
	happens(BUZZ_COMMAND_MEDIA_UP, 11);
	pass(15000, "4");
	assert_non_null(strstr(those("event 3"), "'left','participant':'again','reason':'timeout'"));
	assert_int_equal(buzz_room_count(scene.room), 1);
}

static void test_away_keeps_its_place(void **state)
{
	(void)state;
	join(5, "mary", "");
	happens(BUZZ_COMMAND_DETACH, 1);
	is_refusal(join(7, "edsger", ""), 7, BUZZ_ERROR_ROOM_FULL, NULL);
	is_refusal(request(9, "{'request':'subscribe'," ROOM ",'id':'ada','seat':'ada-seat-0123456789'}"), 9,
		   BUZZ_ERROR_WRONG_STATE, NULL);
	/* the link of the join that is over ties nothing any more: it waits for the next */
	assert_string_equal(subscribe(12, "ada"), "");
	come_back(11, "ada", "ada", "");
	assert_non_null(strstr(those("event 12"), "{'buzz':'subscribed','id':'ada'}"));
	/* in the order of joining */
	g_autofree char *synced = g_strdup(request(3, "{'request':'sync'}"));
	assert_true(strstr(synced, "'id':'ada'") < strstr(synced, "'id':'mary'"));
}

static void test_nothing_is_relayed_to_who_is_away(void **state)
{
	(void)state;
	happens(BUZZ_COMMAND_DETACH, 1);
	assert_string_equal(request(3, "{'request':'broadcast','event':'hand'}"), "event 3 t {'buzz':'relayed','reached':0}\n");
	assert_string_equal(request(3, "{'request':'direct','to':'ada','event':'hand'}"),
			    "event 3 t {'buzz':'relayed','reached':0}\n");
	come_back(11, "ada", "ada", "");
	request(3, "{'request':'direct','to':'ada','event':'hand'}");
	assert_non_null(strstr(those("event 11"), "'buzz':'relay'"));
}

/* A SUB for one participant stays while that one is away, and ends when it has left. */
static void test_a_sub_for_who_is_away(void **state)
{
	(void)state;
	request(14, "{'request':'subscribe'," ROOM ",'id':'grace','seat':'grace-seat-0123456789','from':'ada'}");
	answer(14);
	assert_string_equal(happens(BUZZ_COMMAND_MEDIA_UP, 14), "route 14/0 <- 1/0\nroute 14/2 <- 1/1\nkeyframe 1/1\n");
	happens(BUZZ_COMMAND_DETACH, 1);
	assert_string_equal(those("14"), "route 14/0 <- nothing\nroute 14/2 <- nothing\n");
	come_back(11, "ada", "ada", "mic cam");
	assert_string_equal(those("14/"), "route 14/0 <- 11/0\nroute 14/2 <- 11/1\n");
	happens(BUZZ_COMMAND_DETACH, 11);
	pass(SEAT_MS, "");
	assert_string_equal(those(" 14"), "event 14 - {'buzz':'ended','participant':'ada','reason':'gone'}\n"
					  "close 14\n"
					  "forget 14\n");
}

static void test_everyone_away_is_not_over(void **state)
{
	(void)state;
	happens(BUZZ_COMMAND_DETACH, 3);
	happens(BUZZ_COMMAND_DETACH, 1);
	assert_false(buzz_room_is_over(scene.room, scene.now_ms + 1000000));
	pass(SEAT_MS, "");
	assert_int_equal(buzz_room_count(scene.room), 0);
	assert_true(buzz_room_is_over(scene.room, scene.now_ms + scene.settings.linger_ms));
}

static void test_restart(void **state)
{
	(void)state;
	assert_string_equal(request(4, "{'request':'restart'}"), "event 4 t {'buzz':'restarting'}\n"
								 "event 4 - {'buzz':'offer','version':2} +restart\n");
	/* sent again it is the same offer */
	assert_string_equal(pass(5000, "1 2 4"), "event 4 - {'buzz':'offer','version':2} +offer\n");
	assert_string_equal(answer(4), "event 4 t {'buzz':'answered','version':2}\n");
	is_refusal(request(3, "{'request':'restart'}"), 3, BUZZ_ERROR_WRONG_STATE, NULL);
	is_refusal(request(9, "{'request':'restart'}"), 9, BUZZ_ERROR_WRONG_STATE, NULL);
}

/* Once, when something has come over the new path. */
static void test_pictures_begin_anew_after_a_restart(void **state)
{
	(void)state;
	assert_string_equal(pass(100, "1 2 4"), "");
	request(4, "{'request':'restart'}");
	assert_string_equal(pass(100, "1 2 4"), ""); /* the old path */
	answer(4);
	assert_string_equal(pass(100, "1 2"), "");
	assert_string_equal(pass(100, "1 2 4"), "keyframe 1/1\n");
	assert_string_equal(pass(100, "1 2 4"), "");
}

static void test_restart_while_an_offer_is_out(void **state)
{
	(void)state;
	request(4, "{'request':'restart'}");
	assert_string_equal(request(4, "{'request':'restart'}"), "event 4 t {'buzz':'restarting'}\n");
	assert_string_equal(answer(4), "event 4 t {'buzz':'answered','version':2}\n"
				       "event 4 - {'buzz':'offer','version':3} +restart\n");
	assert_string_equal(answer(4), "event 4 t {'buzz':'answered','version':3}\n");
}

static void test_sync(void **state)
{
	(void)state;
	assert_string_equal(
		request(3, "{'request':'sync'}"),
		"event 3 t {'buzz':'synced','ice_servers':[],'id':'grace'," LIMITS ",'next_seq':0,'participants':[{'display':'ada','id':'ada',"
		"'interrupted':false,'streams':[" MIC "," CAM "]}],'room':'maths','seat':'grace-seat-0123456789','streams':[],"
		"'tenant':'school.example','v':1}\n");
	const char *slots = "event 4 - {'buzz':'slots','slots':[{'mid':'a0','participant':'ada','stream':'mic'},"
			    "{'mid':'v0','participant':'ada','stream':'cam'}],'undecodable':[],'waiting':[]}\n";
	g_autofree char *stable = g_strdup_printf("event 4 t {'buzz':'synced','id':'grace','next_seq':0}\n%s", slots);
	assert_string_equal(request(4, "{'request':'sync'}"), stable);
	request(4, "{'request':'restart'}");
	g_autofree char *open = g_strdup_printf("event 4 t {'buzz':'synced','id':'grace','next_seq':0}\n"
						"event 4 - {'buzz':'offer','version':2} +offer\n%s",
						slots);
	for (int i = 0; i < 10; i++) /* it is not given up for being asked for */
		assert_string_equal(request(4, "{'request':'sync'}"), open);
	assert_string_equal(answer(4), "event 4 t {'buzz':'answered','version':2}\n");
	is_refusal(request(9, "{'request':'sync'}"), 9, BUZZ_ERROR_WRONG_STATE, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RETURN(test_away),
		RETURN(test_back),
		RETURN(test_back_while_present),
		RETURN(test_back_from_an_interruption),
		RETURN(test_back_with_other_streams),
		RETURN(test_only_with_the_right_seat),
		RETURN(test_a_refused_return_changes_nothing),
		RETURN(test_the_seat_expires),
		RETURN(test_hangup_leads_away_too),
		RETURN(test_interrupted_then_away),
		RETURN(test_sync_says_that_one_is_not_heard),
		RETURN(test_leave_and_timeout_keep_no_seat),
		RETURN(test_away_keeps_its_place),
		RETURN(test_nothing_is_relayed_to_who_is_away),
		RETURN(test_a_sub_for_who_is_away),
		RETURN(test_everyone_away_is_not_over),
		RETURN(test_restart),
		RETURN(test_pictures_begin_anew_after_a_restart),
		RETURN(test_restart_while_an_offer_is_out),
		RETURN(test_sync),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
