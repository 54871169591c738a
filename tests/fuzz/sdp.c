/* SPDX-License-Identifier: GPL-3.0-only */
/* Any text as a session description. Whatever is read can be answered, and the answer can be read:
 * it has the offer's m-lines in order, takes nothing that was not offered, and has no line the core
 * would cut. */
#include "sdp.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_section(const struct buzz_sdp_section *offer,
			  const struct buzz_sdp_section *answer, bool is_channel)
{
	const struct buzz_sdp_codec *chosen = buzz_sdp_choose(offer);
	require(strcmp(offer->protocol, answer->protocol) == 0);
	require(answer->mid[0] == '\0');
	if (is_channel) {
		require(buzz_sdp_is_channel(answer));
		return;
	}
	require(answer->rejected == (chosen == NULL));
	if (chosen == NULL) {
		require(strcmp(offer->formats, answer->formats) == 0 &&
			answer->direction == BUZZ_INACTIVE);
		return;
	}
	require(offer->kind == answer->kind);
	require(answer->direction == BUZZ_RECVONLY || answer->direction == BUZZ_INACTIVE);
	require(answer->codecs->len == 1 && answer->extensions->len <= offer->extensions->len);
	const struct buzz_sdp_codec *taken = buzz_sdp_choose(answer);
	require(taken->codec == chosen->codec && taken->payload_type == chosen->payload_type);
	require(g_strcmp0(taken->fmtp, chosen->fmtp) == 0);
}

static void check_lines(const char *text)
{
	while (*text != '\0') {
		const char *end = strstr(text, "\r\n");
		require(end != NULL && end - text < 510);
		text = end + 2;
	}
}

static void check_answer(const struct buzz_sdp *offer)
{
	char *text = buzz_sdp_write_answer(offer);
	struct buzz_sdp *answer;
	check_lines(text);
	require(buzz_sdp_read(&answer, text, NULL) == BUZZ_OK);
	require(answer->sections->len == offer->sections->len);
	bool channel = false;
	for (guint i = 0; i < offer->sections->len; i++) {
		bool first = !channel && buzz_sdp_is_channel(offer->sections->pdata[i]);
		channel = channel || first;
		check_section(offer->sections->pdata[i], answer->sections->pdata[i], first);
	}
	buzz_sdp_free(answer);
	g_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = g_strndup((const char *)data, size);
	struct buzz_sdp *sdp;
	struct buzz_error error = {0};
	int code = buzz_sdp_read(&sdp, text, &error);
	require((code == BUZZ_OK) == (sdp != NULL));
	if (sdp != NULL)
		check_answer(sdp);
	else
		require(code == BUZZ_ERROR_BAD_SDP && (int)error.code == code &&
			error.text[0] != '\0');
	buzz_sdp_free(sdp);
	g_free(text);
	return 0;
}
