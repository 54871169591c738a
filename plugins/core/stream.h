/* SPDX-License-Identifier: GPL-3.0-only */
/* One thing a participant publishes: one m-line of its PUB, at most one slot of each subscriber. */
#pragma once
#include "codec.h"
#include "sdp.h"
#include <glib.h>

#define BUZZ_STREAM_NAME_MAX 32
#define BUZZ_TITLE_MAX 128 /* code points */

enum buzz_stream_kind { BUZZ_MICROPHONE, BUZZ_CAMERA, BUZZ_SCREEN, BUZZ_SCREEN_AUDIO };

/* As the client describes it; by value inside arrays, title owned. */
struct buzz_stream_info {
	char name[BUZZ_STREAM_NAME_MAX + 1]; /* "stream" on the wire */
	enum buzz_stream_kind kind;
	char mid[BUZZ_MID_MAX + 1];
	char *title;                       /* or NULL */
	char of[BUZZ_STREAM_NAME_MAX + 1]; /* "" unless screen_audio */
	bool muted;
};

const char *buzz_stream_kind_name(enum buzz_stream_kind kind);
/* 0 and *kind, or -1. */
int buzz_stream_kind_from_name(enum buzz_stream_kind *kind, const char *name);
enum buzz_media buzz_stream_kind_media(enum buzz_stream_kind kind);
void buzz_stream_info_clear(struct buzz_stream_info *info); /* frees what it owns; for g_array_set_clear_func */
/* A GArray of struct buzz_stream_info that frees its elements. */
GArray *buzz_stream_infos_new(void);
