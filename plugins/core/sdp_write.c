/* SPDX-License-Identifier: GPL-3.0-only */
/* Writes session descriptions (RFC 8866) the way the core wants them from a plugin: only what
 * concerns media. ICE, DTLS, BUNDLE, SSRCs, RTX and simulcast are the core's, and it replaces the
 * addresses. No state; any thread. */
#include "sdp.h"
#include <string.h>

#define URI_MID "urn:ietf:params:rtp-hdrext:sdes:mid"
#define URI_RID "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
#define URI_REPAIRED_RID "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
#define URI_AUDIO_LEVEL "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
#define URI_VIDEO_ORIENTATION "urn:3gpp:video-orientation"
#define URI_TRANSPORT_CC "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define URI_ABS_SEND_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

/* What we announce about a codec: the encoding as it is usually spelled, and the format parameters
 * of our offers. */
static const struct {
	const char *encoding;
	const char *fmtp;
} encodings[BUZZ_CODEC_COUNT] = {
    [BUZZ_CODEC_OPUS] = {"opus/48000/2", "minptime=10;useinbandfec=1"},
    [BUZZ_CODEC_VP8] = {"VP8/90000", NULL},
    [BUZZ_CODEC_VP9] = {"VP9/90000", "profile-id=0"},
    [BUZZ_CODEC_H264] = {"H264/90000",
			 "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
    [BUZZ_CODEC_AV1] = {"AV1/90000", NULL},
};

static void write_session(GString *out, uint64_t version)
{
	g_string_append_printf(out,
			       "v=0\r\n"
			       "o=- 1 %" G_GUINT64_FORMAT " IN IP4 1.1.1.1\r\n"
			       "s=-\r\n"
			       "t=0 0\r\n",
			       version);
}

static void write_codec(GString *out, enum buzz_codec codec, uint8_t payload_type, const char *fmtp)
{
	g_string_append_printf(out, "a=rtpmap:%u %s\r\n", payload_type, encodings[codec].encoding);
	if (fmtp != NULL)
		g_string_append_printf(out, "a=fmtp:%u %s\r\n", payload_type, fmtp);
}

/* 'congestion' is "transport-cc", "goog-remb" or NULL. */
static void write_feedback(GString *out, enum buzz_media media, uint8_t payload_type,
			   const char *congestion)
{
	static const char *const video[] = {"nack", "nack pli", "ccm fir"};
	for (size_t i = 0; media == BUZZ_VIDEO && i < G_N_ELEMENTS(video); i++)
		g_string_append_printf(out, "a=rtcp-fb:%u %s\r\n", payload_type, video[i]);
	if (congestion != NULL)
		g_string_append_printf(out, "a=rtcp-fb:%u %s\r\n", payload_type, congestion);
}

static const char *kind_name(const struct buzz_sdp_section *section)
{
	switch (section->kind) {
	case BUZZ_SDP_AUDIO:
		return "audio";
	case BUZZ_SDP_VIDEO:
		return "video";
	case BUZZ_SDP_APPLICATION:
		return "application";
	default:
		return "text"; /* the core lets no other kind through */
	}
}

/* The formats as offered, RFC 3264 section 6. 'inactive' because the core turns port 0 of the first
 * m-line into 9. */
static void write_rejected(GString *out, const struct buzz_sdp_section *section)
{
	g_string_append_printf(out,
			       "m=%s 0 %s %s\r\n"
			       "c=IN IP4 1.1.1.1\r\n"
			       "a=inactive\r\n",
			       kind_name(section), section->protocol, section->formats);
}

static bool accepted(const struct buzz_sdp_extension *extension)
{
	static const char *const uris[] = {
	    URI_MID,	      URI_RID,	       URI_REPAIRED_RID,
	    URI_TRANSPORT_CC, URI_AUDIO_LEVEL, URI_VIDEO_ORIENTATION,
	};
	/* We only receive: what the client would only read is of no use to it */
	if (extension->direction == BUZZ_RECVONLY || extension->direction == BUZZ_INACTIVE)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(uris); i++)
		if (strcmp(uris[i], extension->uri) == 0)
			return true;
	return false;
}

/* Returns whether transport-wide-cc is among them. */
static bool write_accepted_extensions(GString *out, const struct buzz_sdp_section *section)
{
	bool transport_cc = false;
	for (guint i = 0; i < section->extensions->len; i++) {
		const struct buzz_sdp_extension *extension =
		    &g_array_index(section->extensions, struct buzz_sdp_extension, i);
		if (!accepted(extension))
			continue;
		/* RFC 8285 section 6: 'sendonly' is answered with 'recvonly' */
		const char *direction = extension->direction == BUZZ_SENDONLY ? "/recvonly" : "";
		g_string_append_printf(out, "a=extmap:%u%s %s\r\n", extension->id, direction,
				       extension->uri);
		transport_cc = transport_cc || strcmp(extension->uri, URI_TRANSPORT_CC) == 0;
	}
	return transport_cc;
}

