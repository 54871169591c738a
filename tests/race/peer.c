/* SPDX-License-Identifier: GPL-3.0-only */
/* Messages and packets of clients. Any thread; a track belongs to one. */
#include "peer.h"
#include "codec.h"
#include "rtp.h"
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define OPUS 109 /* payload types unlike Buzz's own, which would hide a missing change */
#define VP8 120
#define RID_EXTENSION 10
#define VP8_DESCRIPTOR 5 /* bytes: X, I+L, picture id (2), TL0PICIDX (RFC 7741 section 4.2) */
#define PARTS 2          /* packets of a picture */
#define TAG 5            /* bytes */

static char kind_of(char letter)
{
	return (char)g_ascii_tolower(letter);
}

static json_t *streams_of(const char *letters)
{
	json_t *streams = json_array();
	for (int i = 0; letters[i]; i++) {
		const char *kind = kind_of(letters[i]) == 'a'   ? "microphone"
				   : kind_of(letters[i]) == 'd' ? "screen"
								: "camera";
		char name[8], mid[8];
		if (letters[i] == '-')
			continue;
		g_snprintf(name, sizeof(name), "s%d", i);
		g_snprintf(mid, sizeof(mid), "%d", i);
		json_array_append_new(streams, json_pack("{s:s, s:s, s:s, s:b}", "stream", name, "kind", kind, "mid",
							 mid, "muted", g_ascii_isupper(letters[i])));
	}
	return streams;
}

json_t *peer_join(const char *room, const char *display, const char *link, const char *streams)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:o}", "request", "join", "v", 1, "tenant", "school.example",
			 "room", room, "display", display, "link", link, "streams", streams_of(streams));
}

json_t *peer_subscribe(const char *room, const char *link)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s}", "request", "subscribe", "v", 1, "tenant", "school.example",
			 "room", room, "link", link);
}

json_t *peer_publish(const char *streams)
{
	return json_pack("{s:s, s:o}", "request", "publish", "streams", streams_of(streams));
}

json_t *peer_report(void)
{
	return json_pack("{s:s, s:s}", "request", "report", "text", "No sound");
}

json_t *peer_log(const char *report)
{
	return json_pack("{s:s, s:s, s:i, s:b, s:i, s:i, s:[{s:i, s:s, s:s, s:s}]}", "request", "log", "report", report,
			 "part", 0, "last", 1, "offset_ms", 0, "error_ms", 1, "entries", "time", 1, "level", "info",
			 "kind", "ice", "text", "connected");
}

json_t *peer_read_report(const char *report)
{
	return json_pack("{s:s, s:s, s:i}", "request", "read_report", "report", report, "offset", 0);
}

json_t *peer_request(const char *name)
{
	return json_pack("{s:s}", "request", name);
}

json_t *peer_answer(uint32_t version)
{
	return json_pack("{s:s, s:I}", "request", "answer", "version", (json_int_t)version);
}

json_t *peer_numbered(json_t *body, uint32_t seq)
{
	json_object_set_new(body, "seq", json_integer(seq));
	return body;
}

