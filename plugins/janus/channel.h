/* SPDX-License-Identifier: GPL-3.0-only */
/* PUB's data channel: its messages on their way to the room's worker. They are requests like those that come over signalling, and
 * their order is the channel's. */
#pragma once
#include "worker.h"

/* A message has come. What one handle may have waiting is bounded: beyond that messages are dropped, and the client is told.
 * Loop thread of the handle. */
void buzz_channel_message(struct buzz_session *session, const char *text, size_t length, bool binary);
/* The core has sent everything it was given. Loop thread of the handle. */
void buzz_channel_ready(struct buzz_session *session);

/* The message is being handled: reads its request into it. 0, or an error; id as for buzz_request_read_text. Worker thread. */
int buzz_channel_read(struct buzz_message *message, char *id, struct buzz_error *error);
/* Whether messages were dropped since it was asked last; then error says so. Worker thread. */
bool buzz_channel_overrun(struct buzz_session *session, struct buzz_error *error);
