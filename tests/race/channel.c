/* SPDX-License-Identifier: GPL-3.0-only */
/* PUB's data channel as the core sees it, story by story: what comes in on the loop thread and what the worker sends. */
#include "story.h"
#include <glib.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

#define LINK_ADA "ada-has-this-link"
#define LINK_BOB "bob-has-this-link"

/* What the plugin has sent over channels: "<number of the handle> <text>". Not GLib's queue, whose lock TSan cannot see. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GQueue sent = G_QUEUE_INIT;

static void on_data(struct fake_handle *handle, const janus_plugin_data *packet)
{
	char *text = g_strdup_printf("%d %.*s", handle->number, packet->length, packet->buffer);
	if (packet->binary || g_strcmp0(packet->label, "buzz") != 0)
		fake_fail("handle %d: binary data, or for another channel", handle->number);
	pthread_mutex_lock(&lock);
	g_queue_push_tail(&sent, text);
	pthread_mutex_unlock(&lock);
}

static char *take_sent(void)
{
	pthread_mutex_lock(&lock);
	char *text = g_queue_pop_head(&sent);
	pthread_mutex_unlock(&lock);
	return text;
}

/* No seats are kept: whoever goes has left. */
static void begin(const char *settings)
{
	g_autofree char *text = g_strconcat(settings ? settings : "", " liveness: { seat = 0; }", NULL);
	assert_int_equal(story_init(text), 0);
	fake_hooks.data = on_data;
}

/* Also after a failed story, so that the next one has a plugin of its own. */
static int end(void **state)
{
	(void)state;
	story_end();
	for (char *text; (text = take_sent());)
		g_free(text);
	return 0;
}

static void says_bytes(struct fake_handle *handle, const char *bytes, size_t length, bool binary)
{
	/* a block of its own, so that reading beyond it is found */
	g_autofree char *copy = g_memdup2(bytes, length);
	janus_plugin_data packet = {.label = "buzz", .binary = binary, .buffer = copy, .length = (uint16_t)length};
	create()->incoming_data(&handle->janus, &packet);
}

static void says(struct fake_handle *handle, const char *text)
{
	says_bytes(handle, text, strlen(text), false);
}

/* The next text sent over the handle's channel; the caller's. */
static json_t *hears(struct fake_handle *handle)
{
	char *text = NULL;
	for (int64_t until = story_now() + STORY_WAIT_MS; !text && story_now() < until; g_usleep(1000))
		text = take_sent();
	assert_non_null(text);
	char *space = strchr(text, ' ');
	assert_int_equal(atoi(text), handle->number);
	json_t *body = json_loads(space + 1, 0, NULL);
	assert_non_null(body);
	g_free(text);
	return body;
}

static void hears_error(struct fake_handle *handle, int code)
{
	json_t *body = hears(handle);
	assert_int_equal(json_integer_value(json_object_get(body, "error_code")), code);
	json_decref(body);
}

static void a_message_goes_from_channel_to_channel(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *ada = story_join("r", LINK_ADA, "a"), *bob = story_join("r", LINK_BOB, "a");
	story_hear(ada, "joined");
	/* Bob's channel is not open yet */
	says(ada, "{\"request\":\"broadcast\",\"event\":\"x\",\"data\":1}");
	const json_t *relay = story_hear(bob, "relay")->body;
	assert_int_equal(json_integer_value(json_object_get(relay, "data")), 1);
	create()->data_ready(&bob->janus);
	story_hear(bob, "channel"); /* what came by signalling came before */
	create()->data_ready(&bob->janus);
	says(ada, "{\"request\":\"broadcast\",\"event\":\"x\",\"data\":2,\"id\":\"m2\"}");
	json_t *body = hears(bob);
	assert_int_equal(json_integer_value(json_object_get(body, "data")), 2);
	assert_string_equal(json_string_value(json_object_get(body, "how")), "broadcast");
	json_decref(body);
	body = hears(ada);
	assert_string_equal(json_string_value(json_object_get(body, "buzz")), "relayed");
	assert_string_equal(json_string_value(json_object_get(body, "id")), "m2");
	json_decref(body);
}

