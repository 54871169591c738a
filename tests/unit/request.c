/* SPDX-License-Identifier: GPL-3.0-only */
/* Requests: all of tests/data/bad-requests.json are refused as it says, and good ones are read with
 * every value. */
#include "request.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_DECODE_ANY, &error);
	if (json == NULL)
		fail_msg("%s: %s", text, error.text);
	return json;
}

/* The value a change puts in, see "about" in the file. A new reference. */
static json_t *value_of(const json_t *change)
{
	const char *raw = json_string_value(json_object_get(change, "raw"));
	json_t *value = raw ? parse(raw) : json_deep_copy(json_object_get(change, "value"));
	json_int_t repeat = json_integer_value(json_object_get(change, "repeat"));
	if (repeat > 0 && json_is_string(value)) {
		GString *text = g_string_new(NULL);
		for (json_int_t i = 0; i < repeat; i++)
			g_string_append(text, json_string_value(value));
		json_decref(value);
		value = json_string(text->str);
		g_string_free(text, TRUE);
	} else if (repeat > 0) {
		json_t *array = json_array();
		for (json_int_t i = 0; i < repeat; i++)
			json_array_append(array, value);
		json_decref(value);
		value = array;
	}
	for (json_int_t i = json_integer_value(json_object_get(change, "nest")); i > 0; i--)
		value = json_pack("[o]", value);
	return value;
}

/* One step down a path: "streams[0].kind" -> "streams", "[0]", "kind". */
static json_t *child(json_t *parent, const char *step)
{
	return step[0] == '[' ? json_array_get(parent, (size_t)atoi(step + 1))
			      : json_object_get(parent, step);
}

/* Applies a change to *body. */
static void apply(json_t **body, const json_t *change)
{
	const char *path = json_string_value(json_object_get(change, "path"));
	assert_non_null(path);
	if (path[0] == '\0') {
		json_decref(*body);
		*body = value_of(change);
		return;
	}
	GString *spaced = g_string_new(path);
	g_string_replace(spaced, "[", ".[", 0);
	g_auto(GStrv) steps = g_strsplit(spaced->str, ".", -1);
	g_string_free(spaced, TRUE);
	json_t *parent = *body;
	guint last = g_strv_length(steps) - 1;
	for (guint i = 0; i < last; i++)
		parent = child(parent, steps[i]);
	assert_non_null(parent);
	int failed;
	if (json_is_true(json_object_get(change, "remove")))
		failed = json_object_del(parent, steps[last]);
	else if (steps[last][0] == '[')
		failed =
		    json_array_set_new(parent, (size_t)atoi(steps[last] + 1), value_of(change));
	else
		failed = json_object_set_new(parent, steps[last], value_of(change));
	assert_false(failed);
}

static void check_refused(const json_t *body, const json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "name"));
	struct buzz_request *request = (struct buzz_request *)&request; /* must be overwritten */
	struct buzz_error error = {0};
	int code = buzz_request_read(&request, body, &error);
	if (code == BUZZ_OK)
		fail_msg("%s: accepted", name);
	assert_null(request);
	assert_int_equal(code, error.code);
	if (code != json_integer_value(json_object_get(row, "error_code")) ||
	    strcmp(error.field, json_string_value(json_object_get(row, "field"))) != 0)
		fail_msg("%s: %d %s (%s)", name, code, error.field, error.text);
	assert_true(g_utf8_validate(error.text, -1, NULL));
	assert_true(g_str_has_prefix(error.text, error.field));
	assert_int_equal(buzz_request_read(&request, body, NULL), code); /* nobody has to listen */
}

static json_t *load_rows(void)
{
	const char *root = getenv("srcdir");
	g_autofree char *path =
	    g_build_filename(root ? root : ".", "tests", "data", "bad-requests.json", NULL);
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error);
	if (json == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return json;
}

