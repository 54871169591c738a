/* SPDX-License-Identifier: GPL-3.0-only */
/* Who is still there: interrupted, resumed and timeout of docs/protocol.md, section 5. */
#include "scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

#define SILENT(handle)                                                                             \
	"event " #handle " - {'buzz':'interrupted','participant':'ada','reason':'silent'}\n"
#define RESUMED(handle) "event " #handle " - {'buzz':'resumed','participant':'ada'}\n"
/* whom it is about is told too */
#define BOTH_SILENT SILENT(1) SILENT(3)
#define BOTH_RESUMED RESUMED(1) RESUMED(3)

/* --- 5. Who is still there
 * ---------------------------------------------------------------------------------------- */

static void test_interrupted_with_video(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "");
	assert_string_equal(pass(2999, "4"), "");
	assert_string_equal(pass(1, "4"), BOTH_SILENT);
	assert_string_equal(pass(1000, "4"), "");
	/* a newcomer learns of it */
	assert_non_null(strstr(join(5, "mary", ""), "'id':'ada','interrupted':true"));
	assert_string_equal(pass(1000, "1 4"),
			    BOTH_RESUMED RESUMED(5) "keyframe 1/1\n");
}

/* A camera that is off sends none. */
static void test_pictures_begin_anew_after_an_interruption(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam cam2* screen");
	enter(3, "grace", "");
	pass(3000, "4");
	assert_string_equal(pass(100, "1 4"), BOTH_RESUMED "keyframe 1/1\nkeyframe 1/2\n");
	assert_string_equal(pass(100, "1 4"), "");
}

static void test_interrupted_with_audio_only(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	assert_string_equal(pass(5999, "4"), "");
	assert_string_equal(pass(1, "4"), BOTH_SILENT);
}

static void test_sub_alone_does_not_publish(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "mic");
	/* Ada's SUB is heard, her PUB is not: interrupted, but there */
	for (int second = 1; second <= 30; second++) {
		pass(1000, "2 3 4");
		assert_string_equal(
		    scene.effects->str,
		    second == 3 ? BOTH_SILENT : "");
	}
	assert_int_equal(buzz_room_count(scene.room), 2);
}

static void test_who_publishes_nothing_is_not_interrupted(void **state)
{
	(void)state;
	enter(1, "ada", "cam");
	enter(3, "grace", "");
	pass(3000, "4");
	publish(1, "", false);
	assert_string_equal(pass(1000, "4"), BOTH_RESUMED);
	assert_string_equal(pass(100000, ""), "");
	/* the clock starts with the next stream */
	publish(1, "cam", true);
	assert_string_equal(pass(2999, "4"), "");
	assert_string_equal(pass(1, "4"), BOTH_SILENT);
}

static void test_pub_that_is_not_up(void **state)
{
	(void)state;
	join(1, "ada", "cam");
	enter(3, "grace", "");
	assert_string_equal(pass(10000, "4"), "");
	happens(BUZZ_COMMAND_MEDIA_UP, 1);
	assert_string_equal(pass(2999, "4"), "");
	assert_string_equal(pass(1, "4"), BOTH_SILENT);
}

/* Sound that flowed and stopped is missed sooner. */
static void test_quiet_after_steady_sound(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	for (int tenth = 0; tenth < 25; tenth++)
		pass(100, "1a 4");
	assert_string_equal(pass(799, "4"), "");
	assert_string_equal(pass(1, "4"), BOTH_SILENT);
	assert_string_equal(pass(5000, "4"), "");
	assert_string_equal(pass(100, "1a 4"), BOTH_RESUMED);
	/* a packet or a report now and then is as good as it ever was */
	assert_string_equal(pass(2000, "1 4"), "");
	assert_string_equal(pass(5999, "4"), "");
	assert_string_equal(pass(1, "4"), BOTH_SILENT);
}

