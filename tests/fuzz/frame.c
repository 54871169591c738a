/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads arbitrary bytes as an RTP packet and as a video payload. The first byte of the input
 * chooses the codec. Nothing outside the input may be read or written, and what is written must be
 * read back. */
#include "frame.h"
#include "rtp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "broken: %s\n", #condition);                               \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void try_frame(enum buzz_codec codec, uint8_t *payload, size_t length)
{
	struct buzz_frame frame, again;

	buzz_frame_read(&frame, codec, payload, length);
	REQUIRE(frame.picture_offset + (size_t)frame.picture_long < (length ? length : 1));
	REQUIRE(frame.tl0_offset < (length ? length : 1));
	REQUIRE(frame.picture_id <= (frame.picture_long ? 0x7FFF : 0x7F));
	buzz_frame_set_picture_id(&frame, payload, 0x2AD5);
	buzz_frame_set_tl0(&frame, payload, 0x99);
	buzz_frame_read(&again, codec, payload, length);
	REQUIRE(again.keyframe_start == frame.keyframe_start);
	REQUIRE(again.picture_offset == frame.picture_offset);
	REQUIRE(again.tl0_offset == frame.tl0_offset);
	REQUIRE(!frame.picture_offset || again.picture_id == (frame.picture_long ? 0x2AD5 : 0x55));
	REQUIRE(!frame.tl0_offset || again.tl0 == 0x99);
}

static void try_rtp(uint8_t *data, size_t length)
{
	struct buzz_rtp rtp, again;

	if (buzz_rtp_read(&rtp, data, length) < 0)
		return;
	REQUIRE(rtp.payload >= data + BUZZ_RTP_HEADER);
	REQUIRE(rtp.payload_length <= (size_t)(data + length - rtp.payload));
	for (int id = 0; id < 256; id++) {
		size_t found_length = 0;
		const uint8_t *found = buzz_rtp_extension(&rtp, (uint8_t)id, &found_length);
		if (!found)
			continue;
		REQUIRE(id != 0 && found > rtp.extensions);
		REQUIRE(found + found_length <= rtp.extensions + rtp.extensions_length);
	}
	buzz_rtp_set_seq(data, 0xA55A);
	buzz_rtp_set_timestamp(data, 0x01020304);
	buzz_rtp_set_payload_type(data, 0x2A);
	REQUIRE(buzz_rtp_read(&again, data, length) == 0);
	REQUIRE(again.seq == 0xA55A && again.timestamp == 0x01020304 && again.payload_type == 0x2A);
	REQUIRE(again.marker == rtp.marker && again.ssrc == rtp.ssrc);
	REQUIRE(again.payload == rtp.payload && again.payload_length == rtp.payload_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	if (length == 0)
		return 0;
	size_t rest = length - 1;
	uint8_t *copy = malloc(rest ? rest : 1);
	if (!copy)
		abort();
	memcpy(copy, data + 1, rest);
	try_frame((enum buzz_codec)(data[0] % BUZZ_CODEC_COUNT), copy, rest);
	memcpy(copy, data + 1, rest);
	try_rtp(copy, rest);
	free(copy);
	return 0;
}
