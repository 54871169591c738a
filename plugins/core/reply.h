/* SPDX-License-Identifier: GPL-3.0-only */
/* Builds every answer and event a client gets (docs/protocol.md): the only place that makes JSON for clients.
 * Each returns a new reference. */
#pragma once
#include "participant.h"
#include "report.h"
#include "room_key.h"

json_t *buzz_reply_error(const struct buzz_error *error);
/* The answer to join; others: GPtrArray of struct buzz_participant *, self may be among them and is left out. */
json_t *buzz_reply_joined(const struct buzz_room_key *key, const struct buzz_participant *self,
			  const GPtrArray *others, const struct buzz_settings *settings);
json_t *buzz_reply_participant_joined(const struct buzz_participant *participant);
json_t *buzz_reply_published(const struct buzz_participant *self);
json_t *buzz_reply_streams(const struct buzz_participant *participant);
json_t *buzz_reply_left(const char *id, const char *reason);
json_t *buzz_reply_interrupted(const struct buzz_participant *participant); /* or resumed, as it is now */
json_t *buzz_reply_subscribed(const struct buzz_participant *participant);
json_t *buzz_reply_offer(uint32_t version);
json_t *buzz_reply_answered(uint32_t version);
/* Reports: docs/protocol.md, Reports. */
json_t *buzz_reply_clock(int64_t wall_ms);
json_t *buzz_reply_report(const struct buzz_report *report);
json_t *buzz_reply_collect(const struct buzz_report *report, const struct buzz_settings *settings);
json_t *buzz_reply_logged(const struct buzz_log *log);
json_t *buzz_reply_progress(const struct buzz_report *report);
json_t *buzz_reply_reported(const struct buzz_report_result *result);
json_t *buzz_reply_report_part(const struct buzz_report_result *result);
json_t *buzz_reply_slots(const struct buzz_subscription *subscription);
