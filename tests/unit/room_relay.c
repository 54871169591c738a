/* SPDX-License-Identifier: GPL-3.0-only */
/* Messages between participants, sentence by sentence of docs/protocol.md, section 7; and what clients are told of STUN
 * and TURN when they join. */
#include "scene.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

#define RELAY(how, event, data)                                                                    \
	"{'buzz':'relay','data':" data ",'event':'" event "','from':'ada','how':'" how "'}\n"

static void three(void)
{
	enter(1, "ada", "");
	enter(3, "grace", "");
	enter(5, "mary", "");
}

static void test_broadcast_reaches_everyone_else(void **state)
{
	(void)state;
	three();
	assert_string_equal(request(1, "{'request':'broadcast','event':'hand','data':{'up':true}}"),
			    "event 3 - " RELAY("broadcast", "hand", "{'up':true}")
			    "event 5 - " RELAY("broadcast", "hand", "{'up':true}")
			    "event 1 t {'buzz':'relayed','reached':2}\n");
}

static void test_all_reaches_the_sender_too(void **state)
{
	(void)state;
	three();
	assert_string_equal(request(1, "{'request':'all','event':'a.b:c-d_E9','data':[1,'x',null]}"),
			    "event 1 - " RELAY("all", "a.b:c-d_E9", "[1,'x',null]")
			    "event 3 - " RELAY("all", "a.b:c-d_E9", "[1,'x',null]")
			    "event 5 - " RELAY("all", "a.b:c-d_E9", "[1,'x',null]")
			    "event 1 t {'buzz':'relayed','reached':3}\n");
}

static void test_direct_reaches_one(void **state)
{
	(void)state;
	three();
	assert_string_equal(request(1, "{'request':'direct','to':'mary','event':'psst'}"),
			    "event 5 - " RELAY("direct", "psst", "null")
			    "event 1 t {'buzz':'relayed','reached':1}\n");
	assert_string_equal(request(1, "{'request':'direct','to':'ada','event':'note','data':7}"),
			    "event 1 - " RELAY("direct", "note", "7")
			    "event 1 t {'buzz':'relayed','reached':1}\n");
}

static void test_direct_to_someone_gone(void **state)
{
	(void)state;
	three();
	is_refusal(request(1, "{'request':'direct','to':'nobody','event':'x'}"), 1,
		   BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL);
	happens(BUZZ_COMMAND_DETACH, 5);
	is_refusal(request(1, "{'request':'direct','to':'mary','event':'x'}"), 1,
		   BUZZ_ERROR_NO_SUCH_PARTICIPANT, NULL);
}

static void test_what_is_forged_arrives_wrapped(void **state)
{
	(void)state;
	three();
	assert_string_equal(
	    request(1, "{'request':'direct','to':'grace','event':'joined','from':'mary','how':'all',"
		       "'buzz':'left','data':{'buzz':'left','participant':'mary','from':'mary'}}"),
	    "event 3 - " RELAY("direct", "joined",
			       "{'buzz':'left','from':'mary','participant':'mary'}")
	    "event 1 t {'buzz':'relayed','reached':1}\n");
}

static void test_only_on_pub(void **state)
{
	(void)state;
	three();
	is_refusal(request(2, "{'request':'broadcast','event':'x'}"), 2, BUZZ_ERROR_WRONG_STATE,
		   NULL);
	is_refusal(request(9, "{'request':'broadcast','event':'x'}"), 9, BUZZ_ERROR_WRONG_STATE,
		   NULL);
	assert_string_equal(message(2, "{'request':'broadcast','event':'x'}"),
			    "data 2 {'buzz':'error','error_code':440,'error':'not a request for "
			    "SUB'}\n");
	assert_string_equal(message(9, "{'request':'broadcast','event':'x'}"), "");
}

