/* SPDX-License-Identifier: GPL-3.0-only */
/* Puts the numbered requests of a handle back in order (docs/protocol.md, section 3): Janus hands messages to a pool of
 * threads. Worker thread. */
#pragma once
#include "session.h"

/* Takes over the message until its turn comes. Or BUZZ_ERROR_BAD_SEQ, and then it is still the caller's. */
int buzz_order_put(struct buzz_session *session, struct buzz_message *message, struct buzz_error *error);
/* The message whose turn it is (the caller's), or NULL. */
struct buzz_message *buzz_order_next(struct buzz_session *session);
bool buzz_order_holds(const struct buzz_session *session);
/* Whether one of them has waited for BUZZ_SEQ_WAIT_MS. */
bool buzz_order_overdue(const struct buzz_session *session, int64_t now_ms);
/* Gives up waiting for what is missing before the first one held. */
void buzz_order_skip(struct buzz_session *session);
void buzz_order_clear(struct buzz_session *session);
