/* SPDX-License-Identifier: GPL-3.0-only */
/* A room, its clients, and commands chosen by dice: a PRNG for the model test, the input's bytes
 * for the fuzzer. */
#pragma once
#include "client.h"

/* A number below n (n > 0). */
struct dice {
	uint32_t (*below)(void *data, uint32_t n);
	void *data;
};

struct world {
	struct buzz_settings settings;
	struct buzz_room *room;
	struct clients clients;
	struct dice dice;
	int64_t now_ms;
	uint64_t next_handle;
	unsigned joins, requests;
	GString *story; /* the last command, for whoever reads a failure */
	/* how often requests were accepted and refused, by their type: a test that never gets
	 * anywhere proves nothing */
	unsigned accepted[BUZZ_REQUEST_LAST + 1], refused[BUZZ_REQUEST_LAST + 1];
	unsigned given_up; /* SUBs */
	unsigned returned; /* joins that took a seat again */
};

struct world *world_new(struct dice dice);
void world_free(struct world *world);
/* One more command. NULL, or what is wrong now. */
const char *world_step(struct world *world);