json_t *peer_offer(const char *streams)
{
	g_autoptr(GString) sdp = g_string_new("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
	json_t *simulcast = json_array();
	for (int i = 0; streams[i]; i++) {
		bool audio = kind_of(streams[i]) == 'a';
		g_string_append_printf(sdp, "m=%s 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 127.0.0.1\r\na=%s\r\na=mid:%d\r\n",
				       audio ? "audio" : "video", audio ? OPUS : VP8,
				       streams[i] == '-' ? "inactive" : "sendonly", i);
		g_string_append_printf(sdp, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n",
				       RID_EXTENSION);
		g_string_append_printf(sdp, "a=rtpmap:%d %s\r\n", audio ? OPUS : VP8,
				       audio ? "opus/48000/2" : "VP8/90000");
		char mid[8];
		g_snprintf(mid, sizeof(mid), "%d", i);
		if (kind_of(streams[i]) == 's')
			json_array_append_new(simulcast, json_pack("{s:i, s:s, s:[s, s, s], s:i}", "mindex", i, "mid",
								   mid, "rids", "h", "m", "l", "rid-ext",
								   RID_EXTENSION));
	}
	json_t *jsep = json_pack("{s:s, s:s}", "type", "offer", "sdp", sdp->str);
	if (json_array_size(simulcast) > 0)
		json_object_set(jsep, "simulcast", simulcast);
	json_decref(simulcast);
	return jsep;
}

json_t *peer_answer_to(const char *offer)
{
	g_autoptr(GString) sdp = g_string_new(offer);
	g_string_replace(sdp, "a=sendonly", "a=recvonly", 0);
	return json_pack("{s:s, s:s}", "type", "answer", "sdp", sdp->str);
}

json_t *peer_bad_answer(void)
{
	return json_pack("{s:s, s:s}", "type", "answer", "sdp",
			 "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
}

/* --- packets ------------------------------------------------------------------------------------ */

static void put_16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_32(uint8_t *at, uint32_t value)
{
	put_16(at, (uint16_t)(value >> 16));
	put_16(at + 2, (uint16_t)value);
}

static void restart(struct peer_track *track, char kind)
{
	unsigned seed = track->seed;
	*track = (struct peer_track){.kind = kind, .seed = seed};
	track->timestamp = (uint32_t)rand_r(&track->seed);
	for (int i = 0; i < PEER_LAYERS; i++) {
		track->ssrcs[i] = (uint32_t)rand_r(&track->seed) | 1;
		track->seqs[i] = (uint16_t)rand_r(&track->seed);
		track->picture_ids[i] = (uint16_t)rand_r(&track->seed) & 0x7FFF;
	}
	track->key = true;
}

static size_t put_header(struct peer_track *track, bool audio, bool marker, uint8_t *buffer)
{
	static const char rids[PEER_LAYERS] = {'l', 'm', 'h'};
	bool with_rid = track->kind == 's';
	buffer[0] = (uint8_t)(0x80 | (with_rid ? 0x10 : 0));
	buffer[1] = (uint8_t)((audio ? OPUS : VP8) | (marker ? 0x80 : 0));
	put_16(buffer + 2, ++track->seqs[track->layer]);
	put_32(buffer + 4, track->timestamp);
	put_32(buffer + 8, track->ssrcs[track->layer]);
	if (!with_rid)
		return BUZZ_RTP_HEADER;
	put_32(buffer + 12, 0xBEDE0001); /* one word of one-byte elements (RFC 8285 section 4.2) */
	buffer[16] = RID_EXTENSION << 4;
	buffer[17] = (uint8_t)rids[track->layer];
	put_16(buffer + 18, 0);
	return 20;
}

static size_t put_vp8(const struct peer_track *track, uint8_t *payload)
{
	bool first = track->part == 0;
	payload[0] = first ? 0x90 : 0x80; /* X, and S in the first one */
	payload[1] = 0xC0;
	put_16(payload + 2, 0x8000 | track->picture_ids[track->layer]);
	payload[4] = (uint8_t)track->picture_ids[track->layer];
	payload[VP8_DESCRIPTOR] = first && track->key ? 0 : 1; /* P: an inter frame (section 4.3) */
	return VP8_DESCRIPTOR + 1;
}

/* The packet after this one: the picture's next part, the next layer, the next moment. */
static void step(struct peer_track *track, bool audio, atomic_bool *keyframe)
{
	int layers = track->kind == 's' ? PEER_LAYERS : 1;
	if (!audio && ++track->part < PARTS)
		return;
	track->part = 0;
	track->picture_ids[track->layer] = (track->picture_ids[track->layer] + 1) & 0x7FFF;
	if (++track->layer < layers)
		return;
	track->layer = 0;
	track->timestamp += audio ? 960 : 3000;
	track->key = atomic_exchange(keyframe, false);
}

size_t peer_packet(struct peer_track *track, char kind, atomic_bool *keyframe, struct peer_tag tag, uint8_t *buffer)
{
	kind = kind_of(kind);
	if (track->kind != kind)
		restart(track, kind);
	bool audio = kind == 'a';
	size_t length = put_header(track, audio, audio || track->part == PARTS - 1, buffer);
	int padding = rand_r(&track->seed) % 16;
	if (padding == 0 && track->part == 0) { /* only padding, between two pictures */
		buffer[0] |= 0x20;
		memset(buffer + length, 4, 4);
		return length + 4;
	}
	if (!audio)
		length += put_vp8(track, buffer + length);
	buffer[length] = tag.room;
	put_32(buffer + length + 1, tag.sender);
	length += TAG;
	if (padding == 1) {
		buffer[0] |= 0x20;
		memset(buffer + length, 3, 3);
		length += 3;
	}
	step(track, audio, keyframe);
	return length;
}

int peer_burst(char kind)
{
	kind = kind_of(kind);
	return kind == 'a' ? 1 : kind == 's' ? PARTS * PEER_LAYERS : kind == '-' ? 0 : PARTS;
}

bool peer_read(const uint8_t *data, size_t length, struct peer_tag *tag, int *picture_id)
{
	struct buzz_rtp rtp;
	if (buzz_rtp_read(&rtp, (uint8_t *)data, length))
		return false;
	bool audio = rtp.payload_type == buzz_codec_payload_type(BUZZ_CODEC_OPUS);
	size_t before = audio ? 0 : VP8_DESCRIPTOR + 1;
	if (rtp.payload_length != before + TAG)
		return false;
	const uint8_t *at = rtp.payload + before;
	tag->room = at[0];
	tag->sender = (uint32_t)at[1] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 8 | at[4];
	*picture_id = audio ? -1 : (rtp.payload[2] << 8 | rtp.payload[3]) & 0x7FFF;
	return true;
}

void peer_pli(uint8_t *buffer)
{
	memset(buffer, 0, PEER_PLI);
	buffer[0] = 0x81; /* FMT 1, PSFB (RFC 4585 section 6.3.1), 2 words follow */
	buffer[1] = 206;
	buffer[3] = 2;
}
