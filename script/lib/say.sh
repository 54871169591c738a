# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# How the scripts talk: what they do on standard output, why they stop in one line on standard error.

say() {
	printf '%s\n' "$*"
}

# Ends the script. The text says what is wrong and what to do about it.
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# last_lines FILE [COUNT]: what a log said last, indented, on standard error.
last_lines() {
	[ -s "$1" ] || return 0
	printf 'The last lines of %s:\n' "$1" >&2
	tail -n "${2:-15}" "$1" | sed 's/^/    /' >&2
}
