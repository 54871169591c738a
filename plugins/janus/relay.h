/* SPDX-License-Identifier: GPL-3.0-only */
/* The hot path: an RTP packet from a publisher goes along the routes of its m-line. Loop thread of the PUB. No lock is taken and
 * nothing is allocated per packet. */
#pragma once
#include "session.h"

void buzz_relay_rtp(struct buzz_session *pub, janus_plugin_rtp *packet);
