/* SPDX-License-Identifier: GPL-3.0-only */
/* The plugin as the core sees it, story by story. */
#include "peer.h"
#include "rtp.h"
#include "story.h"
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

#define LINK_ADA "ada-has-this-link"
#define LINK_BOB "bob-has-this-link"

/* No seats are kept unless the settings say so: whoever goes has left. */
static void begin(const char *settings)
{
	bool own = settings && strstr(settings, "liveness");
	g_autofree char *text =
		g_strconcat(settings ? settings : "", own ? "" : " liveness: { seat = 0; }", NULL);
	assert_int_equal(story_init(text), 0);
}

/* Also after a failed story, so that the next one has a plugin of its own. */
static int end(void **state)
{
	(void)state;
	story_end();
	return 0;
}

static json_t *parse(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	assert_non_null(json);
	return json;
}

/* --- requests
 * ------------------------------------------------------------------------------------- */

static void malformed_requests_are_answered(void **state)
{
	(void)state;
	static const struct {
		const char *body, *jsep;
		int code;
	} rows[] = {
		{"{}", NULL, 430},
		{"[]", NULL, 430},
		{"\"join\"", NULL, 430},
		{"{\"request\": 7}", NULL, 430},
		{"{\"request\": \"dance\"}", NULL, 430},
		{"{\"request\": \"join\"}", NULL, 431},
		{"{\"request\": \"leave\", \"seq\": -1}", NULL, 432},
		{"{\"request\": \"answer\", \"version\": \"one\"}", NULL, 432},
		{"{\"request\": \"leave\"}", "{\"type\": \"offer\"}", 435},
		{"{\"request\": \"leave\"}", "{\"type\": \"offer\", \"sdp\": \"nonsense\"}", 435},
		{"{\"request\": \"leave\"}",
		 "{\"type\": \"offer\", \"sdp\": \"v=0\\r\\n\", \"simulcast\": [{\"mid\": \"0\", \"ssrcs\": [1, 2]}]}",
		 435},
		{"{\"request\": \"leave\"}", NULL, 440},
		{"{\"request\": \"publish\", \"streams\": []}", NULL, 440},
		{"{\"request\": \"answer\", \"version\": 1}", NULL, 440},
	};
	begin(NULL);
	struct fake_handle *handle = story_attach();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char transaction[8];
		g_snprintf(transaction, sizeof(transaction), "t%zu", i);
		json_t *jsep = rows[i].jsep ? parse(rows[i].jsep) : NULL;
		assert_int_equal(story_say(handle, transaction, parse(rows[i].body), jsep),
				 JANUS_PLUGIN_OK_WAIT);
		assert_int_equal(story_hear_error(handle, transaction), rows[i].code);
	}
}

static void numbered_requests_are_put_in_order(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_attach();
	story_say(pub, "t1", peer_numbered(peer_join("r", "Ada", LINK_ADA, ""), 1), NULL);
	story_hear_answer(pub, "joined", "t1");
	story_say(pub, "t4", peer_numbered(peer_publish(""), 4), NULL);
	story_say(pub, "t3", peer_numbered(peer_publish("a"), 3), NULL);
	story_say(pub, "t2", peer_numbered(peer_publish("v"), 2), peer_offer("v"));
	story_hear_answer(pub, "published", "t2");
	assert_int_equal(story_hear_error(pub, "t3"), 435); /* the m-line is a video one: t2 was handled before */
	story_hear_answer(pub, "published", "t4");
}

static void a_used_number_is_refused(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_attach();
	story_say(pub, "t1", peer_numbered(peer_join("r", "Ada", LINK_ADA, ""), 1), NULL);
	story_hear_answer(pub, "joined", "t1");
	story_say(pub, "again", peer_numbered(peer_publish(""), 1), NULL);
	assert_int_equal(story_hear_error(pub, "again"), 436);
	story_say(pub, "t3", peer_numbered(peer_publish(""), 3), NULL);
	story_say(pub, "t3 again", peer_numbered(peer_publish(""), 3), NULL);
	assert_int_equal(story_hear_error(pub, "t3 again"), 436);
	story_say(pub, "far", peer_numbered(peer_publish(""), 2 + 256), NULL);
	assert_int_equal(story_hear_error(pub, "far"), 436);
	story_say(pub, "t2", peer_numbered(peer_publish(""), 2), NULL);
	story_hear_answer(pub, "published", "t2");
	story_hear_answer(pub, "published", "t3");
}

