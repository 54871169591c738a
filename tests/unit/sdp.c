/* SPDX-License-Identifier: GPL-3.0-only */
/* Session descriptions: what is read from those of real browsers (tests/data/sdp, as the core hands
 * them to a plugin) and from broken ones, and the exact text of what is written. */
#include "sdp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above */
#include <cmocka.h>

static char *load(const char *name)
{
	const char *root = getenv("srcdir");
	g_autofree char *path =
	    g_build_filename(root ? root : ".", "tests", "data", "sdp", name, NULL);
	char *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		fail_msg("cannot read %s", path);
	return text;
}

/* A description in one line per section: kind, direction, mid, the codecs with their parameters,
 * the extension ids. */
static char *summary(const struct buzz_sdp *sdp)
{
	static const char *const kinds[] = {"audio", "video", "application", "other"};
	static const char *const directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
	static const char *const suffixes[] = {"", ">", "<", "-"};
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < sdp->sections->len; i++) {
		const struct buzz_sdp_section *section = sdp->sections->pdata[i];
		g_string_append_printf(
		    out, "%s %s '%s'", kinds[section->kind],
		    section->rejected ? "rejected" : directions[section->direction], section->mid);
		for (guint j = 0; j < section->codecs->len; j++) {
			const struct buzz_sdp_codec *codec =
			    &g_array_index(section->codecs, struct buzz_sdp_codec, j);
			g_string_append_printf(out, " %u:%s", codec->payload_type,
					       buzz_codec_name(codec->codec));
			if (codec->fmtp != NULL)
				g_string_append_printf(out, "(%s)", codec->fmtp);
		}
		for (guint j = 0; j < section->extensions->len; j++) {
			const struct buzz_sdp_extension *extension =
			    &g_array_index(section->extensions, struct buzz_sdp_extension, j);
			g_string_append_printf(out, " %u%s", extension->id,
					       suffixes[extension->direction]);
		}
		g_string_append(out, "\n");
	}
	return g_string_free(out, FALSE);
}

#define CHROMIUM_AUDIO_TAIL " 111:opus(minptime=10;useinbandfec=1) 1 2 3 4\n"
#define H264(level) "(level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" level ")"
#define CHROMIUM_VIDEO                                                                             \
	" 96:vp8 102:h264" H264("42001f") " 108:h264" H264("42e01f") " 116:h264" H264(             \
	    "4d001f") " 45:av1(level-idx=5;profile=0;tier=0) 98:vp9(profile-id=0)"
#define CHROMIUM_VIDEO_EXTENSIONS " 14 2 13 3 5 6 7 8 4 10 11 12 9\n"
#define FIREFOX_AUDIO_TAIL " 109:opus(maxplaybackrate=48000;stereo=1;useinbandfec=1) 1 2< 3 7\n"
#define FIREFOX_VIDEO " 120:vp8(max-fs=12288;max-fr=60) 121:vp9(max-fs=12288;max-fr=60) 99:av1"

static const struct {
	const char *file, *expected;
} offers[] = {
    {"chromium-camera.sdp", "audio sendonly '0'" CHROMIUM_AUDIO_TAIL
			    "video sendonly '1'" CHROMIUM_VIDEO CHROMIUM_VIDEO_EXTENSIONS},
    {"chromium-mixed.sdp",
     "audio sendrecv '0'" CHROMIUM_AUDIO_TAIL
     "video inactive '1'" CHROMIUM_VIDEO CHROMIUM_VIDEO_EXTENSIONS
     "video recvonly '2' 96:vp8 98:vp9(profile-id=0) 102:h264" H264("42001f") " 108:h264" H264(
	 "42e01f") " 116:h264" H264("4d001f") " 41:h264" H264("f4001f") " 45:av1(level-idx=5;"
									"profile=0;tier="
									"0"
									")" CHROMIUM_VIDEO_EXTENSIONS
									"application sendrecv "
									"'3'\n"},
    {"firefox-camera.sdp", "audio sendonly '0'" FIREFOX_AUDIO_TAIL
			   "video sendonly '1'" FIREFOX_VIDEO " 3 4 5 6< 7 8> 9> 10>\n"},
    {"firefox-mixed.sdp",
     "audio sendrecv '0'" FIREFOX_AUDIO_TAIL "video inactive '1'" FIREFOX_VIDEO " 3 4 5 6< 7\n"
     "video recvonly '2'" FIREFOX_VIDEO " 3 4 5 6< 7\n"
     "application sendrecv '3'\n"},
};

