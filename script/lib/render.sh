# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# Fills in the templates of conf/. Needs say.sh.

# render TEMPLATE TARGET NAME=VALUE...: replaces every @NAME@. Values end up between quotes in libconfig and nginx
# files, so they must not contain what is special there.
render() {
	local template=$1 target=$2 text pair value
	shift 2
	text=$(<"$template")
	for pair in "$@"; do
		value=${pair#*=}
		case $value in
		*[\"\\\$\;\{\}]* | *$'\n'*) die "this path or value cannot stand in a configuration file: $value" ;;
		esac
		text=${text//"@${pair%%=*}@"/"$value"}
	done
	if [[ $text =~ @[A-Z_]+@ ]]; then
		die "$template: nothing was given for ${BASH_REMATCH[0]}"
	fi
	printf '%s\n' "$text" >"$target" || die "cannot write $target; choose another folder with --state"
}