static void a_missing_number_is_waited_for_two_seconds(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_join("r", LINK_ADA, "");
	int64_t start = story_now();
	story_say(pub, "t2", peer_numbered(peer_publish(""), 2), NULL);
	int64_t waited = story_hear_answer(pub, "published", "t2")->at_ms - start;
	assert_in_range(waited, 1990, 3000);
	story_say(pub, "t1", peer_numbered(peer_publish(""), 1), NULL);
	assert_int_equal(story_hear_error(pub, "t1"), 436);
}

/* Something is always waiting, but nothing for long. */
static void waiting_is_counted_per_request(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_join("r", LINK_ADA, "");
	uint32_t next = 1;
	story_say(pub, "early", peer_numbered(peer_publish(""), next + 1), NULL);
	for (int64_t end = story_now() + 2500; story_now() < end; next += 2) {
		g_usleep(30000);
		story_say(pub, "early", peer_numbered(peer_publish(""), next + 3), NULL);
		story_say(pub, "next", peer_numbered(peer_publish(""), next), NULL);
		story_hear_answer(pub, "published", "next");
		story_hear_answer(pub, "published", "early");
	}
}

static void a_refused_request_uses_its_number_up(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_attach();
	story_say(pub, "t1", peer_numbered(peer_request("join"), 1), NULL);
	assert_int_equal(story_hear_error(pub, "t1"), 431);
	int64_t start = story_now();
	story_say(pub, "t2", peer_numbered(peer_join("r", "Ada", LINK_ADA, ""), 2), NULL);
	assert_in_range(story_hear_answer(pub, "joined", "t2")->at_ms - start, 0, 1000);
	story_say(pub, "t3", peer_numbered(peer_request("dance"), 3), NULL);
	assert_int_equal(story_hear_error(pub, "t3"), 430);
	story_say(pub, "t4", peer_numbered(peer_publish(""), 4), NULL);
	assert_in_range(story_hear_answer(pub, "published", "t4")->at_ms - start, 0, 1000);
}

static void what_overtakes_the_join_waits_for_it(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_attach();
	story_say(pub, "now", peer_publish(""), NULL);
	assert_int_equal(story_hear_error(pub, "now"), 440);
	story_say(pub, "t3", peer_numbered(peer_request("leave"), 3), NULL);
	story_say(pub, "t2", peer_numbered(peer_publish(""), 2), NULL);
	story_hear_nothing(pub, 100);
	story_say(pub, "t1", peer_numbered(peer_join("r", "Ada", LINK_ADA, ""), 1), NULL);
	story_hear_answer(pub, "joined", "t1");
	story_hear_answer(pub, "published", "t2");
	story_hear_answer(pub, "left", "t3");
}

static void a_first_request_that_joins_nothing_uses_its_number_up(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_attach();
	story_say(pub, "t1", peer_numbered(peer_request("leave"), 1), NULL);
	assert_int_equal(story_hear_error(pub, "t1"), 440);
	int64_t start = story_now();
	story_say(pub, "t2", peer_numbered(peer_join("r", "Ada", LINK_ADA, ""), 2), NULL);
	assert_in_range(story_hear_answer(pub, "joined", "t2")->at_ms - start, 0, 1000);
}

static void what_overtakes_a_join_that_does_not_come_is_refused(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_attach();
	int64_t start = story_now();
	story_say(pub, "t2", peer_numbered(peer_publish(""), 2), NULL);
	assert_int_equal(story_hear_error(pub, "t2"), 440);
	assert_in_range(story_now() - start, 1990, 3000);
	story_say(pub, "t1", peer_numbered(peer_join("r", "Ada", LINK_ADA, ""), 1), NULL);
	story_hear_answer(pub, "joined", "t1");
	story_say(pub, "t3", peer_numbered(peer_publish(""), 3), NULL);
	assert_in_range(story_hear_answer(pub, "published", "t3")->at_ms - start, 1990, 3500); /* not two seconds more */
}

