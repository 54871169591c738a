/* SPDX-License-Identifier: GPL-3.0-only */
/* Which stream is in which slot. Streams are named by kind and number (mic1, cam2, screen1, sound1;
 * h1 is a camera in H264), an assignment is written "a0=mic1 v0=cam1 ?cam2 !h1": slots, then who
 * waits, then what cannot be decoded. */
#include "describe.h"
#include "participant.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

static const struct buzz_settings settings = {
    .audio_slots = 2, .video_slots = 2, .slot_step = 2, .max_slots = 6};
static const struct buzz_negotiation_limits limits = {.timeout_ms = 5000, .tries = 3};

static GPtrArray *streams; /* struct buzz_stream *, all that a test has named */

static int setup(void **state)
{
	(void)state;
	streams = g_ptr_array_new_with_free_func(g_free);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	g_ptr_array_unref(streams);
	return 0;
}

static struct buzz_stream *stream(const char *name)
{
	for (guint i = 0; i < streams->len; i++) {
		struct buzz_stream *known = streams->pdata[i];
		if (strcmp(known->info.name, name) == 0)
			return known;
	}
	struct buzz_stream *fresh = g_new0(struct buzz_stream, 1);
	g_strlcpy(fresh->info.name, name, sizeof(fresh->info.name));
	fresh->info.kind = g_str_has_prefix(name, "mic")      ? BUZZ_MICROPHONE
			   : g_str_has_prefix(name, "sound")  ? BUZZ_SCREEN_AUDIO
			   : g_str_has_prefix(name, "screen") ? BUZZ_SCREEN
							      : BUZZ_CAMERA;
	fresh->codec = buzz_stream_media(fresh) == BUZZ_AUDIO ? BUZZ_CODEC_OPUS
		       : *name == 'h'			      ? BUZZ_CODEC_H264
							      : BUZZ_CODEC_VP8;
	g_ptr_array_add(streams, fresh);
	return fresh;
}

static struct buzz_assignment assign(struct buzz_subscription *sub, const char *names)
{
	g_auto(GStrv) list = g_strsplit(names, " ", -1);
	GPtrArray *visible = g_ptr_array_new();
	for (char **name = list; *name; name++) {
		if (**name)
			g_ptr_array_add(visible, stream(*name));
	}
	struct buzz_assignment assignment = buzz_subscription_assign(sub, visible, &settings);
	g_ptr_array_unref(visible);
	return assignment;
}

static void append_names(GString *text, char mark, const GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++)
		g_string_append_printf(text, " %c%s", mark,
				       ((struct buzz_stream *)list->pdata[i])->info.name);
}

/* The assignment in words; valid until the next call. */
static const char *words(const struct buzz_subscription *sub)
{
	static char result[1024];
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < sub->slots->len; i++) {
		const struct buzz_slot *slot = sub->slots->pdata[i];
		if (slot->stream)
			g_string_append_printf(text, " %s=%s", slot->mid, slot->stream->info.name);
	}
	append_names(text, '?', sub->waiting);
	append_names(text, '!', sub->undecodable);
	g_strlcpy(result, text->len ? text->str + 1 : "", sizeof(result));
	g_string_free(text, TRUE);
	return result;
}

static void offer(struct buzz_subscription *sub)
{
	assert_int_equal(buzz_negotiation_change(&sub->negotiation, 0, &limits),
			 BUZZ_NEGOTIATION_OFFER);
	sub->offered = sub->slots->len;
}

/* Shows the streams with these names, and offers what that takes. */
static const char *show(struct buzz_subscription *sub, const char *names)
{
	if (assign(sub, names).grown) {
		offer(sub);
		assert_false(assign(sub, names).grown);
	}
	return words(sub);
}

static int answer(struct buzz_subscription *sub, const char *lines)
{
	struct buzz_error error = {0};
	struct buzz_sdp *sdp = describe_read(lines);
	int code = buzz_subscription_answer(sub, sdp, &error);
	buzz_sdp_free(sdp);
	if (code)
		assert_string_equal(error.field, "jsep");
	else
		buzz_negotiation_answer(&sub->negotiation, sub->negotiation.version, 1, 0, &limits);
	return code;
}

static void take_all(struct buzz_subscription *sub)
{
	g_autofree char *text = buzz_subscription_write_offer(sub);
	g_autoptr(GArray) lines = describe_answer(text);
	g_autofree char *reply = describe_write(lines);
	struct buzz_sdp *sdp = NULL;
	assert_int_equal(buzz_sdp_read(&sdp, reply, NULL), 0);
	assert_int_equal(buzz_subscription_answer(sub, sdp, NULL), 0);
	buzz_sdp_free(sdp);
	buzz_negotiation_answer(&sub->negotiation, sub->negotiation.version, 1, 0, &limits);
}

