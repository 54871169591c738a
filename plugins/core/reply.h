/* SPDX-License-Identifier: GPL-3.0-only */
/* Builds every answer and event a client gets (docs/protocol.md): the only place that makes JSON for clients.
 * Each returns a new reference. */
#pragma once
#include "participant.h"
#include "report.h"
#include "room_key.h"

json_t *buzz_reply_error(const struct buzz_error *error);
/* From now on the data channel is used for messages to this participant. */
json_t *buzz_reply_channel(void);
/* Servers for ICE with a credential that is good from now on. */
json_t *buzz_reply_ice_servers(const struct buzz_participant *self, const struct buzz_settings *settings, int64_t unix_s);
/* The answer to join; unix_s is the wall clock; others: GPtrArray of struct buzz_participant *, self may be among them and is left out. */
json_t *buzz_reply_joined(const struct buzz_room_key *key, const struct buzz_participant *self,
			  const GPtrArray *others, const struct buzz_settings *settings, int64_t unix_s);
/* The answer to sync on PUB: the same members as joined, and the number expected next. */
json_t *buzz_reply_synced(const struct buzz_room_key *key, const struct buzz_participant *self,
			  const GPtrArray *others, const struct buzz_settings *settings, int64_t unix_s,
			  uint32_t next_seq);
/* The answer to sync on SUB. */
json_t *buzz_reply_sub_synced(const struct buzz_participant *self, uint32_t next_seq);
json_t *buzz_reply_participant_joined(const struct buzz_participant *participant);
json_t *buzz_reply_published(const struct buzz_participant *self);
json_t *buzz_reply_streams(const struct buzz_participant *participant);
json_t *buzz_reply_left(const char *id, const char *reason);
json_t *buzz_reply_interrupted(const struct buzz_participant *participant); /* or resumed, as it is now */
json_t *buzz_reply_restarting(void);
json_t *buzz_reply_subscribed(const struct buzz_participant *participant, const char *from); /* "" = everybody */
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
/* To a SUB whose one participant has left. */
json_t *buzz_reply_ended(const char *id, const char *reason);
/* What the others get of a relayed message; data is borrowed. */
json_t *buzz_reply_relay(const char *from, const char *how, const char *event, json_t *data);
json_t *buzz_reply_relayed(guint reached);
/* An answer as the text of a message of a data channel; body is taken over, id is the client's name for what is answered or "". */
GBytes *buzz_reply_text(json_t *body, const char *id);
json_t *buzz_reply_slots(const struct buzz_subscription *subscription);