static void test_what_is_not_allowed(void **state)
{
	(void)state;
	three();
	static const char *const requests[] = {"{'request':'broadcast','event':'x'}",
					       "{'request':'all','event':'x'}",
					       "{'request':'direct','to':'mary','event':'x'}"};
	uint32_t *const allowed[] = {&scene.settings.relay_broadcast, &scene.settings.relay_all,
				     &scene.settings.relay_direct};
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		*allowed[i] = 0;
		for (size_t j = 0; j < G_N_ELEMENTS(requests); j++) {
			request(1, requests[j]);
			if (i == j)
				is_refusal(scene.effects->str, 1, BUZZ_ERROR_NOT_ALLOWED, NULL);
			else
				assert_non_null(strstr(scene.effects->str, "'relayed'"));
		}
		/* a data channel is no way round it */
		const char *answer = message(1, requests[i]);
		assert_non_null(strstr(answer, "data 1 {'buzz':'error','error_code':456"));
		assert_null(strstr(answer, "'relay'"));
		*allowed[i] = 1;
	}
}

/* A request with data of so many bytes. */
static char *sized(const char *start, size_t bytes)
{
	g_autofree char *text = g_strnfill(bytes - 2, 'x');
	return g_strdup_printf("{%s,'event':'x','data':'%s'}", start, text);
}

static void test_sizes(void **state)
{
	(void)state;
	three();
	scene.settings.relay_max_bytes = 100;
	scene.settings.relay_max_channel_bytes = 200;
	g_autofree char *hundred = sized("'request':'broadcast'", 100);
	g_autofree char *over = sized("'request':'broadcast'", 101);
	g_autofree char *most = sized("'id':'m','request':'broadcast'", 200);
	g_autofree char *beyond = sized("'id':'m','request':'broadcast'", 201);
	assert_non_null(strstr(request(1, hundred), "'reached':2"));
	is_refusal(request(1, over), 1, BUZZ_ERROR_TOO_LARGE, NULL);
	happens(BUZZ_COMMAND_CHANNEL_READY, 3);
	message(1, most);
	assert_non_null(strstr(those("data 3"), "'relay'"));
	assert_string_equal(those("5"), ""); /* too large for signalling: dropped, and not counted */
	assert_string_equal(those("data 1"), "data 1 {'buzz':'relayed','reached':1,'id':'m'}\n");
	assert_string_equal(message(1, beyond),
			    "data 1 {'buzz':'error','error_code':454,'error':'data has 201 bytes, "
			    "more than 200','id':'m'}\n");
}

static void test_rate(void **state)
{
	(void)state;
	three();
	scene.settings.relay_rate = 10;
	scene.settings.relay_burst = 20;
	scene.now_ms += 60000;
	int reached = 0;
	for (int i = 0; i < 1000; i++) {
		request(1, "{'request':'direct','to':'grace','event':'x'}");
		if (strstr(scene.effects->str, "'relayed'"))
			reached++;
		else
			is_refusal(scene.effects->str, 1, BUZZ_ERROR_TOO_FAST, NULL);
	}
	assert_int_equal(reached, 20);
	/* others have an allowance of their own */
	assert_non_null(strstr(request(3, "{'request':'broadcast','event':'x'}"), "'reached':2"));
	scene.now_ms += 100;
	assert_non_null(strstr(request(1, "{'request':'broadcast','event':'x'}"), "'reached':2"));
	is_refusal(request(1, "{'request':'broadcast','event':'x'}"), 1, BUZZ_ERROR_TOO_FAST, NULL);
}

