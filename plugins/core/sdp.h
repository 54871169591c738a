/* SPDX-License-Identifier: GPL-3.0-only */
/* Session descriptions as Buzz needs them: reads what a client sent (already checked and stripped of
 * ICE, DTLS, rid and simulcast by the core) and writes our own offers and answers as text. Pure:
 * no Janus, so negotiation is tested without it and does not depend on the core's version. */
#pragma once
#include "codec.h"
#include "error.h"
#include <glib.h>

#define BUZZ_MID_MAX 16 /* the core keeps at most 16 characters of a mid */

enum buzz_direction { BUZZ_SENDRECV, BUZZ_SENDONLY, BUZZ_RECVONLY, BUZZ_INACTIVE };

/* One codec of an m-line that Buzz forwards. */
struct buzz_sdp_codec {
	enum buzz_codec codec;
	uint8_t payload_type; /* 0..127 */
	char *fmtp;           /* the format parameters as sent, or NULL */
};

enum buzz_sdp_kind { BUZZ_SDP_AUDIO, BUZZ_SDP_VIDEO, BUZZ_SDP_APPLICATION, BUZZ_SDP_OTHER };

/* One RTP header extension of an m-line (RFC 8285 section 5). */
struct buzz_sdp_extension {
	uint8_t id;                    /* 1..255 */
	enum buzz_direction direction; /* as the sender of the description sees it; usually BUZZ_SENDRECV */
	char *uri;
};

struct buzz_sdp_section {
	enum buzz_sdp_kind kind;
	bool rejected; /* port 0 */
	enum buzz_direction direction;
	char mid[BUZZ_MID_MAX + 1]; /* "" if absent */
	char *protocol; /* third word of the m-line, e.g. "UDP/TLS/RTP/SAVPF" */
	char *formats;  /* the rest of the m-line as sent (for rejecting it) */
	GArray *codecs;     /* struct buzz_sdp_codec, in the m-line's order, forwardable ones only: VP9 and AV1
	                     * profile 0 or none given, H264 packetization-mode=1 */
	GArray *extensions; /* struct buzz_sdp_extension */
};

struct buzz_sdp {
	GPtrArray *sections; /* struct buzz_sdp_section *, index = mindex */
};

/* Limits on what is read: longer or larger descriptions are refused with BUZZ_ERROR_BAD_SDP. */
#define BUZZ_SDP_BYTES_MAX (512 * 1024)
#define BUZZ_SDP_SECTIONS_MAX 128
#define BUZZ_SDP_FORMATS_MAX 64    /* payload types of an m-line */
#define BUZZ_SDP_EXTENSIONS_MAX 64 /* of an m-line */
#define BUZZ_SDP_LINE_MAX 480      /* bytes of a line we may have to repeat: the core cuts lines at 511 */

/* Reads text (not NULL). On success returns 0 and *sdp is the caller's (buzz_sdp_free). Otherwise returns
 * BUZZ_ERROR_BAD_SDP, fills *error (field "jsep") and leaves *sdp NULL. Two sections with the same mid are refused;
 * none at all is fine. */
int buzz_sdp_read(struct buzz_sdp **sdp, const char *text, struct buzz_error *error);
void buzz_sdp_free(struct buzz_sdp *sdp);

/* 1 to BUZZ_MID_MAX characters of RFC 8866 'token'. */
bool buzz_sdp_mid_valid(const char *mid);

/* The codec of a section that PUB accepts: the first of its codecs list; NULL if there is none or it is rejected. */
const struct buzz_sdp_codec *buzz_sdp_choose(const struct buzz_sdp_section *section);

/* Whether a section offers data channels the way the core can have them. */
bool buzz_sdp_is_channel(const struct buzz_sdp_section *section);

/* Our answer to a PUB offer, as text; the caller's (g_free). Each audio or video section with a chosen codec is
 * 'recvonly' (or 'inactive' where the offer is inactive or recvonly) with just that codec, its fmtp, its
 * rtcp-fb (video: nack, nack pli, ccm fir, transport-cc; audio: transport-cc; transport-cc only where the offer has
 * its extension) and those of the offer's extensions that the core or we use: mid, rid, repaired-rid,
 * transport-wide-cc, ssrc-audio-level, video-orientation, abs-capture-time is not. The
 * first section for data channels is accepted. Every other section is rejected with port 0. There is no a=mid: the core adds it to answers (and takes it from offers). */
char *buzz_sdp_write_answer(const struct buzz_sdp *offer);

/* One m-line of a SUB offer. */
struct buzz_sdp_slot {
	enum buzz_media media;
	char mid[BUZZ_MID_MAX + 1];
};

/* Our SUB offer, as text; the caller's (g_free). Every slot is a 'sendonly' m-line, in order, with the codecs of
 * 'codecs' that fit its media under our fixed payload types, and the extensions mid, audio level (audio),
 * video orientation (video), and: with transport_cc 'transport-wide-cc' and rtcp-fb transport-cc on
 * every m-line, audio too; without it abs-send-time and rtcp-fb goog-remb on video. nack, nack pli, ccm fir on video.
 * No rtx: the core adds it. 'version' (not 0: the core would replace it; below 2^63) goes into the o= line. A slot for
 * whose media 'codecs' has none is 'inactive', with all codecs of that media. */
char *buzz_sdp_write_offer(const struct buzz_sdp_slot *slots, size_t count, buzz_codec_set codecs, bool transport_cc,
                           uint64_t version);
