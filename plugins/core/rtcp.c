/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads RTCP. Runs on the subscriber's loop thread. */
#include "rtcp.h"

#define HEADER 4       /* bytes, RFC 3550 section 6.4.1 */
#define TYPE_PSFB 206  /* RFC 4585 section 6.1 */
#define FORMAT_PLI 1   /* RFC 4585 section 6.3.1 */
#define FORMAT_FIR 4   /* RFC 5104 section 4.3.1 */

bool buzz_rtcp_wants_keyframe(const uint8_t *data, size_t length)
{
	while (length >= HEADER && data[0] >> 6 == 2) {
		size_t size = HEADER + 4 * ((size_t)data[2] << 8 | data[3]);
		unsigned format = data[0] & 0x1f;
		if (size > length)
			return false;
		if (data[1] == TYPE_PSFB && (format == FORMAT_PLI || format == FORMAT_FIR))
			return true;
		data += size;
		length -= size;
	}
	return false;
}