static void write_accepted(GString *out, const struct buzz_sdp_section *section,
			   const struct buzz_sdp_codec *codec)
{
	bool sends = section->direction == BUZZ_SENDRECV || section->direction == BUZZ_SENDONLY;
	g_string_append_printf(out,
			       "m=%s 9 %s %u\r\n"
			       "c=IN IP4 1.1.1.1\r\n"
			       "a=%s\r\n",
			       kind_name(section), section->protocol, codec->payload_type,
			       sends ? "recvonly" : "inactive");
	bool transport_cc = write_accepted_extensions(out, section);
	write_codec(out, codec->codec, codec->payload_type, codec->fmtp);
	write_feedback(out, buzz_codec_media(codec->codec), codec->payload_type,
		       transport_cc ? "transport-cc" : NULL);
}

/* The port is the core's, and it adds it. Longer messages than this it cuts without a word. */
static void write_channel(GString *out)
{
	g_string_append(out, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
			     "c=IN IP4 1.1.1.1\r\n"
			     "a=max-message-size:65535\r\n");
}

char *buzz_sdp_write_answer(const struct buzz_sdp *offer)
{
	GString *out = g_string_sized_new(4096);
	bool channel = false;
	write_session(out, 1);
	for (guint i = 0; i < offer->sections->len; i++) {
		const struct buzz_sdp_section *section = offer->sections->pdata[i];
		const struct buzz_sdp_codec *codec = buzz_sdp_choose(section);
		if (!channel && buzz_sdp_is_channel(section)) {
			channel = true;
			write_channel(out);
		} else if (codec == NULL) {
			write_rejected(out, section);
		} else {
			write_accepted(out, section, codec);
		}
	}
	return g_string_free(out, FALSE);
}

/* Header extensions of our offers. One id per URI on all m-lines: they share a transport (RFC 8285
 * section 5). */
static void write_offered_extensions(GString *out, enum buzz_media media, bool transport_cc)
{
	g_string_append(out, "a=extmap:1 " URI_MID "\r\n");
	if (media == BUZZ_AUDIO)
		g_string_append(out, "a=extmap:2 " URI_AUDIO_LEVEL "\r\n");
	else
		g_string_append(out, "a=extmap:3 " URI_VIDEO_ORIENTATION "\r\n");
	if (transport_cc)
		g_string_append(out, "a=extmap:4 " URI_TRANSPORT_CC "\r\n");
	else if (media == BUZZ_VIDEO)
		g_string_append(out, "a=extmap:5 " URI_ABS_SEND_TIME "\r\n");
}

/* The codecs of one media that are in a set. */
static buzz_codec_set of_media(buzz_codec_set codecs, enum buzz_media media)
{
	buzz_codec_set of = 0;
	for (int codec = BUZZ_CODEC_NONE + 1; codec < BUZZ_CODEC_COUNT; codec++)
		if (buzz_codec_media((enum buzz_codec)codec) == media)
			of |= codecs & BUZZ_CODEC_BIT(codec);
	return of;
}

static void write_slot(GString *out, const struct buzz_sdp_slot *slot, buzz_codec_set codecs,
		       bool transport_cc)
{
	const char *congestion = transport_cc ? "transport-cc" : NULL;
	if (!transport_cc && slot->media == BUZZ_VIDEO)
		congestion = "goog-remb";
	buzz_codec_set offered = of_media(codecs, slot->media);
	bool usable = offered != 0;
	if (!usable) /* an m-line needs a format */
		offered = of_media(BUZZ_CODECS_ALL, slot->media);

	g_string_append_printf(out, "m=%s 9 UDP/TLS/RTP/SAVPF",
			       slot->media == BUZZ_AUDIO ? "audio" : "video");
	for (int codec = 0; codec < BUZZ_CODEC_COUNT; codec++)
		if (offered & BUZZ_CODEC_BIT(codec))
			g_string_append_printf(out, " %u",
					       buzz_codec_payload_type((enum buzz_codec)codec));
	g_string_append_printf(out,
			       "\r\n"
			       "c=IN IP4 1.1.1.1\r\n"
			       "a=%s\r\n"
			       "a=mid:%s\r\n",
			       usable ? "sendonly" : "inactive", slot->mid);
	write_offered_extensions(out, slot->media, transport_cc);
	for (int codec = 0; codec < BUZZ_CODEC_COUNT; codec++) {
		if (!(offered & BUZZ_CODEC_BIT(codec)))
			continue;
		uint8_t payload_type = buzz_codec_payload_type((enum buzz_codec)codec);
		write_codec(out, (enum buzz_codec)codec, payload_type, encodings[codec].fmtp);
		write_feedback(out, slot->media, payload_type, congestion);
	}
}

char *buzz_sdp_write_offer(const struct buzz_sdp_slot *slots, size_t count, buzz_codec_set codecs,
			   bool transport_cc, uint64_t version)
{
	GString *out = g_string_sized_new(1024 * (count + 1));
	write_session(out, version);
	for (size_t i = 0; i < count; i++)
		write_slot(out, &slots[i], codecs, transport_cc);
	return g_string_free(out, FALSE);
}