static void test_a_reader_has_an_allowance(void **state)
{
	(void)state;
	three();
	scene.settings.relay_receive = 16384;
	scene.settings.relay_rate = scene.settings.relay_burst = 10000;
	scene.now_ms += 60000;
	g_autofree char *large = sized("'id':'m','request':'direct','to':'grace'", 16000);
	/* four seconds' worth are 65536 bytes, and each costs 256 more than its data */
	happens(BUZZ_COMMAND_CHANNEL_READY, 3);
	happens(BUZZ_COMMAND_CHANNEL_READY, 1);
	for (int i = 0; i < 4; i++) {
		message(1, large);
		assert_non_null(strstr(those("data 1"), "'reached':1"));
	}
	assert_string_equal(message(1, large), "data 1 {'buzz':'relayed','reached':0,'id':'m'}\n");
	/* what it was sent has gone: it may get as much again */
	happens(BUZZ_COMMAND_CHANNEL_READY, 3);
	assert_non_null(strstr(message(1, large), "'reached':1"));
	/* mary has her own */
	assert_non_null(strstr(request(1, "{'request':'direct','to':'mary','event':'x'}"),
			       "'reached':1"));
}

static void test_a_flooder_is_not_answered_for_ever(void **state)
{
	(void)state;
	three();
	scene.settings.relay_receive = 16384;
	scene.now_ms += 60000;
	int answers = 0;
	for (int i = 0; i < 10000; i++)
		answers += *message(1, "{'id':'f','request':'direct','to':'nobody','event':'x'}") != '\0';
	assert_in_range(answers, 100, 256);
}

static void test_channel_to_channel_and_to_signalling(void **state)
{
	(void)state;
	three();
	assert_string_equal(happens(BUZZ_COMMAND_CHANNEL_READY, 1), "event 1 - {'buzz':'channel'}\n");
	assert_string_equal(happens(BUZZ_COMMAND_CHANNEL_READY, 1), "");
	happens(BUZZ_COMMAND_CHANNEL_READY, 5);
	assert_string_equal(
	    message(1, "{'request':'all','event':'x','data':[1]}"),
	    "data 1 {'buzz':'relay','from':'ada','how':'all','event':'x','data':[1]}\n"
	    "event 3 - " RELAY("all", "x", "[1]")
	    "data 5 {'buzz':'relay','from':'ada','how':'all','event':'x','data':[1]}\n");
	/* signalling stays on signalling */
	assert_string_equal(request(1, "{'request':'direct','to':'mary','event':'x'}"),
			    "event 5 - " RELAY("direct", "x", "null")
			    "event 1 t {'buzz':'relayed','reached':1}\n");
}

static void test_channel_after_its_connection(void **state)
{
	(void)state;
	three();
	happens(BUZZ_COMMAND_CHANNEL_READY, 3);
	happens(BUZZ_COMMAND_HANGUP, 3);
	assert_string_equal(happens(BUZZ_COMMAND_CHANNEL_READY, 3), "");
	happens(BUZZ_COMMAND_CHANNEL_READY, 1);
	assert_string_equal(message(1, "{'request':'broadcast','event':'x'}"),
			    "event 3 - " RELAY("broadcast", "x", "null")
			    "event 5 - " RELAY("broadcast", "x", "null"));
}

