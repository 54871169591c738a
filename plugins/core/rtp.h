/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads an RTP packet (RFC 3550 section 5.1, RFC 8285 extensions) with every length checked first: the core
 * hands over packets unchecked. Nothing is allocated. Runs on the publisher's loop thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUZZ_RTP_HEADER 12 /* bytes, RFC 3550 section 5.1 */

struct buzz_rtp {
	uint8_t *data; /* borrowed: the packet */
	size_t length;
	uint16_t seq;
	uint32_t timestamp;
	uint32_t ssrc;
	uint8_t payload_type;
	bool marker;
	uint8_t *payload; /* inside data */
	size_t payload_length; /* without padding; 0 for a padding-only packet */
	const uint8_t *extensions; /* inside data, or NULL */
	size_t extensions_length;
	uint16_t extensions_profile; /* 0xBEDE or 0x100x (RFC 8285) */
};

/* 0, or -1 if the packet is not a whole RTP version 2 packet. */
int buzz_rtp_read(struct buzz_rtp *rtp, uint8_t *data, size_t length);
/* The element with this id (1..255) and its length, or NULL. */
const uint8_t *buzz_rtp_extension(const struct buzz_rtp *rtp, uint8_t id, size_t *length);
/* Write in place. */
void buzz_rtp_set_seq(uint8_t *data, uint16_t seq);
void buzz_rtp_set_timestamp(uint8_t *data, uint32_t timestamp);
void buzz_rtp_set_payload_type(uint8_t *data, uint8_t payload_type); /* keeps the marker */