static void the_order_is_kept(void **state)
{
	(void)state;
	begin("relay: { rate = 10000; burst = 10000; }");
	struct fake_handle *ada = story_join("r", LINK_ADA, "a"), *bob = story_join("r", LINK_BOB, "a");
	story_hear(ada, "joined");
	create()->data_ready(&bob->janus);
	for (int round = 0, next = 0; round < 20; round++) {
		for (int i = 0; i < 50; i++) {
			g_autofree char *text = g_strdup_printf(
				"{\"request\":\"broadcast\",\"event\":\"x\",\"data\":%d}", round * 50 + i);
			says(ada, text);
		}
		for (int i = 0; i < 50; i++, next++) {
			json_t *body = hears(bob);
			assert_int_equal(json_integer_value(json_object_get(body, "data")), next);
			json_decref(body);
		}
	}
}

static void what_cannot_be_read_is_answered(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *ada = story_join("r", LINK_ADA, "a");
	says_bytes(ada, "\0\1\2", 3, true);
	hears_error(ada, 430);
	static const char good[] = "{\"request\":\"all\",\"event\":\"x\"}";
	says_bytes(ada, good, strlen(good), true);
	hears_error(ada, 430);
	says(ada, "{");
	hears_error(ada, 430);
	says_bytes(ada, good, sizeof(good), false); /* with its NUL */
	hears_error(ada, 430);
	says(ada, "{\"request\":\"leave\"}");
	hears_error(ada, 430);
	says(ada, "{\"request\":\"all\",\"event\":\"\"}");
	hears_error(ada, 432);
	g_autofree char *most = g_strdup_printf("{\"request\":\"all\",\"event\":\"x\",\"data\":\"%0*d\"}", 65000, 0);
	says(ada, most);
	hears_error(ada, 454);
}

/* The worker is kept busy by the answer to Bob while Ada floods it. */
static void a_flood_is_bounded_and_told(void **state)
{
	(void)state;
	begin("general: { workers = 1; }\nrelay: { rate = 10000; burst = 10000; }");
	struct fake_handle *ada = story_join("r", LINK_ADA, "a"), *bob = story_join("r", LINK_BOB, "a");
	create()->data_ready(&ada->janus);
	story_hold(bob);
	story_say(bob, "slow", json_pack("{s:s, s:[]}", "request", "publish", "streams"), NULL);
	story_wait_held(bob);
	for (int i = 0; i < 500; i++)
		says(ada, "{\"request\":\"direct\",\"to\":\"nobody\",\"event\":\"x\"}");
	story_release(bob);
	int answered = 0;
	json_int_t code = 0;
	/* after the first of them the client is told that there were more */
	for (; answered < 257; answered++) {
		json_t *body = hears(ada);
		code = json_integer_value(json_object_get(body, "error_code"));
		assert_int_equal(code, answered == 1 ? 453 : 442);
		json_decref(body);
	}
	g_usleep(50000);
	assert_null(take_sent());
	says(ada, "{\"request\":\"direct\",\"to\":\"nobody\",\"event\":\"x\"}");
	hears_error(ada, 442);
}

static void nothing_comes_after_the_end(void **state)
{
	(void)state;
	begin(NULL);
	struct fake_handle *ada = story_join("r", LINK_ADA, "a"), *bob = story_join("r", LINK_BOB, "a");
	story_hear(ada, "joined");
	create()->data_ready(&bob->janus);
	create()->hangup_media(&bob->janus);
	says(bob, "{\"request\":\"all\",\"event\":\"x\"}"); /* too late: its connection has ended */
	says(ada, "{\"request\":\"direct\",\"to\":\"nobody\",\"event\":\"x\"}");
	hears_error(ada, 442);
	says(ada, "{\"request\":\"broadcast\",\"event\":\"x\"}");
	story_hear(bob, "channel");
	story_hear(bob, "relay"); /* by signalling, for the channel is gone */
	story_detach(bob);
	create()->data_ready(&bob->janus);
	assert_null(take_sent());
}

#define STORY(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_message_goes_from_channel_to_channel),
		STORY(the_order_is_kept),
		STORY(what_cannot_be_read_is_answered),
		STORY(a_flood_is_bounded_and_told),
		STORY(nothing_comes_after_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