static struct buzz_subscription *new_sub_of(buzz_codec_set codecs)
{
	return buzz_subscription_new(7, &(struct buzz_subscription_wish){.codecs = codecs});
}

static struct buzz_subscription *new_sub(void)
{
	return new_sub_of(BUZZ_CODECS_ALL);
}

/* The m-lines of the open offer, "a0 a1 v0 v1"; valid until the next call. */
static const char *offered(const struct buzz_subscription *sub)
{
	static char result[512];
	g_autofree char *text = buzz_subscription_write_offer(sub);
	g_autoptr(GArray) lines = describe_answer(text);
	*result = '\0';
	for (guint i = 0; i < lines->len; i++) {
		g_strlcat(result, i ? " " : "", sizeof(result));
		g_strlcat(result, g_array_index(lines, struct described, i).mid, sizeof(result));
	}
	return result;
}

static void test_the_first_offer(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	struct buzz_assignment first = assign(sub, "");
	assert_true(first.changed && first.grown);
	offer(sub);
	assert_string_equal(offered(sub), "a0 a1 v0 v1");
	struct buzz_assignment second = assign(sub, "");
	assert_false(second.changed || second.grown);
	buzz_subscription_free(sub);

	sub = new_sub();
	assert_string_equal(show(sub, "mic1 cam1 cam2"), "a0=mic1 v0=cam1 v1=cam2");
	assert_string_equal(offered(sub), "a0 a1 a2 v0 v1 v2 v3");
	buzz_subscription_free(sub);
}

static void test_what_is_not_on_offer_waits(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	struct buzz_assignment first = assign(sub, "mic1");
	assert_true(first.grown);
	assert_string_equal(words(sub), "?mic1");
	offer(sub);
	assert_true(assign(sub, "mic1").changed);
	assert_string_equal(words(sub), "a0=mic1");
	buzz_subscription_free(sub);
}

static void test_streams_keep_their_places(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	assert_string_equal(show(sub, "mic1 mic2 cam1 cam2"), "a0=mic1 a1=mic2 v0=cam1 v1=cam2");
	take_all(sub);
	assert_false(assign(sub, "mic1 mic2 cam1 cam2").changed);
	assert_string_equal(show(sub, "mic2 cam2"), "a1=mic2 v1=cam2");
	assert_string_equal(show(sub, "mic3 mic2 screen1 cam2"),
			    "a0=mic3 a1=mic2 v0=screen1 v1=cam2");
	assert_string_equal(show(sub, "mic2 mic3 cam2 screen1"),
			    "a0=mic3 a1=mic2 v0=screen1 v1=cam2");
	assert_string_equal(show(sub, ""), "");
	assert_int_equal(sub->negotiation.version, 1);
	buzz_subscription_free(sub);
}

static void test_growth_in_steps(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	show(sub, "");
	take_all(sub);
	assert_string_equal(show(sub, "cam1 cam2"), "v0=cam1 v1=cam2");
	assert_int_equal(sub->negotiation.version, 1);
	assert_string_equal(show(sub, "cam1 cam2 cam3"), "v0=cam1 v1=cam2 v2=cam3");
	assert_string_equal(offered(sub), "a0 a1 v0 v1 v2 v3");
	take_all(sub);
	assert_string_equal(show(sub, "cam1 cam2 cam3 cam4"), "v0=cam1 v1=cam2 v2=cam3 v3=cam4");
	assert_int_equal(sub->negotiation.version, 2);
	/* audio in the same way, behind what is there */
	assert_string_equal(show(sub, "mic1 mic2 mic3 mic4 mic5"),
			    "a0=mic1 a1=mic2 a2=mic3 a3=mic4 a4=mic5");
	assert_string_equal(offered(sub), "a0 a1 v0 v1 v2 v3 a2 a3 a4");
	buzz_subscription_free(sub);
}

static void test_growth_while_an_offer_is_out(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	show(sub, "");
	assert_true(assign(sub, "cam1 cam2 cam3").grown);
	assert_string_equal(words(sub), "v0=cam1 v1=cam2 ?cam3");
	/* the step that is coming holds one more */
	assert_false(assign(sub, "cam1 cam2 cam3 cam4").grown);
	assert_true(assign(sub, "cam1 cam2 cam3 cam4 cam5").grown);
	assert_string_equal(words(sub), "v0=cam1 v1=cam2 ?cam3 ?cam4 ?cam5");
	assert_int_equal(sub->offered, 4);
	assert_int_equal(sub->slots->len, 8);
	/* when the next offer is out, the most important come first */
	sub->offered = sub->slots->len;
	assign(sub, "screen1 cam1 cam2 cam3 cam4 cam5");
	assert_string_equal(words(sub), "v0=cam1 v1=cam2 v2=screen1 v3=cam3 v4=cam4 v5=cam5");
	buzz_subscription_free(sub);
}

