/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads the configuration file. DESIGN: values are handed to buzz_settings_set as text, so that there is one place that knows
 * ranges. Runs once, in init. */
#include "config_file.h"
#include <errno.h>
#include <glib.h>
#include <libconfig.h>
#include <stdio.h>

static int fail(struct buzz_error *error, const char *path, int line, const char *reason)
{
	buzz_fail(error, BUZZ_ERROR_BAD_FIELD, NULL, "%s:%d: %s", path, line, reason);
	return -1;
}

/* The value as text, or NULL if it is a group or a list; the caller's. */
static char *value_text(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return g_strdup_printf("%lld", config_setting_get_int64(setting));
	case CONFIG_TYPE_FLOAT: {
		char number[G_ASCII_DTOSTR_BUF_SIZE];
		return g_strdup(g_ascii_formatd(number, sizeof(number), "%.6f",
						config_setting_get_float(setting)));
	}
	case CONFIG_TYPE_BOOL:
		return g_strdup(config_setting_get_bool(setting) ? "true" : "false");
	case CONFIG_TYPE_STRING:
		return g_strdup(config_setting_get_string(setting));
	default:
		return NULL;
	}
}

static int read_section(struct buzz_settings *settings, const config_setting_t *section, const char *path,
			struct buzz_error *error)
{
	const char *name = config_setting_name(section);
	int line = (int)config_setting_source_line(section);
	if (!config_setting_is_group(section)) {
		g_autofree char *reason = g_strdup_printf("%s: keys stand inside a section", name);
		return fail(error, path, line, reason);
	}
	for (int i = 0; i < config_setting_length(section); i++) {
		const config_setting_t *setting = config_setting_get_elem(section, (unsigned)i);
		line = (int)config_setting_source_line(setting);
		g_autofree char *text = value_text(setting);
		struct buzz_error refused = {0};
		if (!text) {
			g_autofree char *reason = g_strdup_printf("%s.%s: must be a single value", name,
								  config_setting_name(setting));
			return fail(error, path, line, reason);
		}
		if (buzz_settings_set(settings, name, config_setting_name(setting), text, &refused))
			return fail(error, path, line, refused.text);
	}
	return 0;
}

static int read_config(struct buzz_settings *settings, const config_t *config, const char *path,
		       struct buzz_error *error)
{
	const config_setting_t *root = config_root_setting(config);
	for (int i = 0; i < config_setting_length(root); i++) {
		if (read_section(settings, config_setting_get_elem(root, (unsigned)i), path, error))
			return -1;
	}
	struct buzz_error refused = {0};
	if (buzz_settings_check(settings, &refused))
		return fail(error, path, 0, refused.text);
	return 0;
}

int buzz_config_file_read(struct buzz_settings *settings, const char *path, struct buzz_error *error)
{
	buzz_settings_defaults(settings);
	FILE *file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? 0 : fail(error, path, 0, g_strerror(errno));
	config_t config;
	config_init(&config);
	int result = config_read(&config, file) == CONFIG_TRUE
			     ? read_config(settings, &config, path, error)
			     : fail(error, path, config_error_line(&config), config_error_text(&config));
	config_destroy(&config);
	fclose(file);
	return result;
}