/* The worker is kept busy by the answer to Ada while Bob floods it. */
static void a_full_queue_says_busy(void **state)
{
	(void)state;
	int busy = 0, published = 0;
	begin("general: { workers = 1; queue_max = 16; }");
	struct fake_handle *ada = story_join("r", LINK_ADA, ""), *bob = story_join("r", LINK_BOB, "");
	story_hear(ada, "joined");
	story_hold(ada);
	story_say(ada, "slow", peer_publish(""), NULL);
	story_wait_held(ada);
	for (int i = 0; i < 40; i++)
		story_say(bob, "flood", peer_publish(""), NULL);
	story_release(ada);
	for (; busy < 40 - 16; busy++)
		assert_int_equal(story_hear_error(bob, "flood"), 453);
	for (; published < 16; published++)
		story_hear_answer(bob, "published", "flood");
	story_hear_nothing(bob, 50);
	story_say(bob, "after", peer_publish(""), NULL);
	story_hear_answer(bob, "published", "after");
}

static void a_detached_handle_is_not_answered(void **state)
{
	(void)state;
	begin("general: { workers = 1; }");
	struct fake_handle *ada = story_join("r", LINK_ADA, ""), *bob = story_join("r", LINK_BOB, "");
	story_hear(ada, "joined");
	story_hold(ada);
	story_say(ada, "slow", peer_publish(""), NULL);
	story_wait_held(ada);
	story_say(bob, "waits in the queue", peer_publish(""), NULL);
	story_say(bob, "waits for its turn", peer_numbered(peer_publish(""), 5), NULL);
	story_detach(bob);
	assert_int_equal(story_say(bob, "too late", peer_publish(""), NULL), JANUS_PLUGIN_ERROR);
	json_t *info = create()->query_session(&bob->janus);
	assert_int_equal(json_object_size(info), 0);
	json_decref(info);
	story_release(ada);
	story_hear_answer(ada, "published", "slow");
	assert_string_equal(json_string_value(json_object_get(story_hear(ada, "left")->body, "reason")), "gone");
	story_hear_nothing(bob, 50);
}

static void a_handle_is_used_once(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *pub = story_join("r", LINK_ADA, "a"), *sub = story_subscribe("r", LINK_ADA, NULL);
	story_say(pub, "again", peer_join("r", "Ada", LINK_ADA, ""), NULL);
	assert_int_equal(story_hear_error(pub, "again"), 440);
	story_say(pub, "leave", peer_request("leave"), NULL);
	story_hear_answer(pub, "left", "leave");
	story_say(pub, "again", peer_join("r", "Ada", LINK_ADA, ""), NULL);
	assert_int_equal(story_hear_error(pub, "again"), 440);
	story_say(sub, "again", peer_subscribe("r", LINK_ADA), NULL);
	assert_int_equal(story_hear_error(sub, "again"), 440);
}

static void a_handle_belongs_to_one_room(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *handle = story_attach();
	story_say(handle, "t1", peer_join("r", "Ada", LINK_ADA, "a"), NULL);
	assert_int_equal(story_hear_error(handle, "t1"), 435); /* streams without an offer */
	story_say(handle, "t2", peer_join("elsewhere", "Ada", LINK_ADA, ""), NULL);
	assert_int_equal(story_hear_error(handle, "t2"), 440);
	story_say(handle, "t3", peer_join("r", "Ada", LINK_ADA, ""), NULL);
	story_hear_answer(handle, "joined", "t3");
}

static void there_are_so_many_rooms(void **state)
{
	(void)state;
	begin("rooms: { max_rooms = 1; linger = 0; }");
	story_join("one", LINK_ADA, "");
	struct fake_handle *bob = story_attach();
	story_say(bob, "two", peer_join("two", "Bob", LINK_BOB, ""), NULL);
	assert_int_equal(story_hear_error(bob, "two"), 451);
	story_join("one", LINK_BOB, "");
}

/* --- events
 * --------------------------------------------------------------------------------------- */

