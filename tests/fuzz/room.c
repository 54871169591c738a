/* SPDX-License-Identifier: GPL-3.0-only */
/* The model test with the input's bytes for dice: after each command the room's invariants hold and
 * its clients agree with it. */
#include "commands.h"
#include <stdio.h>
#include <stdlib.h>

struct bytes {
	const uint8_t *at, *end;
};

/* Two bytes where one is not enough; 0 when there are no more. */
static uint32_t next_below(void *data, uint32_t n)
{
	struct bytes *bytes = data;
	uint32_t number = 0;
	for (uint32_t range = 1; range < n && bytes->at < bytes->end; range *= 256)
		number = number * 256 + *bytes->at++;
	return number % n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = {.at = data, .end = data + size};
	struct world *world = world_new((struct dice){.below = next_below, .data = &bytes});
	while (bytes.at < bytes.end) {
		const char *wrong = world_step(world);
		if (wrong) {
			fprintf(stderr, "%s, after\n%s", wrong, world->story->str);
			abort();
		}
	}
	world_free(world);
	return 0;
}
