/* SPDX-License-Identifier: GPL-3.0-only */
/* Kinds of streams and the lists they travel in. */
#include "stream.h"
#include <string.h>

static const struct {
	const char *name;
	enum buzz_media media;
} kinds[] = {
    [BUZZ_MICROPHONE] = {"microphone", BUZZ_AUDIO},
    [BUZZ_CAMERA] = {"camera", BUZZ_VIDEO},
    [BUZZ_SCREEN] = {"screen", BUZZ_VIDEO},
    [BUZZ_SCREEN_AUDIO] = {"screen_audio", BUZZ_AUDIO},
};

const char *buzz_stream_kind_name(enum buzz_stream_kind kind)
{
	return kinds[kind].name;
}

int buzz_stream_kind_from_name(enum buzz_stream_kind *kind, const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			*kind = (enum buzz_stream_kind)i;
			return 0;
		}
	}
	return -1;
}

enum buzz_media buzz_stream_kind_media(enum buzz_stream_kind kind)
{
	return kinds[kind].media;
}

void buzz_stream_info_clear(struct buzz_stream_info *info)
{
	g_clear_pointer(&info->title, g_free);
}

GArray *buzz_stream_infos_new(void)
{
	GArray *infos = g_array_new(FALSE, TRUE, sizeof(struct buzz_stream_info));
	g_array_set_clear_func(infos, (GDestroyNotify)buzz_stream_info_clear);
	return infos;
}