static void a_slow_offer_holds_up_only_its_own_handle(void **state)
{
	(void)state;
	begin("general: { workers = 1; }");
	struct fake_handle *ada = story_join("r", LINK_ADA, "a"), *sub = story_attach();
	story_slow(sub, 1000);
	int64_t start = story_now();
	story_say(sub, "subscribe", peer_subscribe("r", LINK_ADA), NULL);
	story_say(ada, "publish", peer_publish("a"), NULL);
	assert_in_range(story_hear_answer(ada, "published", "publish")->at_ms - start, 0, 700);
	story_hear_answer(sub, "subscribed", "subscribe");
	int64_t offer = story_hear(sub, "offer")->at_ms;
	assert_in_range(offer - start, 0, 700);
	assert_in_range(story_hear(sub, "slots")->at_ms - offer, 1000, 2000);
}

static void somebody_falls_silent_and_is_put_out(void **state)
{
	(void)state;
	begin("liveness: { timeout = 1; interrupted = 0.5; interrupted_audio = 0.5; seat = 0; }");
	struct fake_handle *ada = story_join("r", LINK_ADA, "v"), *bob = story_join("r", LINK_BOB, "");
	int64_t start = story_now();
	assert_in_range(story_hear(bob, "interrupted")->at_ms - start, 350, 1400);
	story_hear(ada, "joined");
	story_hear(ada, "interrupted"); /* of itself */
	janus_plugin_rtcp packet = {.mindex = 0, .video = TRUE, .buffer = "\x80\xc9\0\1\0\0\0\1", .length = 8};
	create()->incoming_rtcp(&ada->janus, &packet);
	int64_t heard = story_now();
	assert_in_range(story_hear(bob, "resumed")->at_ms - heard, 0, 450);
	assert_in_range(story_hear(bob, "interrupted")->at_ms - heard, 450, 1400);
	const struct heard *left = story_hear(bob, "left");
	assert_in_range(left->at_ms - heard, 950, 2000);
	assert_string_equal(json_string_value(json_object_get(left->body, "reason")), "timeout");
	story_hear(ada, "resumed");
	story_hear(ada, "interrupted");
	assert_string_equal(json_string_value(json_object_get(story_hear(ada, "left")->body, "reason")), "timeout");
}

/* --- media
 * ----------------------------------------------------------------------------------------- */

static janus_plugin_rtp last_packet;
static uint8_t last_data[PEER_PACKET];
static int packets;

static void on_rtp(struct fake_handle *handle, const janus_plugin_rtp *packet)
{
	(void)handle;
	last_packet = *packet;
	memcpy(last_data, packet->buffer, packet->length);
	packets++;
}

static void a_packet_goes_to_the_slot(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *ada = story_join("r", LINK_ADA, "a");
	story_join("r", LINK_BOB, "");
	struct fake_handle *sub = story_subscribe("r", LINK_BOB, NULL);
	fake_hooks.rtp = on_rtp;
	packets = 0;
	uint8_t data[] = "\xA0\x6D\x10\x00\0\0\0\1\0\0\0\2sound\0\0\3";
	uint8_t before[sizeof(data)];
	memcpy(before, data, sizeof(data));
	janus_plugin_rtp packet = {.mindex = 0, .buffer = (char *)data, .length = sizeof(data) - 1};
	packet.extensions.audio_level = 42;
	for (int64_t end = story_now() + STORY_WAIT_MS; packets == 0 && story_now() < end; g_usleep(10000)) {
		create()->incoming_rtp(&ada->janus, &packet); /* the worker may be about to make the route */
		assert_memory_equal(data, before, sizeof(data));
	}
	assert_int_equal(packets, 1);
	assert_int_equal(last_packet.length, 12 + 5);
	assert_int_equal(last_packet.extensions.audio_level, 42);
	assert_int_equal(last_data[0], 0x80);
	assert_int_equal(last_data[1], 111);
	assert_memory_equal(last_data + 12, "sound", 5);
	create()->hangup_media(&sub->janus);
	data[3]++;
	create()->incoming_rtp(&ada->janus, &packet);
	assert_int_equal(packets, 1);
}

static void ask_for_keyframe(struct fake_handle *sub, int mindex)
{
	uint8_t data[PEER_PLI];
	peer_pli(data);
	janus_plugin_rtcp packet = {.mindex = mindex, .video = TRUE, .buffer = (char *)data, .length = sizeof(data)};
	create()->incoming_rtcp(&sub->janus, &packet);
}