static void test_bad_requests(void **state)
{
	(void)state;
	json_t *file = load_rows();
	const json_t *base = json_object_get(file, "base"), *rows = json_object_get(file, "rows");
	assert_true(json_array_size(rows) >= 120);
	size_t index, extra;
	json_t *row, *change;
	json_array_foreach(rows, index, row)
	{
		const char *request = json_string_value(json_object_get(row, "request"));
		json_t *body = json_deep_copy(json_object_get(base, request));
		assert_non_null(body);
		apply(&body, row);
		json_array_foreach(json_object_get(row, "also"), extra, change)
		    apply(&body, change);
		check_refused(body, row);
		json_decref(body);
	}
	json_decref(file);
}

/* The rows prove something only if what they start from is accepted. */
static void test_base_requests(void **state)
{
	(void)state;
	json_t *file = load_rows();
	json_t *base = json_object_get(file, "base"), *body;
	const char *name;
	assert_int_equal(json_object_size(base), 12);
	json_object_foreach(base, name, body)
	{
		struct buzz_request *request;
		struct buzz_error error;
		if (buzz_request_read(&request, body, &error) != BUZZ_OK)
			fail_msg("%s: %s", name, error.text);
		assert_int_equal(request->seq, json_integer_value(json_object_get(body, "seq")));
		buzz_request_free(request);
	}
	json_decref(file);
}

static void test_no_body(void **state)
{
	(void)state;
	struct buzz_request *request;
	struct buzz_error error;
	assert_int_equal(buzz_request_read(&request, NULL, &error), BUZZ_ERROR_BAD_REQUEST);
	assert_null(request);
	assert_string_equal(error.field, "");
	buzz_request_free(NULL);
}

static struct buzz_request *accept(const char *text)
{
	json_t *body = parse(text);
	struct buzz_request *request;
	struct buzz_error error;
	if (buzz_request_read(&request, body, &error) != BUZZ_OK)
		fail_msg("%s: %s", text, error.text);
	json_decref(body);
	return request;
}

static void test_join(void **state)
{
	(void)state;
	struct buzz_request *request =
	    accept("{\"request\":\"join\",\"v\":1,\"tenant\":\"School.EXAMPLE.\",\"room\":\"/Maths/"
		   "/Lesson1\","
		   "\"display\":\" Ada "
		   "\",\"link\":\"abcdefghijklmnop\",\"later\":{\"a\":[null]},\"streams\":["
		   "{\"stream\":\"sound\",\"kind\":\"screen_audio\",\"mid\":\"3\",\"of\":\"s1\","
		   "\"muted\":true},"
		   "{\"stream\":\"s1\",\"kind\":\"screen\",\"mid\":\"2\",\"title\":\" \\u00dcbung "
		   "\\ud83c\\udf93 \"},"
		   "{\"stream\":\"cam\",\"kind\":\"camera\",\"mid\":\"1\",\"muted\":false,"
		   "\"title\":\"\"}]}");
	assert_int_equal(request->type, BUZZ_REQUEST_JOIN);
	assert_int_equal(request->seq, 0);
	const struct buzz_join *join = &request->join;
	assert_string_equal(join->key.tenant, "school.example");
	assert_string_equal(join->key.room, "maths/lesson1");
	assert_string_equal(join->display, "Ada");
	assert_string_equal(join->link, "abcdefghijklmnop");
	assert_int_equal(join->streams->len, 3);
	const struct buzz_stream_info *infos =
	    (const struct buzz_stream_info *)(void *)join->streams->data;
	assert_string_equal(infos[0].name, "sound");
	assert_int_equal(infos[0].kind, BUZZ_SCREEN_AUDIO);
	assert_string_equal(infos[0].mid, "3");
	assert_string_equal(infos[0].of, "s1");
	assert_true(infos[0].muted);
	assert_null(infos[0].title);
	assert_int_equal(infos[1].kind, BUZZ_SCREEN);
	assert_string_equal(infos[1].title, "\xc3\x9c"
					    "bung \xf0\x9f\x8e\x93");
	assert_string_equal(infos[1].of, "");
	assert_false(infos[1].muted);
	assert_int_equal(infos[2].kind, BUZZ_CAMERA);
	assert_null(infos[2].title);
	buzz_request_free(request);

	request = accept(
	    "{\"request\":\"join\",\"v\":1,\"tenant\":\"a\",\"room\":\"b\",\"display\":\"c\"}");
	assert_string_equal(request->join.link, "");
	assert_int_equal(request->join.streams->len, 0);
	buzz_request_free(request);
}

