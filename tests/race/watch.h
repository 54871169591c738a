/* SPDX-License-Identifier: GPL-3.0-only */
/* What must hold for what one client is told and sent, whatever happens to the others. DESIGN:
 * nothing here is locked, so that ThreadSanitizer sees every race of the plugin: events of a handle
 * come one after the other, and packets are written down per thread and looked at in the end. A
 * broken rule aborts. */
#pragma once
#include "fakecore.h"
#include <glib.h>

struct client {
	bool is_pub;
	uint8_t room;
	uint32_t person;
	void *more; /* the test's */
	/* watch.c */
	bool began, ended; /* joined or subscribed; left or given up */
	char *id;
	GHashTable *known;    /* PUB: id -> whether it is interrupted */
	GHashTable *answered; /* transactions */
	char *offer;          /* SUB: the last one */
	uint32_t version;
	bool version_answered;
};

struct watch_counts {
	atomic_int joins, streams, lefts, interruptions, offers, later_offers, answers, errors, slots, reports, report_parts;
	atomic_int errors_by_code[100]; /* from 400 */
};
extern struct watch_counts watch_counts;

struct client *client_new(bool is_pub, uint8_t room, uint32_t person);
void client_free(struct client *client);

/* The transaction of a request: only its own handle may get it back, and once. */
void watch_transaction(char *text, size_t size, const struct fake_handle *handle, unsigned number, unsigned note);
/* The note of a transaction. */
unsigned watch_note(const char *transaction);
/* handle->user is a struct client. */
void watch_event(struct fake_handle *handle, const char *transaction, const json_t *body, const json_t *jsep);
void watch_packet(struct fake_handle *handle, const janus_plugin_rtp *packet);
/* The packets of every slot together, when none comes any more: how many there were. */
size_t watch_packets_end(void);