static void test_max_slots(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	show(sub, "");
	take_all(sub);
	assert_string_equal(show(sub, "cam1 cam2 cam3 cam4 cam5 cam6 cam7 cam8"),
			    "v0=cam1 v1=cam2 v2=cam3 v3=cam4 v4=cam5 v5=cam6 ?cam7 ?cam8");
	take_all(sub);
	struct buzz_assignment again = assign(sub, "cam1 cam2 cam3 cam4 cam5 cam6 cam7 cam8");
	assert_false(again.grown || again.changed);
	assert_true(assign(sub, "cam1 cam2 cam3 cam4 cam5 cam6 cam7").changed);
	assert_true(assign(sub, "cam1 cam2 cam3 cam4 cam5 cam6 cam7 cam8").changed);
	/* a free place goes to the first in the list, not to the one that waited longest */
	assert_string_equal(show(sub, "screen1 cam1 cam2 cam4 cam5 cam6 cam7 cam8"),
			    "v0=cam1 v1=cam2 v2=screen1 v3=cam4 v4=cam5 v5=cam6 ?cam7 ?cam8");
	assert_string_equal(show(sub, "screen1 cam8 cam7"), "v0=cam8 v1=cam7 v2=screen1");
	buzz_subscription_free(sub);
}

static void test_muted(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	show(sub, "mic1 sound1 screen1 cam1");
	take_all(sub);
	stream("mic1")->info.muted = stream("sound1")->info.muted = true;
	stream("screen1")->info.muted = stream("cam1")->info.muted = true;
	assert_true(assign(sub, "mic1 sound1 screen1 cam1").changed);
	assert_string_equal(words(sub), "a0=mic1 a1=sound1");
	stream("cam1")->info.muted = false;
	assert_string_equal(show(sub, "mic1 sound1 screen1 cam1"), "a0=mic1 a1=sound1 v0=cam1");
	stream("screen1")->info.muted = false;
	assert_string_equal(show(sub, "mic1 sound1 screen1 cam1"),
			    "a0=mic1 a1=sound1 v0=cam1 v1=screen1");
	buzz_subscription_free(sub);
}

static void test_undecodable(void **state)
{
	(void)state;
	struct buzz_subscription *sub =
	    new_sub_of(BUZZ_CODEC_BIT(BUZZ_CODEC_OPUS) | BUZZ_CODEC_BIT(BUZZ_CODEC_VP8));
	assert_string_equal(show(sub, "mic1 h1 cam1"), "a0=mic1 v0=cam1 !h1");
	stream("h1")->info.muted = true;
	assert_false(assign(sub, "mic1 h1 cam1").changed);
	assert_true(assign(sub, "mic1 cam1").changed);
	assert_string_equal(words(sub), "a0=mic1 v0=cam1");
	buzz_subscription_free(sub);

	/* no m-lines of a media that the client cannot receive at all */
	sub = new_sub_of(BUZZ_CODEC_BIT(BUZZ_CODEC_OPUS));
	assert_string_equal(show(sub, "mic1 cam1"), "a0=mic1 !cam1");
	assert_string_equal(offered(sub), "a0 a1 a2");
	buzz_subscription_free(sub);
	sub = new_sub_of(BUZZ_CODEC_BIT(BUZZ_CODEC_H264));
	assert_string_equal(show(sub, "mic1 h2 cam1"), "v0=h2 !mic1 !cam1");
	buzz_subscription_free(sub);
}

static void test_codecs_from_answers(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	assert_string_equal(show(sub, "mic1 h1"), "a0=mic1 v0=h1");
	assert_string_equal(offered(sub), "a0 a1 a2 v0 v1 v2");
	/* the weakest m-line counts */
	assert_int_equal(
	    answer(
		sub,
		"audio:a0!recvonly audio:a1!recvonly audio:a2!recvonly video:v0=vp8,h264!recvonly "
		"video:v1=vp9,vp8!recvonly video:v2=h264,vp8!recvonly"),
	    0);
	assert_int_equal(sub->codecs,
			 BUZZ_CODEC_BIT(BUZZ_CODEC_OPUS) | BUZZ_CODEC_BIT(BUZZ_CODEC_VP8));
	assert_string_equal(show(sub, "mic1 h1 cam1"), "a0=mic1 v0=cam1 !h1");
	/* every offer has all of them again */
	g_autofree char *text = buzz_subscription_write_offer(sub);
	assert_non_null(strstr(text, "H264/90000"));
	buzz_subscription_free(sub);

	/* what was not offered cannot be agreed on */
	sub = new_sub_of(BUZZ_CODEC_BIT(BUZZ_CODEC_VP8));
	show(sub, "");
	assert_int_equal(answer(sub, "video:v0=vp8,h264!recvonly video:v1=h264,vp8!recvonly"), 0);
	assert_string_equal(show(sub, "cam1 h1"), "v0=cam1 !h1");
	buzz_subscription_free(sub);
}