static void test_displays(void **state)
{
	(void)state;
	g_autofree char *letters = g_strnfill(64, 'a');
	GString *emoji = g_string_new(NULL), *spaced = g_string_new(NULL);
	for (int i = 0; i < 64; i++)
		g_string_append(emoji, "\xf0\x9f\x8e\x93");
	g_string_printf(spaced, "\n\t \xe3\x80\x80%s\xc2\xa0 \r\n", letters);
	const struct {
		const char *sent, *kept;
	} displays[] = {
	    {letters, letters},
	    {emoji->str, emoji->str},
	    {spaced->str, letters},
	    {"Ada  Lovelace", "Ada  Lovelace"},
	    {"<script>alert(1)</script>", "<script>alert(1)</script>"},
	    {"\xe2\x80\xae"
	     "adA",
	     "\xe2\x80\xae"
	     "adA"}, /* U+202E is no control character: the client isolates names */
	    {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80",
	     "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(displays); i++) {
		json_t *body = json_pack("{ss si ss ss ss}", "request", "join", "v", 1, "tenant",
					 "a", "room", "b", "display", displays[i].sent);
		assert_non_null(body);
		struct buzz_request *request;
		assert_int_equal(buzz_request_read(&request, body, NULL), BUZZ_OK);
		assert_string_equal(request->join.display, displays[i].kept);
		buzz_request_free(request);
		json_decref(body);
	}
	g_string_free(emoji, TRUE);
	g_string_free(spaced, TRUE);
}

static void test_subscribe(void **state)
{
	(void)state;
	struct buzz_request *request =
	    accept("{\"request\":\"subscribe\",\"seq\":2147483647,\"v\":1,\"tenant\":\"a\","
		   "\"room\":\"b\",\"link\":\"abcdefghijklmnop\"}");
	assert_int_equal(request->type, BUZZ_REQUEST_SUBSCRIBE);
	assert_int_equal(request->seq, INT32_MAX);
	assert_string_equal(request->subscribe.key.room, "b");
	assert_string_equal(request->subscribe.link, "abcdefghijklmnop");
	assert_string_equal(request->subscribe.id, "");
	assert_string_equal(request->subscribe.seat, "");
	assert_true(request->subscribe.rtx);
	assert_int_equal(request->subscribe.codecs, BUZZ_CODECS_ALL);
	buzz_request_free(request);

	request = accept(
	    "{\"request\":\"subscribe\",\"v\":1,\"tenant\":\"a\",\"room\":\"b\",\"id\":\"k3v9q2\","
	    "\"seat\":\"s-_S\",\"rtx\":false,\"codecs\":[\"av1\",\"opus\",\"av1\"]}");
	assert_string_equal(request->subscribe.link, "");
	assert_string_equal(request->subscribe.id, "k3v9q2");
	assert_string_equal(request->subscribe.seat, "s-_S");
	assert_false(request->subscribe.rtx);
	assert_int_equal(request->subscribe.codecs,
			 BUZZ_CODEC_BIT(BUZZ_CODEC_AV1) | BUZZ_CODEC_BIT(BUZZ_CODEC_OPUS));
	buzz_request_free(request);
}

static void test_relay(void **state)
{
	(void)state;
	struct buzz_request *request =
	    accept("{\"request\":\"direct\",\"to\":\"k3v9q2\",\"event\":\"A-z.0:_\","
		   "\"data\":{\"a\" : [1, \"\\u00e4\"]},\"from\":\"me\"}");
	assert_int_equal(request->type, BUZZ_REQUEST_DIRECT);
	assert_string_equal(request->relay.to, "k3v9q2");
	assert_string_equal(request->relay.event, "A-z.0:_");
	assert_int_equal(request->relay.data.bytes, strlen("{\"a\":[1,\"\xc3\xa4\"]}"));
	buzz_request_free(request);

	static const char *const data[] = {"null", "true", "0", "\"\"", "[]", "{}", "-1.5"};
	for (size_t i = 0; i < G_N_ELEMENTS(data); i++) {
		g_autofree char *text = g_strdup_printf(
		    "{\"request\":\"broadcast\",\"event\":\"x\",\"data\":%s}", data[i]);
		json_t *expected = parse(data[i]);
		request = accept(text);
		assert_int_equal(request->type, BUZZ_REQUEST_BROADCAST);
		assert_true(json_equal(request->relay.data.value, expected));
		assert_int_equal(request->relay.data.bytes, strlen(data[i]));
		buzz_request_free(request);
		json_decref(expected);
	}
	request = accept("{\"request\":\"all\",\"event\":\"x\"}");
	assert_int_equal(request->type, BUZZ_REQUEST_ALL);
	assert_true(json_is_null(request->relay.data.value));
	assert_int_equal(request->relay.data.bytes, 4);
	buzz_request_free(request);
}

static void test_texts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *id;
		int code;
	} texts[] = {
	    {"{\"request\":\"all\",\"event\":\"x\"}", "", BUZZ_OK},
	    {"{\"request\":\"all\",\"event\":\"x\",\"id\":\"m_1-A\"}", "m_1-A", BUZZ_OK},
	    {" {\"request\":\"all\",\"event\":\"x\"}\n", "", BUZZ_OK},
	    {"{\"request\":\"all\",\"event\":\"x\"}}", "", BUZZ_ERROR_BAD_REQUEST},
	    {"{\"request\":\"all\"", "", BUZZ_ERROR_BAD_REQUEST},
	    {"", "", BUZZ_ERROR_BAD_REQUEST},
	    {"all", "", BUZZ_ERROR_BAD_REQUEST},
	    {"\xff", "", BUZZ_ERROR_BAD_REQUEST},
	    {"{\"request\":\"join\",\"id\":\"m\"}", "m", BUZZ_ERROR_MISSING_FIELD},
	    {"{\"request\":\"leave\",\"id\":\"m\"}", "m", BUZZ_ERROR_BAD_REQUEST},
	    {"{\"request\":\"all\",\"event\":\"x\",\"id\":7}", "", BUZZ_ERROR_BAD_FIELD},
	    {"{\"request\":\"all\",\"event\":\"x\",\"id\":\"\"}", "", BUZZ_ERROR_BAD_FIELD},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct buzz_request *request;
		struct buzz_error error;
		char id[BUZZ_MESSAGE_ID_MAX + 1] = "old";
		/* a copy without a NUL behind it */
		size_t length = strlen(texts[i].text);
		g_autofree char *text = g_memdup2(texts[i].text, length);
		int code = buzz_request_read_text(&request, length ? text : "", length, id, &error);
		if (code != texts[i].code || strcmp(id, texts[i].id) != 0)
			fail_msg("%s: %d, id '%s'", texts[i].text, code, id);
		assert_int_equal(code == BUZZ_OK, request != NULL);
		buzz_request_free(request);
	}
}

