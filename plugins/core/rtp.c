/* SPDX-License-Identifier: GPL-3.0-only */
/* RTP headers: RFC 3550 section 5.1, header extensions RFC 8285. No state; the packet belongs to
 * the caller, on the publisher's loop thread. */
#include "rtp.h"

#define EXTENSION_HEADER 4 /* bytes, RFC 3550 section 5.3.1 */
#define ONE_BYTE_PROFILE 0xBEDE
#define TWO_BYTE_PROFILE 0x1000 /* the low 4 bits are the application's, RFC 8285 section 4.3 */
#define ONE_BYTE_ID_STOP 15     /* ends the list, RFC 8285 section 4.2 */

static uint16_t read_16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t read_32(const uint8_t *bytes)
{
	return (uint32_t)read_16(bytes) << 16 | read_16(bytes + 2);
}

/* Moves *offset behind the extension block. */
static int read_extensions(struct buzz_rtp *rtp, size_t *offset)
{
	if (rtp->length - *offset < EXTENSION_HEADER)
		return -1;
	const uint8_t *header = rtp->data + *offset;
	size_t length = (size_t)read_16(header + 2) * 4;
	*offset += EXTENSION_HEADER;
	if (rtp->length - *offset < length)
		return -1;
	rtp->extensions_profile = read_16(header);
	rtp->extensions = header + EXTENSION_HEADER;
	rtp->extensions_length = length;
	*offset += length;
	return 0;
}

int buzz_rtp_read(struct buzz_rtp *rtp, uint8_t *data, size_t length)
{
	*rtp = (struct buzz_rtp){.data = data, .length = length};
	if (length < BUZZ_RTP_HEADER || data[0] >> 6 != 2)
		return -1;
	size_t offset = BUZZ_RTP_HEADER + (size_t)(data[0] & 0x0F) * 4;
	if (offset > length)
		return -1;
	if ((data[0] & 0x10) && read_extensions(rtp, &offset) < 0)
		return -1;
	size_t padding = 0;
	if (data[0] & 0x20) {
		padding = data[length - 1]; /* counts itself, so 0 is no padding at all */
		if (padding == 0 || padding > length - offset)
			return -1;
	}
	rtp->marker = data[1] & 0x80;
	rtp->payload_type = data[1] & 0x7F;
	rtp->seq = read_16(data + 2);
	rtp->timestamp = read_32(data + 4);
	rtp->ssrc = read_32(data + 8);
	rtp->payload = data + offset;
	rtp->payload_length = length - offset - padding;
	return 0;
}

static const uint8_t *find_one_byte(const struct buzz_rtp *rtp, uint8_t id, size_t *length)
{
	const uint8_t *at = rtp->extensions, *end = at + rtp->extensions_length;

	while (at < end) {
		uint8_t header = *at++;
		if (header == 0) /* padding between elements */
			continue;
		uint8_t found = header >> 4;
		size_t size = (header & 0x0F) + 1u;
		if (found == 0 || found == ONE_BYTE_ID_STOP || size > (size_t)(end - at))
			return NULL;
		if (found == id) {
			*length = size;
			return at;
		}
		at += size;
	}
	return NULL;
}

static const uint8_t *find_two_byte(const struct buzz_rtp *rtp, uint8_t id, size_t *length)
{
	const uint8_t *at = rtp->extensions, *end = at + rtp->extensions_length;

	while (at < end) {
		uint8_t found = *at++;
		if (found == 0)
			continue;
		if (at == end || *at > end - at - 1)
			return NULL;
		size_t size = *at++;
		if (found == id) {
			*length = size;
			return at;
		}
		at += size;
	}
	return NULL;
}

const uint8_t *buzz_rtp_extension(const struct buzz_rtp *rtp, uint8_t id, size_t *length)
{
	if (!rtp->extensions || id == 0)
		return NULL;
	if (rtp->extensions_profile == ONE_BYTE_PROFILE)
		return find_one_byte(rtp, id, length);
	if ((rtp->extensions_profile & 0xFFF0) == TWO_BYTE_PROFILE)
		return find_two_byte(rtp, id, length);
	return NULL;
}

void buzz_rtp_set_seq(uint8_t *data, uint16_t seq)
{
	data[2] = (uint8_t)(seq >> 8);
	data[3] = (uint8_t)seq;
}

void buzz_rtp_set_timestamp(uint8_t *data, uint32_t timestamp)
{
	data[4] = (uint8_t)(timestamp >> 24);
	data[5] = (uint8_t)(timestamp >> 16);
	data[6] = (uint8_t)(timestamp >> 8);
	data[7] = (uint8_t)timestamp;
}

void buzz_rtp_set_payload_type(uint8_t *data, uint8_t payload_type)
{
	data[1] = (uint8_t)((data[1] & 0x80) | (payload_type & 0x7F));
}