static void test_browser_offers(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(offers); i++) {
		g_autofree char *text = load(offers[i].file);
		struct buzz_sdp *sdp;
		struct buzz_error error;
		if (buzz_sdp_read(&sdp, text, &error) != BUZZ_OK)
			fail_msg("%s: %s", offers[i].file, error.text);
		g_autofree char *read = summary(sdp);
		assert_string_equal(read, offers[i].expected);
		buzz_sdp_free(sdp);
	}
}

#define A "m=audio 9 P 111\na=rtpmap:111 opus/48000/2\n"

static const struct {
	const char *text, *expected;
} readable[] = {
    {"v=0", ""},
    {"v=0\n", ""},
    {"v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\n", ""},
    {"v=0\n" A, "audio sendrecv '' 111:opus\n"},
    {"v=0\r\n\r\nm=audio 9 P 111\r\na=rtpmap:111 opus/48000/2\r\na=mid:x\r\n\r\n",
     "audio sendrecv 'x' 111:opus\n"},
    {"v=0\na=recvonly\n" A, "audio sendrecv '' 111:opus\n"}, /* above the m-lines: of no interest */
    {"v=0\na=mid:a b\na=extmap:x\n" A, "audio sendrecv '' 111:opus\n"},
    {"v=0\n" A "a=inactive\na=sendonly\n", "audio sendonly '' 111:opus\n"},
    {"v=0\n" A "x=?\na=y\na=z:\na=:\na=\n", "audio sendrecv '' 111:opus\n"},
    {"v=0\nm=audio 9 P 111\na=rtpmap:111 OPUS/48000/2\n", "audio sendrecv '' 111:opus\n"},
    {"v=0\nm=audio 9 P 111\na=rtpmap:111 opus/8000\n", "audio sendrecv ''\n"},
    {"v=0\nm=audio 9 P 0 8\n", "audio sendrecv ''\n"},
    {"v=0\nm=audio 9 P 0\na=rtpmap:111 opus/48000/2\na=fmtp:111 x=y\n", "audio sendrecv ''\n"},
    {"v=0\nm=audio 9 P 96\na=rtpmap:96 VP8/90000\n", "audio sendrecv ''\n"},
    {"v=0\nm=video 9 P 96 96 97\na=rtpmap:96 VP8/90000\na=rtpmap:97 H265/90000\n",
     "video sendrecv '' 96:vp8\n"},
    {"v=0\nm=video 9 P 98 96\na=fmtp:98 a=b\na=rtpmap:96 VP8/90000\na=rtpmap:98 vp9/90000\n",
     "video sendrecv '' 98:vp9(a=b) 96:vp8\n"},
    {"v=0\nm=video 9 P 1 2 3\na=rtpmap:1 VP9/90000\na=rtpmap:2 VP9/90000\na=rtpmap:3 VP9/90000\n"
     "a=fmtp:1 profile-id=1\na=fmtp:2 x; Profile-ID = 0 ;y=1\n",
     "video sendrecv '' 2:vp9(x; Profile-ID = 0 ;y=1) 3:vp9\n"},
    {"v=0\nm=video 9 P 1 2 3\na=rtpmap:1 H264/90000\na=rtpmap:2 H264/90000\na=rtpmap:3 H264/90000\n"
     "a=fmtp:1 packetization-mode=0\na=fmtp:2 packetization-mode=1\n",
     "video sendrecv '' 2:h264(packetization-mode=1)\n"},
    {"v=0\nm=video 9 P 1 2\na=rtpmap:1 AV1/90000\na=rtpmap:2 AV1/90000\na=fmtp:1 profile=1\n",
     "video sendrecv '' 2:av1\n"},
    {"v=0\nm=audio 0 P 0\na=mid:0\n", "audio rejected '0'\n"},
    {"v=0\nm=audio 0 P 111\na=bundle-only\na=rtpmap:111 opus/48000\n",
     "audio sendrecv '' 111:opus\n"},
    {"v=0\nm=audio 65535/2 P 111\n", "audio sendrecv ''\n"},
    {"v=0\nm=image 9 udptl t38\na=mid:i\nm=text 9 P 98\n",
     "other sendrecv 'i'\nother sendrecv ''\n"},
    {"v=0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n", "application sendrecv ''\n"},
    {"v=0\n" A "a=extmap:1 u\na=extmap:255/sendonly v w\na=extmap:0 x\na=extmap:256 "
	       "y\na=extmap:4096/inactive z\n",
     "audio sendrecv '' 111:opus 1 255>\n"},
    {"v=0\n" A "a=mid:0123456789abcdef\n", "audio sendrecv '0123456789abcdef' 111:opus\n"},
    {"v=0\n" A "a=mid:!#$%&'*+-.^_`{|}\n", "audio sendrecv '!#$%&'*+-.^_`{|}' 111:opus\n"},
    {"v=0\n" A "a=mid:~\n", "audio sendrecv '~' 111:opus\n"},
    /* the texts of refusals follow the number of the line */
    {"", "line 1: the first line must be v=0"},
    {"\n", "line 1: the first line must be v=0"},
    {"v=1\n", "line 1: the first line must be v=0"},
    {"v=0 \n", "line 1: the first line must be v=0"},
    {"\nv=0\n", "line 1: the first line must be v=0"},
    {"\xef\xbb\xbfv=0\n", "line 1: the first line must be v=0"},
    {"o=- 1 1 IN IP4 1.1.1.1\nv=0\n", "line 1: the first line must be v=0"},
    {"v=0\nv\n", "line 2: not a line of a session description"},
    {"v=0\nhello\n", "line 2: not a line of a session description"},
    {"v=0\n\xc3\xa9=\n", "line 2: not a line of a session description"}, /* é is two bytes */
    {"v=0\ns=a\tb\n", "line 2: a control character"},
    {"v=0\ns=a\rb\r\n", "line 2: a control character"},
    {"v=0\ns=\x7f\n", "line 2: a control character"},
    {"v=0\nm=\n", "line 2: broken port"},
    {"v=0\nm=audio\n", "line 2: broken port"},
    {"v=0\nm=audio 9\n", "line 2: an m-line without protocol or formats"},
    {"v=0\nm=audio 9 P\n", "line 2: an m-line without protocol or formats"},
    {"v=0\nm=audio 9 P \n", "line 2: an m-line without protocol or formats"},
    {"v=0\nm=audio  P 0\n", "line 2: broken port"},
    {"v=0\nm=audio x P 0\n", "line 2: broken port"},
    {"v=0\nm=audio -1 P 0\n", "line 2: broken port"},
    {"v=0\nm=audio 9x P 0\n", "line 2: broken port"},
    {"v=0\nm=audio 65536 P 0\n", "line 2: broken port"},
    {"v=0\nm=audio 99999999999999999999 P 0\n", "line 2: broken port"},
    {"v=0\nm=audio 9 P x\n", "line 2: broken payload type"},
    {"v=0\nm=audio 9 P 128\n", "line 2: broken payload type"},
    {"v=0\nm=audio 9 P -1\n", "line 2: broken payload type"},
    {"v=0\nm=video 9 P 96  97\n", "line 2: broken payload type"},
    {"v=0\n" A "a=mid:\n", "line 4: a mid must be 1 to 16 characters of a token"},
    {"v=0\n" A "a=mid:a b\n", "line 4: a mid must be 1 to 16 characters of a token"},
    {"v=0\n" A "a=mid:\xc3\xa9\n", "line 4: a mid must be 1 to 16 characters of a token"},
    {"v=0\n" A "a=mid:0123456789abcdefg\n", "line 4: a mid must be 1 to 16 characters of a token"},
    {"v=0\n" A "a=mid:a\na=mid:b\n", "line 5: a second mid"},
    {"v=0\n" A "a=mid:a\n" A "a=mid:a\n", "line 7: another m-line has this mid"},
    {"v=0\n" A "a=rtpmap:\n", "line 4: broken rtpmap"},
    {"v=0\n" A "a=rtpmap:111\n", "line 4: broken rtpmap"},
    {"v=0\n" A "a=rtpmap:x opus/48000\n", "line 4: broken rtpmap"},
    {"v=0\n" A "a=rtpmap:128 opus/48000\n", "line 4: broken rtpmap"},
    {"v=0\n" A "a=rtpmap:111 opus\n", "line 4: broken rtpmap"},
    {"v=0\n" A "a=rtpmap:111 opus/\n", "line 4: broken rtpmap"},
    {"v=0\n" A "a=rtpmap:111 opus/99999999999999999999\n", "line 4: broken rtpmap"},
    {"v=0\n" A "a=extmap:\n", "line 4: broken extmap"},
    {"v=0\n" A "a=extmap:1\n", "line 4: broken extmap"},
    {"v=0\n" A "a=extmap:1/ u\n", "line 4: broken extmap"},
    {"v=0\n" A "a=extmap:1/upwards u\n", "line 4: broken extmap"},
    {"v=0\n" A "a=extmap:-1 u\n", "line 4: broken extmap"},
    {"v=0\n" A "a=extmap:65536 u\n", "line 4: broken extmap"},
};