static void test_quiet_after_a_steady_camera(void **state)
{
	(void)state;
	enter(1, "ada", "cam");
	enter(3, "grace", "");
	for (int tenth = 0; tenth < 25; tenth++)
		pass(100, "1v 4");
	assert_string_equal(pass(800, "4"), BOTH_SILENT);
	pass(100, "1v 4");
	/* it is turned off: its packets stop, reports go on */
	for (int tenth = 0; tenth < 25; tenth++)
		pass(100, "1v 4");
	publish(1, "cam*", false);
	assert_string_equal(pass(1400, "4"), "");
	assert_string_equal(pass(1400, "1 4"), "");
}

/* A screen may stand still. */
static void test_a_screen_is_not_missed_sooner(void **state)
{
	(void)state;
	enter(1, "ada", "cam screen");
	enter(3, "grace", "");
	for (int tenth = 0; tenth < 25; tenth++)
		pass(100, "1v 4");
	assert_string_equal(pass(2999, "4"), "");
	assert_string_equal(pass(1, "4"), BOTH_SILENT);
}

static void test_timeout_of_a_publisher(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "");
	pass(3000, "4");
	assert_string_equal(pass(11999, "4"), "");
	assert_string_equal(pass(1, "4"),
			    "end 1/0\n"
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
	assert_string_equal(those("event 1"),
			    "event 1 - {'buzz':'left','participant':'grace','reason':'timeout'}\n");
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
	assert_int_equal(buzz_room_count(scene.room), 3);
	/* the clock of the one who listens starts when there is something to hear */
	publish(1, "mic", false);
	assert_string_equal(pass(14999, "1"), "");
	pass(1, "1");
	assert_string_equal(those("event 1"),
			    "event 1 - {'buzz':'left','participant':'grace','reason':'timeout'}\n");
	assert_true(buzz_room_has_id(scene.room, "mary"));
}

static void test_nothing_is_expected_of_whom_nothing_reaches(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	/* Ada is silent on PUB, so there is nothing that Grace could acknowledge */
	for (int second = 0; second < 60; second++)
		pass(1000, "2");
	assert_int_equal(buzz_room_count(scene.room), 2);
	request(1, "{'request':'leave'}");
	/* nor when her connection does not come up */
	join(5, "mary", "mic");
	assert_string_equal(those("route"), "route 4/0 <- 5/0\n");
	for (int second = 0; second < 60; second++)
		pass(1000, "");
	assert_int_equal(buzz_room_count(scene.room), 2);
}

static void test_everyone_times_out_at_once(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "mic");
	enter(5, "mary", "mic");
	pass(15000, "");
	assert_int_equal(buzz_room_count(scene.room), 0);
	assert_string_equal(those("event 5"),
			    "event 5 - {'buzz':'left','participant':'ada','reason':'timeout'}\n"
			    "event 5 - {'buzz':'left','participant':'grace','reason':'timeout'}\n"
			    "event 5 - {'buzz':'left','participant':'mary','reason':'timeout'}\n");
	assert_string_equal(those("event 1"),
			    "event 1 - {'buzz':'left','participant':'ada','reason':'timeout'}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(test_interrupted_with_video),
	    SCENE(test_pictures_begin_anew_after_an_interruption),
	    SCENE(test_interrupted_with_audio_only),
	    SCENE(test_sub_alone_does_not_publish),
	    SCENE(test_who_publishes_nothing_is_not_interrupted),
	    SCENE(test_pub_that_is_not_up),
	    SCENE(test_quiet_after_steady_sound),
	    SCENE(test_quiet_after_a_steady_camera),
	    SCENE(test_a_screen_is_not_missed_sooner),
	    SCENE(test_timeout_of_a_publisher),
	    SCENE(test_timeout_of_a_viewer),
	    SCENE(test_idle_viewers_stay),
	    SCENE(test_nothing_is_expected_of_whom_nothing_reaches),
	    SCENE(test_everyone_times_out_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