static void keyframe_requests_are_coalesced(void **state)
{
	(void)state;
	int mindex = -1, video = -1;
	begin(NULL);
	struct fake_handle *ada = story_join("r", LINK_ADA, "av");
	story_join("r", LINK_BOB, "");
	int64_t start = story_now();
	struct fake_handle *sub = story_subscribe("r", LINK_BOB, &video);
	assert_in_range(story_pli(ada, 1000, &mindex) - start, 0, 400); /* a new viewer */
	assert_int_equal(mindex, 1);
	assert_int_equal(story_pli(ada, 700, NULL), -1);
	ask_for_keyframe(sub, 0); /* an audio slot, an empty one, none at all */
	ask_for_keyframe(sub, video + 1);
	ask_for_keyframe(sub, 1000);
	ask_for_keyframe(sub, -1);
	assert_int_equal(story_pli(ada, 50, NULL), -1);
	ask_for_keyframe(sub, video);
	int64_t first = story_pli(ada, 200, NULL);
	assert_true(first >= 0);
	for (int i = 0; i < 49; i++)
		ask_for_keyframe(sub, video);
	int64_t second = story_pli(ada, 1000, NULL);
	assert_in_range(second - first, 490, 950);
	assert_int_equal(story_pli(ada, 700, NULL), -1);
}

/* --- settings
 * ---------------------------------------------------------------------------------------- */

static void a_bad_file_refuses_to_start(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"general: { wrkers = 1; }", "general.wrkers"},
		{"generl: { workers = 1; }", "generl"},
		{"general: { workers = 65; }", "general.workers"},
		{"general: { workers = \"many\"; }", "general.workers"},
		{"rooms: { linger = -1; }", "rooms.linger"},
		{"rooms: { linger = true; }", "rooms.linger"},
		{"workers = 1;", "workers: keys stand inside a section"},
		{"general: { workers = [1, 2]; }", "general.workers: must be a single value"},
		{"general: {\n workers = ;\n}", ":2:"},
		{"liveness: { timeout = 1; interrupted = 2; }", "liveness"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		fake_log[0] = '\0';
		assert_true(story_init(rows[i].text) < 0);
		if (!strstr(fake_log, rows[i].says))
			fail_msg("%s: says: %s", rows[i].text, fake_log);
	}
}

static void the_admin_sees_what_there_is(void **state)
{
	(void)state;
	int rooms, participants, sessions;
	begin("rooms: { linger = 0; }");
	struct fake_handle *ada = story_join("Maths", LINK_ADA, "a");
	story_subscribe("maths", LINK_ADA, NULL);
	json_t *request = json_pack("{s:s}", "request", "summary"), *summary = create()->handle_admin_message(request);
	assert_int_equal(json_unpack(summary, "{s:i, s:i, s:i}", "rooms", &rooms, "participants", &participants, "sessions",
				     &sessions),
			 0);
	assert_int_equal(rooms, 1);
	assert_int_equal(participants, 1);
	assert_int_equal(sessions, 2);
	json_t *info = create()->query_session(&ada->janus);
	assert_string_equal(json_string_value(json_object_get(info, "room")), "maths");
	assert_string_equal(json_string_value(json_object_get(info, "tenant")), "school.example");
	assert_true(json_is_true(json_object_get(info, "up")));
	json_decref(info);
	json_decref(summary);
	json_decref(request);
}

#define STORY(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(malformed_requests_are_answered),
		STORY(numbered_requests_are_put_in_order),
		STORY(a_used_number_is_refused),
		STORY(a_missing_number_is_waited_for_two_seconds),
		STORY(waiting_is_counted_per_request),
		STORY(a_refused_request_uses_its_number_up),
		STORY(what_overtakes_the_join_waits_for_it),
		STORY(what_overtakes_a_join_that_does_not_come_is_refused),
		STORY(a_first_request_that_joins_nothing_uses_its_number_up),
		STORY(a_full_queue_says_busy),
		STORY(a_detached_handle_is_not_answered),
		STORY(a_handle_is_used_once),
		STORY(a_handle_belongs_to_one_room),
		STORY(there_are_so_many_rooms),
		STORY(a_slow_offer_holds_up_only_its_own_handle),
		STORY(somebody_falls_silent_and_is_put_out),
		STORY(a_packet_goes_to_the_slot),
		STORY(keyframe_requests_are_coalesced),
		STORY(a_bad_file_refuses_to_start),
		STORY(the_admin_sees_what_there_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