static void check_text(const char *text, const char *expected)
{
	struct buzz_sdp *sdp = (struct buzz_sdp *)&sdp; /* must be overwritten */
	struct buzz_error error = {0};
	int code = buzz_sdp_read(&sdp, text, &error);
	if (code == BUZZ_OK) {
		g_autofree char *read = summary(sdp);
		if (strcmp(read, expected) != 0)
			fail_msg("'%s' was read as '%s'", text, read);
		buzz_sdp_free(sdp);
		return;
	}
	assert_int_equal(code, BUZZ_ERROR_BAD_SDP);
	assert_int_equal(error.code, BUZZ_ERROR_BAD_SDP);
	assert_string_equal(error.field, "jsep");
	assert_null(sdp);
	g_autofree char *full = g_strdup_printf("jsep: %s", expected);
	if (strcmp(error.text, full) != 0)
		fail_msg("'%s' was refused: %s", text, error.text);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(readable); i++)
		check_text(readable[i].text, readable[i].expected);
}

/* Appends 'unit' n times to a description and tells whether that is read. */
static bool reads_with(const char *start, const char *unit, int n)
{
	GString *text = g_string_new(start);
	for (int i = 0; i < n; i++)
		g_string_append(text, unit);
	struct buzz_sdp *sdp;
	struct buzz_error error;
	int code = buzz_sdp_read(&sdp, text->str, &error);
	buzz_sdp_free(sdp);
	g_string_free(text, TRUE);
	return code == BUZZ_OK;
}

