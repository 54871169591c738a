/* SPDX-License-Identifier: GPL-3.0-only */
/* The window of numbered requests of a handle. Worker thread. */
#include "order.h"
#include "worker.h"

int buzz_order_put(struct buzz_session *session, struct buzz_message *message, struct buzz_error *error)
{
	uint32_t seq = message->seq;
	if (seq < session->next_seq)
		return buzz_fail(error, BUZZ_ERROR_BAD_SEQ, "seq", "%u is over; the next is %u", seq,
				 session->next_seq);
	if (seq - session->next_seq >= BUZZ_SEQ_WINDOW)
		return buzz_fail(error, BUZZ_ERROR_BAD_SEQ, "seq", "%u is too far ahead; the next is %u", seq,
				 session->next_seq);
	struct buzz_message **place = &session->held[seq % BUZZ_SEQ_WINDOW];
	if (*place)
		return buzz_fail(error, BUZZ_ERROR_BAD_SEQ, "seq", "%u was used already", seq);
	*place = message;
	return 0;
}

struct buzz_message *buzz_order_next(struct buzz_session *session)
{
	struct buzz_message **place = &session->held[session->next_seq % BUZZ_SEQ_WINDOW];
	if (*place)
		session->next_seq++;
	return g_steal_pointer(place);
}

bool buzz_order_holds(const struct buzz_session *session)
{
	for (int i = 0; i < BUZZ_SEQ_WINDOW; i++) {
		if (session->held[i])
			return true;
	}
	return false;
}

bool buzz_order_overdue(const struct buzz_session *session, int64_t now_ms)
{
	for (int i = 0; i < BUZZ_SEQ_WINDOW; i++) {
		if (session->held[i] && now_ms - session->held[i]->arrived_ms >= BUZZ_SEQ_WAIT_MS)
			return true;
	}
	return false;
}

void buzz_order_skip(struct buzz_session *session)
{
	while (buzz_order_holds(session) && !session->held[session->next_seq % BUZZ_SEQ_WINDOW])
		session->next_seq++;
}

void buzz_order_clear(struct buzz_session *session)
{
	for (int i = 0; i < BUZZ_SEQ_WINDOW; i++)
		buzz_message_free(g_steal_pointer(&session->held[i]));
}