static void test_refused_slots(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	show(sub, "");
	assert_int_equal(
	    answer(sub, "audio:a0!recvonly -audio:a1 video:v0!inactive video:v1!recvonly"), 0);
	assert_string_equal(show(sub, "mic1 cam1"), "a0=mic1 v1=cam1");
	/* whoever refuses some is not offered more */
	struct buzz_assignment more = assign(sub, "mic1 mic2 cam1 cam2");
	assert_false(more.grown);
	assert_string_equal(words(sub), "a0=mic1 v1=cam1 ?mic2 ?cam2");
	assert_string_equal(show(sub, "mic2 cam2"), "a0=mic2 v1=cam2");
	buzz_subscription_free(sub);
}

static void test_refusal_of_what_is_shown(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	assert_string_equal(show(sub, "cam1 cam2"), "v0=cam1 v1=cam2");
	assert_string_equal(offered(sub), "a0 a1 v0 v1 v2 v3");
	assert_int_equal(
	    answer(
		sub,
		"audio:a0!recvonly audio:a1!recvonly -video:v0 video:v1!recvonly video:v2!sendonly "
		"video:v3!sendrecv"),
	    0);
	assert_string_equal(show(sub, "cam1 cam2"), "v1=cam2 v3=cam1");
	assert_string_equal(show(sub, "cam1 cam2 cam3"), "v1=cam2 v3=cam1 ?cam3");
	buzz_subscription_free(sub);
}

static void test_taken_slots_come_first(void **state)
{
	(void)state;
	struct buzz_subscription *sub = new_sub();
	show(sub, "");
	assert_int_equal(
	    answer(sub, "audio:a0!recvonly audio:a1!recvonly -video:v0 video:v1!recvonly"), 0);
	assert_string_equal(show(sub, "mic1 mic2 mic3"), "a0=mic1 a1=mic2 a2=mic3");
	/* the client may take v0 this time, but v1 it has taken already */
	assert_int_equal(sub->negotiation.state, BUZZ_NEGOTIATION_OFFERED);
	assert_string_equal(show(sub, "cam1"), "v1=cam1");
	assert_string_equal(show(sub, "cam1 cam2"), "v0=cam2 v1=cam1");
	buzz_subscription_free(sub);
}

static void test_answers_that_do_not_fit(void **state)
{
	(void)state;
	static const char *const wrong[] = {
	    "",
	    "audio:a0!recvonly audio:a1!recvonly video:v0!recvonly",
	    "audio:a0!recvonly audio:a1!recvonly video:v0!recvonly video:v1!recvonly "
	    "video:v2!recvonly",
	    "audio:a0!recvonly audio:a1!recvonly video:v1!recvonly video:v0!recvonly",
	    "audio:a0!recvonly audio:x!recvonly video:v0!recvonly video:v1!recvonly",
	    "audio:a0!recvonly video:a1!recvonly video:v0!recvonly video:v1!recvonly",
	    "audio:a0!recvonly audio:a1!recvonly video:v0!recvonly -audio:v1",
	};
	struct buzz_subscription *sub = new_sub();
	show(sub, "");
	take_all(sub);
	buzz_codec_set before = sub->codecs;
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		assert_int_equal(answer(sub, wrong[i]), BUZZ_ERROR_BAD_SDP);
		assert_int_equal(sub->codecs, before);
		for (guint j = 0; j < sub->slots->len; j++)
			assert_true(((struct buzz_slot *)sub->slots->pdata[j])->usable);
	}
	/* a rejected m-line need not say which one it is */
	assert_int_equal(
	    answer(sub, "audio:a0!recvonly audio:a1!recvonly video:v0!recvonly -video:x"), 0);
	buzz_subscription_free(sub);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_the_first_offer),
	    TEST(test_what_is_not_on_offer_waits),
	    TEST(test_streams_keep_their_places),
	    TEST(test_growth_in_steps),
	    TEST(test_growth_while_an_offer_is_out),
	    TEST(test_max_slots),
	    TEST(test_muted),
	    TEST(test_undecodable),
	    TEST(test_codecs_from_answers),
	    TEST(test_refused_slots),
	    TEST(test_refusal_of_what_is_shown),
	    TEST(test_taken_slots_come_first),
	    TEST(test_answers_that_do_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
