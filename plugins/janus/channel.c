/* SPDX-License-Identifier: GPL-3.0-only */
/* PUB's data channel. DESIGN: the loop thread, which has media to see to, only copies the text; it is read on the worker's thread.
 * The worker's queue is not asked whether it is full, but one handle can have only so much in it. */
#include "channel.h"

/* What one handle may have in the worker's queue: whichever comes first. */
#define WAITING_MAX 256
#define WAITING_BYTES_MAX (1 << 20)

void buzz_channel_message(struct buzz_session *session, const char *text, size_t length, bool binary)
{
	/* only this thread adds to them */
	if (atomic_load(&session->channel_waiting) >= WAITING_MAX ||
	    atomic_load(&session->channel_waiting_bytes) >= WAITING_BYTES_MAX) {
		atomic_store(&session->channel_overrun, true);
		return;
	}
	struct buzz_message *message = buzz_message_new(BUZZ_MESSAGE_CHANNEL, session);
	if (!binary) {
		message->text = g_memdup2(text, length);
		message->text_length = length;
	}
	atomic_fetch_add(&session->channel_waiting, 1);
	atomic_fetch_add(&session->channel_waiting_bytes, (int)message->text_length);
	buzz_workers_notify(message);
}

void buzz_channel_ready(struct buzz_session *session)
{
	if (!atomic_exchange(&session->channel_ready, true))
		buzz_workers_notify(buzz_message_new(BUZZ_MESSAGE_CHANNEL_READY, session));
}

int buzz_channel_read(struct buzz_message *message, char *id, struct buzz_error *error)
{
	atomic_fetch_sub(&message->session->channel_waiting, 1);
	atomic_fetch_sub(&message->session->channel_waiting_bytes, (int)message->text_length);
	id[0] = '\0';
	if (!message->text)
		return buzz_fail(error, BUZZ_ERROR_BAD_REQUEST, NULL, "a message must be text");
	return buzz_request_read_text(&message->request, message->text, message->text_length, id, error);
}

bool buzz_channel_overrun(struct buzz_session *session, struct buzz_error *error)
{
	if (!atomic_exchange(&session->channel_overrun, false))
		return false;
	buzz_fail(error, BUZZ_ERROR_BUSY, NULL, "messages came faster than they could be handled, and some were dropped");
	return true;
}