static void test_others(void **state)
{
	(void)state;
	struct buzz_request *request = accept("{\"request\":\"answer\",\"version\":4294967295}");
	assert_int_equal(request->type, BUZZ_REQUEST_ANSWER);
	assert_int_equal(request->answer.version, UINT32_MAX);
	buzz_request_free(request);
	request = accept("{\"request\":\"leave\",\"seq\":1}");
	assert_int_equal(request->type, BUZZ_REQUEST_LEAVE);
	assert_int_equal(request->seq, 1);
	buzz_request_free(request);
	request = accept("{\"request\":\"publish\",\"streams\":[]}");
	assert_int_equal(request->type, BUZZ_REQUEST_PUBLISH);
	assert_int_equal(request->publish.streams->len, 0);
	buzz_request_free(request);
}

/* The longest list there may be, on a connection of 64 m-lines. */
static void test_many_streams(void **state)
{
	(void)state;
	json_t *streams = json_array();
	for (int i = 0; i < 64; i++) {
		char name[8];
		g_snprintf(name, sizeof(name), "%d", i);
		json_array_append_new(streams, json_pack("{ss ss ss}", "stream", name, "kind",
							 "camera", "mid", name));
	}
	json_t *body = json_pack("{ss so}", "request", "publish", "streams", streams);
	struct buzz_request *request;
	assert_int_equal(buzz_request_read(&request, body, NULL), BUZZ_OK);
	assert_int_equal(request->publish.streams->len, 64);
	buzz_request_free(request);
	json_decref(body);
}

