/* SPDX-License-Identifier: GPL-3.0-only */
/* Session descriptions for tests. What they cannot do is a mistake in a test and ends it. */
#include "describe.h"
#include <string.h>

static const uint8_t payload_types[BUZZ_CODEC_COUNT] = {
    [BUZZ_CODEC_OPUS] = 111, [BUZZ_CODEC_VP8] = 96, [BUZZ_CODEC_VP9] = 98,
    [BUZZ_CODEC_H264] = 102, [BUZZ_CODEC_AV1] = 45,
};
static const char *const encodings[BUZZ_CODEC_COUNT] = {
    [BUZZ_CODEC_OPUS] = "opus/48000/2", [BUZZ_CODEC_VP8] = "VP8/90000",
    [BUZZ_CODEC_VP9] = "VP9/90000",	[BUZZ_CODEC_H264] = "H264/90000",
    [BUZZ_CODEC_AV1] = "AV1/90000",
};
static const char *const directions[] = {
    [BUZZ_SENDRECV] = "sendrecv",
    [BUZZ_SENDONLY] = "sendonly",
    [BUZZ_RECVONLY] = "recvonly",
    [BUZZ_INACTIVE] = "inactive",
};

static GArray *lines_new(void)
{
	return g_array_new(FALSE, TRUE, sizeof(struct described));
}

/* Cuts off what follows the mark, and returns it, or NULL. */
static char *cut(char *word, char mark)
{
	char *at = strchr(word, mark);
	if (at)
		*at++ = '\0';
	return at;
}

static void read_codecs(struct described *line, const char *names)
{
	g_auto(GStrv) list = g_strsplit(names, ",", -1);
	for (line->codec_count = 0; list[line->codec_count]; line->codec_count++) {
		enum buzz_codec codec = buzz_codec_from_name(list[line->codec_count]);
		g_assert(codec != BUZZ_CODEC_NONE);
		line->codecs[line->codec_count] = codec;
	}
}

static void read_word(struct described *line, char *word)
{
	const char *direction = cut(word, '!'), *codecs = cut(word, '=');
	line->rejected = *word == '-';
	word += line->rejected;
	line->media = *word == 'v' ? BUZZ_VIDEO : BUZZ_AUDIO;
	g_strlcpy(line->mid, strchr(word, ':') + 1, sizeof(line->mid));
	read_codecs(line, codecs ? codecs : line->media == BUZZ_AUDIO ? "opus" : "vp8");
	line->direction = BUZZ_SENDONLY;
	while (direction && strcmp(directions[line->direction], direction) != 0)
		line->direction = (line->direction + 1) % G_N_ELEMENTS(directions);
}

GArray *describe_words(const char *words)
{
	GArray *lines = lines_new();
	g_auto(GStrv) list = g_strsplit(words, " ", -1);
	for (char **word = list; *word; word++) {
		struct described line = {0};
		if (**word)
			read_word(&line, *word);
		if (**word)
			g_array_append_val(lines, line);
	}
	return lines;
}

GArray *describe_answer(const char *offer)
{
	GArray *lines = lines_new();
	struct buzz_sdp *sdp = NULL;
	g_assert(buzz_sdp_read(&sdp, offer, NULL) == 0);
	for (guint i = 0; i < sdp->sections->len; i++) {
		const struct buzz_sdp_section *section = sdp->sections->pdata[i];
		struct described line = {
		    .media = section->kind == BUZZ_SDP_AUDIO ? BUZZ_AUDIO : BUZZ_VIDEO,
		    .direction = BUZZ_RECVONLY,
		    .codec_count = section->codecs->len,
		};
		g_strlcpy(line.mid, section->mid, sizeof(line.mid));
		for (guint j = 0; j < section->codecs->len; j++)
			line.codecs[j] =
			    g_array_index(section->codecs, struct buzz_sdp_codec, j).codec;
		g_array_append_val(lines, line);
	}
	buzz_sdp_free(sdp);
	return lines;
}

static void write_line(GString *text, const struct described *line)
{
	bool audio = line->media == BUZZ_AUDIO;
	g_string_append_printf(text, "m=%s %d UDP/TLS/RTP/SAVPF", audio ? "audio" : "video",
			       line->rejected ? 0 : 9);
	for (size_t i = 0; i < line->codec_count; i++)
		g_string_append_printf(text, " %d", payload_types[line->codecs[i]]);
	if (line->codec_count == 0)
		g_string_append(text, " 0");
	g_string_append_printf(text, "\r\na=mid:%s\r\na=%s\r\n", line->mid,
			       directions[line->direction]);
	if (!audio)
		g_string_append(text,
				"a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n");
	for (size_t i = 0; i < line->codec_count; i++) {
		enum buzz_codec codec = line->codecs[i];
		g_string_append_printf(text, "a=rtpmap:%d %s\r\n", payload_types[codec],
				       encodings[codec]);
		if (codec == BUZZ_CODEC_H264)
			g_string_append_printf(text, "a=fmtp:%d packetization-mode=1\r\n",
					       payload_types[codec]);
	}
}

char *describe_write(const GArray *lines)
{
	GString *text = g_string_new("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n");
	for (guint i = 0; i < lines->len; i++)
		write_line(text, &g_array_index(lines, struct described, i));
	return g_string_free(text, FALSE);
}

struct buzz_sdp *describe_read(const char *words)
{
	g_autoptr(GArray) lines = describe_words(words);
	g_autofree char *text = describe_write(lines);
	struct buzz_sdp *sdp = NULL;
	g_assert(buzz_sdp_read(&sdp, text, NULL) == 0);
	return sdp;
}
