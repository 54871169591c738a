/* SPDX-License-Identifier: GPL-3.0-only */
/* SUBs for a single participant, sentence by sentence of docs/protocol.md, section 4. */
#include "scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

static const char *subscribe_from(uint64_t handle, const char *name, const char *from)
{
	g_autofree char *json = g_strdup_printf(
	    "{'request':'subscribe'," ROOM ",'id':'%s','seat':'%s-seat-0123456789','from':'%s'}", name,
	    name, from);
	return request(handle, json);
}

/* A SUB that is answered and up. */
static void watch(uint64_t handle, const char *name, const char *from)
{
	subscribe_from(handle, name, from);
	answer(handle);
	happens(BUZZ_COMMAND_MEDIA_UP, handle);
}

static void test_only_that_participants_streams(void **state)
{
	(void)state;
	enter(1, "ada", "mic cam");
	enter(3, "grace", "mic cam");
	join(5, "mary", "");
	assert_string_equal(
	    subscribe_from(10, "mary", "grace"),
	    "event 10 t {'buzz':'subscribed','from':'grace','id':'mary'}\n"
	    "event 10 - {'buzz':'offer','version':1} +offer\n"
	    "event 10 - {'buzz':'slots','slots':[{'mid':'a0','participant':'grace','stream':'mic'},"
	    "{'mid':'v0','participant':'grace','stream':'cam'}],'undecodable':[],'waiting':[]}\n");
	assert_int_equal(offered(10), 4); /* two of each: what is needed and one to spare */
	answer(10);
	assert_string_equal(happens(BUZZ_COMMAND_MEDIA_UP, 10),
			    "route 10/0 <- 3/0\nroute 10/2 <- 3/1\nkeyframe 3/1\n");
	/* what others do is nothing to it */
	publish(1, "mic", false);
	assert_string_equal(those(" 10"), "");
	publish(3, "mic", false);
	assert_non_null(strstr(those("event 10"), "'slots':[{'mid':'a0'"));
}

static void test_at_least_one_to_spare(void **state)
{
	(void)state;
	join(1, "ada", "mic cam screen");
	join(3, "grace", "");
	subscribe_from(10, "grace", "ada");
	assert_int_equal(offered(10), 2 + 3);
	scene.settings.peer_audio_slots = scene.settings.peer_video_slots = 4;
	subscribe_from(11, "ada", "grace");
	assert_int_equal(offered(11), 8);
}

static void test_it_grows_alone(void **state)
{
	(void)state;
	join(1, "ada", "mic cam screen");
	enter(3, "grace", "");
	watch(10, "grace", "ada");
	publish(1, "mic cam screen cam2", true);
	assert_string_equal(those("offer"), ""); /* one was to spare */
	assert_non_null(strstr(those("event 10"), "'stream':'cam2'"));
	assert_int_equal(scene.versions[10], 1);
}

static void test_it_ends_with_its_participant(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	enter(3, "grace", "");
	join(5, "mary", "");
	watch(10, "mary", "ada");
	watch(11, "mary", "grace");
	watch(12, "grace", "ada");
	request(1, "{'request':'leave'}");
	assert_string_equal(those(" 10"),
			    "event 10 - {'buzz':'ended','participant':'ada','reason':'leave'}\n"
			    "close 10\n"
			    "forget 10\n");
	assert_string_equal(those(" 12"),
			    "event 12 - {'buzz':'ended','participant':'ada','reason':'leave'}\n"
			    "close 12\n"
			    "forget 12\n");
	assert_string_equal(those(" 11"), "");
	assert_non_null(strstr(those("event 4"), "'slots'")); /* the other topology goes on */
	is_refusal(subscribe_from(13, "mary", "ada"), 13, BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL);
}

static void test_the_reason_is_told(void **state)
{
	(void)state;
	enter(1, "ada", "mic");
	join(3, "grace", "");
	watch(10, "grace", "ada");
	happens(BUZZ_COMMAND_DETACH, 1);
	assert_non_null(strstr(those("event 10"), "'reason':'gone'"));
}

static void test_refusals(void **state)
{
	(void)state;
	join(1, "ada", "");
	join(3, "grace", "");
	is_refusal(subscribe_from(10, "ada", "nobody"), 10, BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL);
	is_refusal(subscribe_from(10, "ada", "ada"), 10, BUZZ_ERROR_BAD_FIELD, "from");
	watch(10, "ada", "grace");
	is_refusal(subscribe_from(11, "ada", "grace"), 11, BUZZ_ERROR_WRONG_STATE, NULL);
	/* when it has ended there may be another one */
	happens(BUZZ_COMMAND_DETACH, 10);
	subscribe_from(11, "ada", "grace");
	assert_non_null(strstr(scene.effects->str, "'subscribed'"));
}

static void test_it_may_come_before_its_join(void **state)
{
	(void)state;
	join(1, "ada", "mic");
	assert_string_equal(request(4, "{'request':'subscribe'," ROOM
				       ",'link':'grace-link-0123456789','from':'ada'}"),
			    "");
	assert_string_equal(request(6, "{'request':'subscribe'," ROOM
				       ",'link':'grace-link-0123456789','from':'nobody'}"),
			    "");
	join(3, "grace", "");
	assert_non_null(strstr(those("event 4 t"), "{'buzz':'subscribed','from':'ada','id':'grace'}"));
	assert_non_null(strstr(those("event 6 t"), "'error_code':442"));
	assert_string_equal(those("forget"), "forget 6\n");
}

static void test_as_many_as_participants(void **state)
{
	(void)state;
	scene.settings.max_participants = 20;
	join(1, "viewer", "");
	for (uint64_t i = 2; i <= 20; i++) {
		g_autofree char *name = g_strdup_printf("p%d", (int)i);
		join(i, name, "");
		watch(20 + i, "viewer", name);
	}
	/* and four for everybody beside them */
	for (uint64_t i = 0; i < 4; i++)
		assert_non_null(strstr(subscribe(50 + i, "viewer"), "'subscribed'"));
	is_refusal(subscribe(54, "viewer"), 54, BUZZ_ERROR_WRONG_STATE, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(test_only_that_participants_streams),
	    SCENE(test_at_least_one_to_spare),
	    SCENE(test_it_grows_alone),
	    SCENE(test_it_ends_with_its_participant),
	    SCENE(test_the_reason_is_told),
	    SCENE(test_refusals),
	    SCENE(test_it_may_come_before_its_join),
	    SCENE(test_as_many_as_participants),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
