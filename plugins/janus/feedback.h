/* SPDX-License-Identifier: GPL-3.0-only */
/* RTCP from a client. Loop thread of the handle. */
#pragma once
#include "session.h"

void buzz_feedback_rtcp(struct buzz_session *session, const janus_plugin_rtcp *packet);