static void test_errors_on_the_channel(void **state)
{
	(void)state;
	three();
	static const struct {
		const char *text, *answer;
	} rows[] = {
	    {"", "{'buzz':'error','error_code':430,'error':'a message must be the JSON text of a "
		 "request'}"},
	    {"[1,2", "{'buzz':'error','error_code':430,'error':'a message must be the JSON text of a "
		     "request'}"},
	    {"[]", "{'buzz':'error','error_code':430,'error':'the body must be an object'}"},
	    {"{'id':'i7','request':'leave'}",
	     "{'buzz':'error','error_code':430,'error':'request: must be one of broadcast, all, "
	     "direct on a data channel','field':'request','id':'i7'}"},
	    {"{'id':'i7','request':'direct','event':'x'}",
	     "{'buzz':'error','error_code':431,'error':'to: is missing','field':'to','id':'i7'}"},
	    {"{'id':'i 7','request':'all','event':'x'}",
	     "{'buzz':'error','error_code':432,'error':'id: must be 1 to 64 characters of A-Z a-z "
	     "0-9 - _','field':'id'}"},
	    {"{'id':'i7','request':'direct','to':'nobody','event':'x'}",
	     "{'buzz':'error','error_code':442,'error':'nobody here has this id','id':'i7'}"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *answer = g_strdup_printf("data 1 %s\n", rows[i].answer);
		assert_string_equal(message(1, rows[i].text), answer);
	}
}

static void test_no_ice_servers_without_a_secret(void **state)
{
	(void)state;
	g_strlcpy(scene.settings.ice_turn, "turn:t.example", sizeof(scene.settings.ice_turn));
	assert_non_null(strstr(join(1, "ada", ""), "'ice_servers':[]"));
}

static void test_ice_servers(void **state)
{
	(void)state;
	struct buzz_settings *settings = &scene.settings;
	g_strlcpy(settings->ice_stun, "stun:s.example,stuns:s.example", sizeof(settings->ice_stun));
	g_strlcpy(settings->ice_turn, "turn:t.example", sizeof(settings->ice_turn));
	g_strlcpy(settings->ice_turn_secret, "north", sizeof(settings->ice_turn_secret));
	/* the scene's clock and an hour; the credential is a vector of tests/unit/turn.c */
	assert_non_null(strstr(join(1, "k3v9q2", ""),
			       "'ice_servers':[{'urls':['stun:s.example','stuns:s.example']},"
			       "{'credential':'IuLONiMXLh/sh+tFoPtApNDtkt8=','urls':['turn:t.example'],"
			       "'username':'1785542400:k3v9q2'}]"));
	assert_null(strstr(scene.effects->str, "north"));
	/* the others do not get what is his */
	assert_null(strstr(join(3, "grace", ""), "1785542400:k3v9q2"));
	assert_string_equal(those("event 1"),
			    "event 1 - {'buzz':'joined','participant':{'display':'grace','id':"
			    "'grace','interrupted':false,'streams':[]}}\n");
}

static void test_credentials_are_renewed_at_half_their_time(void **state)
{
	(void)state;
	struct buzz_settings *settings = &scene.settings;
	g_strlcpy(settings->ice_turn, "turn:t.example", sizeof(settings->ice_turn));
	g_strlcpy(settings->ice_turn_secret, "north", sizeof(settings->ice_turn_secret));
	join(1, "k3v9q2", "");
	pass(1000000, "");
	join(3, "grace", "");
	assert_string_equal(pass(799999, ""), "");
	/* the scene's wall clock stands still, so it is the credential of before */
	assert_string_equal(pass(1, ""),
			    "event 1 - {'buzz':'ice_servers','ice_servers':[{'credential':'IuLONiMXLh/sh+tFoPtApNDtkt8=',"
			    "'urls':['turn:t.example'],'username':'1785542400:k3v9q2'}]}\n");
	request(3, "{'request':'sync'}");
	assert_string_equal(pass(1000000, ""), "");
	pass(799999, "");
	assert_null(strstr(scene.effects->str, "event 3"));
	assert_non_null(strstr(pass(1, ""), "event 3 - {'buzz':'ice_servers'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(test_broadcast_reaches_everyone_else),
	    SCENE(test_all_reaches_the_sender_too),
	    SCENE(test_direct_reaches_one),
	    SCENE(test_direct_to_someone_gone),
	    SCENE(test_what_is_forged_arrives_wrapped),
	    SCENE(test_only_on_pub),
	    SCENE(test_what_is_not_allowed),
	    SCENE(test_sizes),
	    SCENE(test_rate),
	    SCENE(test_a_reader_has_an_allowance),
	    SCENE(test_a_flooder_is_not_answered_for_ever),
	    SCENE(test_channel_to_channel_and_to_signalling),
	    SCENE(test_channel_after_its_connection),
	    SCENE(test_errors_on_the_channel),
	    SCENE(test_no_ice_servers_without_a_secret),
	    SCENE(test_ice_servers),
	    SCENE(test_credentials_are_renewed_at_half_their_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
