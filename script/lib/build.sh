# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# Builds out of tree: one folder for each set of configure options. Needs say.sh.

# What autoreconf, configure and make need for the plugin.
# shellcheck disable=SC2034 # for those who source this
build_packages=(autoconf automake gcc janus-dev libc6-dev libconfig-dev libglib2.0-dev libjansson-dev libtool make pkg-config)

# run_logged LOG WHAT COMMAND...: quietly; if it fails, the end of its output and a last word.
run_logged() {
	local log=$1 what=$2
	shift 2
	"$@" </dev/null >>"$log" 2>&1 || {
		last_lines "$log" 30
		die "$what failed; everything it said is in $log"
	}
}

# configure_tree ROOT BUILD [OPTION...]: leaves BUILD/Makefile up to date. Options are those of configure; when they
# are others than last time, BUILD is configured anew.
configure_tree() {
	local root=$1 build=$2
	shift 2
	mkdir -p "$build" 2>/dev/null || die "cannot make the folder $build; choose another with --build"
	local log=$build/build.log
	: >"$log" || die "cannot write to $build; choose another folder with --build"
	[ ! -e "$root/config.status" ] ||
		die "$root was configured in place, which rules out other builds of it; run: make -C $root distclean"
	if [ ! -e "$root/configure" ] || [ "$root/configure.ac" -nt "$root/configure" ]; then
		say "Making configure"
		(cd "$root" && run_logged "$log" autoreconf autoreconf -fi)
	fi
	if [ ! -e "$build/Makefile" ] || [ "$*" != "$(cat "$build/configured-with" 2>/dev/null)" ]; then
		say "Configuring $build"
		(cd "$build" && run_logged "$log" configure "$root/configure" "$@")
		printf '%s' "$*" >"$build/configured-with"
	fi
}

# build_plugin ROOT BUILD [OPTION...]: afterwards BUILD/.libs/libjanus_buzz.so is up to date. Several at once wait for
# one another.
build_plugin() (
	mkdir -p "$2" 2>/dev/null || die "cannot make the folder $2; choose another with --build"
	exec 9>"$2/.lock"
	flock 9
	configure_tree "$@"
	make -q -C "$2" libjanus_buzz.la >/dev/null 2>&1 || say "Building the plugin"
	run_logged "$2/build.log" make make -C "$2" -j "$(nproc)" libjanus_buzz.la
)
