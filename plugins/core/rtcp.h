/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads what Buzz needs of compound RTCP (RFC 3550 section 6.1), with every length checked. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the packet asks for a key frame: PLI (RFC 4585 section 6.3.1) or FIR (RFC 5104 section 4.3.1). */
bool buzz_rtcp_wants_keyframe(const uint8_t *data, size_t length);
