/* SPDX-License-Identifier: GPL-3.0-only */
/* Key-frame requests of subscribers go to the worker, which sends them to the slot's source, coalesced. Nothing else in a
 * client's RTCP is passed on: the core answers NACKs itself. Loop thread of the handle. */
#include "feedback.h"
#include "media.h"
#include "rtcp.h"
#include "worker.h"

void buzz_feedback_rtcp(struct buzz_session *session, const janus_plugin_rtcp *packet)
{
	if (packet->mindex < 0 || packet->mindex >= BUZZ_MINDEX_MAX)
		return;
	struct buzz_uptrack *uptrack =
		atomic_load_explicit(&session->uptracks[packet->mindex], memory_order_acquire);
	if (uptrack)
		buzz_media_plan(uptrack); /* takes a new plan also while no RTP comes */
	struct buzz_feed *feed = atomic_load_explicit(&session->feeds[packet->mindex], memory_order_acquire);
	if (!feed || !atomic_load_explicit(&feed->timeline.wanted, memory_order_relaxed) ||
	    !buzz_rtcp_wants_keyframe((const uint8_t *)packet->buffer, packet->length) ||
	    atomic_exchange_explicit(&feed->keyframe_wanted, true, memory_order_acq_rel))
		return;
	struct buzz_message *message = buzz_message_new(BUZZ_MESSAGE_SLOT_WANTED, session);
	message->mindex = packet->mindex;
	buzz_workers_notify(message);
}