static void test_limits(void **state)
{
	(void)state;
	static const char section[] = "m=audio 9 P 111\n";
	assert_true(reads_with("v=0\n", section, BUZZ_SDP_SECTIONS_MAX));
	assert_false(reads_with("v=0\n", section, BUZZ_SDP_SECTIONS_MAX + 1));
	assert_true(reads_with("v=0\n" A, "a=extmap:1 u\n", BUZZ_SDP_EXTENSIONS_MAX));
	assert_false(reads_with("v=0\n" A, "a=extmap:1 u\n", BUZZ_SDP_EXTENSIONS_MAX + 1));
	assert_true(reads_with("v=0\n" A "a=fmtp:111 ", "x", BUZZ_SDP_LINE_MAX - 4));
	assert_false(reads_with("v=0\n" A "a=fmtp:111 ", "x", BUZZ_SDP_LINE_MAX - 3));
	assert_true(reads_with("v=0\n" A "a=other:", "x", 64 * 1024)); /* is not repeated */
	assert_false(reads_with("v=0\nm=application 9 P ", "x", BUZZ_SDP_LINE_MAX));
	assert_true(reads_with("v=0\n", "s=\n", (BUZZ_SDP_BYTES_MAX - 4) / 3));
	assert_false(reads_with("v=0\n", "s=\n", (BUZZ_SDP_BYTES_MAX - 4) / 3 + 1));

	for (int extra = 0; extra < 2; extra++) {
		GString *text = g_string_new("v=0\nm=audio 9 P");
		for (int i = 0; i < BUZZ_SDP_FORMATS_MAX + extra; i++)
			g_string_append_printf(text, " %d", i);
		assert_int_equal(reads_with(text->str, "\n", 1), extra == 0);
		g_string_free(text, TRUE);
	}
}

static void test_choose(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum buzz_codec codec;
	} choices[] = {
	    {"v=0\n" A, BUZZ_CODEC_OPUS},
	    {"v=0\nm=audio 9 P 0\n", BUZZ_CODEC_NONE},
	    {"v=0\nm=audio 0 P 111\na=rtpmap:111 opus/48000/2\n", BUZZ_CODEC_NONE},
	    {"v=0\nm=video 9 P 98 96\na=rtpmap:96 VP8/90000\na=rtpmap:98 VP9/90000\n",
	     BUZZ_CODEC_VP9},
	    {"v=0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n", BUZZ_CODEC_NONE},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(choices); i++) {
		struct buzz_sdp *sdp;
		assert_int_equal(buzz_sdp_read(&sdp, choices[i].text, NULL), BUZZ_OK);
		const struct buzz_sdp_codec *codec = buzz_sdp_choose(sdp->sections->pdata[0]);
		assert_int_equal(codec ? codec->codec : BUZZ_CODEC_NONE, choices[i].codec);
		buzz_sdp_free(sdp);
	}
}