static void test_log(void **state)
{
	(void)state;
	json_t *body = parse("{\"request\":\"log\",\"report\":\"r1\",\"part\":3,\"last\":false,\"offset_ms\":-5,"
			     "\"error_ms\":2,\"entries\":[{\"time\":5.5,\"level\":\"info\",\"kind\":\"sdp\",\"text\":"
			     "\"a=ice-pwd:hunter2 <b>\",\"evil\":\"dropped\",\"data\":{\"x\":1}},"
			     "{\"time\":6,\"level\":\"warn\",\"kind\":\"ui\",\"repeats\":[1,20.5],\"text\":\"\"}]}");
	struct buzz_request *request;
	struct buzz_error error = {0};
	assert_int_equal(buzz_request_read(&request, body, &error), BUZZ_OK);
	assert_int_equal(request->log.part, 3);
	assert_false(request->log.last);
	assert_int_equal(request->log.offset_ms, -5);
	assert_int_equal(request->log.error_ms, 2);
	assert_string_equal(request->log.entries->str,
			    "{\"time\":5,\"level\":\"info\",\"kind\":\"sdp\",\"text\":\"a=ice-pwd:[secret] <b>\","
			    "\"data\":{\"x\":1}},{\"time\":6,\"repeats\":[1,20],\"level\":\"warn\",\"kind\":\"ui\",\"text\":\"\"}");
	assert_string_equal(buzz_request_name(request->type), "log");
	buzz_request_free(request);
	json_decref(body);
}

static void test_seq(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		uint32_t seq;
	} bodies[] = {
	    {"{\"request\":\"nonsense\",\"seq\":7}", 7},
	    {"{\"seq\":2147483647}", INT32_MAX},
	    {"{\"seq\":2147483648}", 0},
	    {"{\"seq\":0}", 0},
	    {"{\"seq\":-1}", 0},
	    {"{\"seq\":1.0}", 0},
	    {"{\"seq\":\"1\"}", 0},
	    {"{\"seq\":null}", 0},
	    {"{}", 0},
	    {"[1]", 0},
	    {"1", 0},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		json_t *body = parse(bodies[i].body);
		assert_int_equal(buzz_request_seq(body), bodies[i].seq);
		json_decref(body);
	}
	assert_int_equal(buzz_request_seq(NULL), 0);
}

static void test_coming_back(void **state)
{
	(void)state;
	struct buzz_request *request =
	    accept("{\"request\":\"join\",\"v\":1,\"tenant\":\"a\",\"room\":\"b\",\"display\":\"c\","
		   "\"id\":\"k3v9q2\",\"seat\":\"S_eat-9\"}");
	assert_string_equal(request->join.id, "k3v9q2");
	assert_string_equal(request->join.seat, "S_eat-9");
	buzz_request_free(request);
	request = accept("{\"request\":\"restart\",\"seq\":3}");
	assert_int_equal(request->type, BUZZ_REQUEST_RESTART);
	assert_int_equal(request->seq, 3);
	buzz_request_free(request);
	request = accept("{\"request\":\"sync\"}");
	assert_int_equal(request->type, BUZZ_REQUEST_SYNC);
	assert_int_equal(request->seq, 0);
	buzz_request_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad_requests), cmocka_unit_test(test_base_requests),
	    cmocka_unit_test(test_no_body),	 cmocka_unit_test(test_join),
	    cmocka_unit_test(test_coming_back),
	    cmocka_unit_test(test_displays),	 cmocka_unit_test(test_subscribe),
	    cmocka_unit_test(test_others),	 cmocka_unit_test(test_many_streams),
	    cmocka_unit_test(test_log),		 cmocka_unit_test(test_relay),
	    cmocka_unit_test(test_texts),	 cmocka_unit_test(test_seq),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
