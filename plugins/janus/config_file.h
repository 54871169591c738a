/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads janus.plugin.buzz.jcfg (libconfig's format, as all of Janus's files) into the settings. */
#pragma once
#include "settings.h"

/* Fills *settings from the file, or with the defaults if there is no such file. 0, or -1: then *error says what is wrong, as
 * "<file>:<line>: <key>: <reason>" in its text. */
int buzz_config_file_read(struct buzz_settings *settings, const char *path, struct buzz_error *error);