static char *answer_to(const char *offer)
{
	struct buzz_sdp *sdp;
	struct buzz_error error;
	if (buzz_sdp_read(&sdp, offer, &error) != BUZZ_OK)
		fail_msg("%s", error.text);
	char *answer = buzz_sdp_write_answer(sdp);
	buzz_sdp_free(sdp);
	return answer;
}

static void test_answers_to_browsers(void **state)
{
	(void)state;
	static const char *const names[] = {"chromium-camera", "chromium-mixed", "firefox-camera",
					    "firefox-mixed"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *offer_name = g_strconcat(names[i], ".sdp", NULL);
		g_autofree char *answer_name = g_strconcat(names[i], ".answer.sdp", NULL);
		g_autofree char *offer = load(offer_name), *expected = load(answer_name);
		g_autofree char *answer = answer_to(offer);
		assert_string_equal(answer, expected);
	}
}

#define SESSION(version) "v=0\r\no=- 1 " version " IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\n"
#define C "c=IN IP4 1.1.1.1\r\n"
#define CHANNEL                                                                                    \
	"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" C "a=max-message-size:65535\r\n"
#define MID "urn:ietf:params:rtp-hdrext:sdes:mid"
#define TRANSPORT_CC "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

static void test_answers(void **state)
{
	(void)state;
	static const struct {
		const char *offer, *answer; /* answer without the session part */
	} answers[] = {
	    {"", ""},
	    {A, "m=audio 9 P 111\r\n" C "a=recvonly\r\na=rtpmap:111 opus/48000/2\r\n"},
	    {A "a=recvonly\n",
	     "m=audio 9 P 111\r\n" C "a=inactive\r\na=rtpmap:111 opus/48000/2\r\n"},
	    {A "a=inactive\n",
	     "m=audio 9 P 111\r\n" C "a=inactive\r\na=rtpmap:111 opus/48000/2\r\n"},
	    /* a payload type of the client's, its parameters; no feedback that was not offered */
	    {"m=video 9 P 35\na=rtpmap:35 h264/90000\na=fmtp:35 "
	     "packetization-mode=1;x\na=mid:m\na=extmap:1 " MID "\n",
	     "m=video 9 P 35\r\n" C "a=recvonly\r\na=extmap:1 " MID "\r\na=rtpmap:35 H264/90000\r\n"
	     "a=fmtp:35 packetization-mode=1;x\r\na=rtcp-fb:35 nack\r\na=rtcp-fb:35 nack pli\r\n"
	     "a=rtcp-fb:35 ccm fir\r\n"},
	    /* extensions: only ours, only those that flow towards us */
	    {A "a=extmap:1/recvonly " MID "\na=extmap:2/inactive " MID
	       "\na=extmap:3/sendonly " TRANSPORT_CC "\na=extmap:4/sendrecv " MID
	       "\na=extmap:5 urn:x\n",
	     "m=audio 9 P 111\r\n" C "a=recvonly\r\na=extmap:3/recvonly " TRANSPORT_CC
	     "\r\na=extmap:4 " MID
	     "\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"},
	    /* rejected, each for a reason of its own */
	    {"m=audio 9 P 0 8\na=mid:0\n", "m=audio 0 P 0 8\r\n" C "a=inactive\r\n"},
	    {"m=video 0 P 96\na=rtpmap:96 VP8/90000\n", "m=video 0 P 96\r\n" C "a=inactive\r\n"},
	    {"m=video 9 P 98\na=rtpmap:98 VP9/90000\na=fmtp:98 profile-id=2\n",
	     "m=video 0 P 98\r\n" C "a=inactive\r\n"},
	    /* a data channel; one is enough */
	    {"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n"
	     "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n",
	     CHANNEL "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n" C "a=inactive\r\n"},
	    /* rejected, other formats, other protocols */
	    {"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\n",
	     "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n" C "a=inactive\r\n"},
	    {"m=application 9 UDP/DTLS/SCTP chess\n",
	     "m=application 0 UDP/DTLS/SCTP chess\r\n" C "a=inactive\r\n"},
	    {"m=application 9 TCP/DTLS/SCTP webrtc-datachannel\n",
	     "m=application 0 TCP/DTLS/SCTP webrtc-datachannel\r\n" C "a=inactive\r\n"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autofree char *offer = g_strconcat("v=0\n", answers[i].offer, NULL);
		g_autofree char *answer = answer_to(offer);
		g_autofree char *expected = g_strconcat(SESSION("1"), answers[i].answer, NULL);
		assert_string_equal(answer, expected);
	}
}

static const struct buzz_sdp_slot slots[] = {
    {BUZZ_AUDIO, "a0"}, {BUZZ_VIDEO, "v0"}, {BUZZ_VIDEO, "v1"}};

static void test_offers(void **state)
{
	(void)state;
	g_autofree char *with = buzz_sdp_write_offer(slots, 3, BUZZ_CODECS_ALL, true, 7);
	g_autofree char *with_expected = load("offer-transport-cc.sdp");
	assert_string_equal(with, with_expected);
	g_autofree char *without =
	    buzz_sdp_write_offer(slots, 3, BUZZ_CODECS_ALL, false, UINT32_MAX);
	g_autofree char *without_expected = load("offer-remb.sdp");
	assert_string_equal(without, without_expected);
}

static void test_offer_codecs(void **state)
{
	(void)state;
	g_autofree char *none = buzz_sdp_write_offer(NULL, 0, BUZZ_CODECS_ALL, true, 1);
	assert_string_equal(none, SESSION("1"));
	static const struct {
		buzz_codec_set codecs;
		const char *expected;
	} rows[] = {
	    {BUZZ_CODECS_ALL, "audio sendonly 'a0' 111:opus(minptime=10;useinbandfec=1) 1 2 4\n"
			      "video sendonly 'v0' 96:vp8 98:vp9(profile-id=0) 102:h264" H264(
				  "42e01f") " 45:av1 1 3 4\n"},
	    {BUZZ_CODEC_BIT(BUZZ_CODEC_OPUS) | BUZZ_CODEC_BIT(BUZZ_CODEC_VP8),
	     "audio sendonly 'a0' 111:opus(minptime=10;useinbandfec=1) 1 2 4\n"
	     "video sendonly 'v0' 96:vp8 1 3 4\n"},
	    {BUZZ_CODEC_BIT(BUZZ_CODEC_AV1),
	     "audio inactive 'a0' 111:opus(minptime=10;useinbandfec=1) 1 2 4\n"
	     "video sendonly 'v0' 45:av1 1 3 4\n"},
	    {BUZZ_CODEC_BIT(BUZZ_CODEC_OPUS),
	     "audio sendonly 'a0' 111:opus(minptime=10;useinbandfec=1) 1 2 4\n"
	     "video inactive 'v0' 96:vp8 98:vp9(profile-id=0) 102:h264" H264(
		 "42e01f") " 45:av1 1 3 4\n"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *offer = buzz_sdp_write_offer(slots, 2, rows[i].codecs, true, 1);
		check_text(offer, rows[i].expected);
	}
}

/* The most m-lines a SUB can have: still within what the core and the reader take. */
static void test_largest_offer(void **state)
{
	(void)state;
	struct buzz_sdp_slot many[BUZZ_SDP_SECTIONS_MAX];
	for (int i = 0; i < BUZZ_SDP_SECTIONS_MAX; i++) {
		many[i].media = i % 2 ? BUZZ_VIDEO : BUZZ_AUDIO;
		g_snprintf(many[i].mid, sizeof(many[i].mid), "%c%d", i % 2 ? 'v' : 'a', i / 2);
	}
	g_autofree char *offer =
	    buzz_sdp_write_offer(many, BUZZ_SDP_SECTIONS_MAX, BUZZ_CODECS_ALL, true, 1);
	struct buzz_sdp *sdp;
	assert_int_equal(buzz_sdp_read(&sdp, offer, NULL), BUZZ_OK);
	assert_int_equal(sdp->sections->len, BUZZ_SDP_SECTIONS_MAX);
	size_t group = strlen("a=group:BUNDLE\r\n");
	for (guint i = 0; i < sdp->sections->len; i++) {
		const struct buzz_sdp_section *section = sdp->sections->pdata[i];
		assert_string_equal(section->mid, many[i].mid);
		group += 1 + strlen(section->mid);
	}
	assert_true(group < 512); /* the core's line buffer, in which it lists all mids */
	buzz_sdp_free(sdp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_browser_offers),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_choose),
	    cmocka_unit_test(test_answers_to_browsers),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_offers),
	    cmocka_unit_test(test_offer_codecs),
	    cmocka_unit_test(test_largest_offer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
