# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# What the suites in script/suite have in common. script/test runs them; each also runs on its own.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 1
# shellcheck source=script/lib/say.sh
. script/lib/say.sh
# shellcheck source=script/lib/build.sh
. script/lib/build.sh
# shellcheck source=script/lib/node.sh
. script/lib/node.sh
# shellcheck source=script/lib/count.sh
. script/lib/count.sh

# build_flavour NAME: the plugin with the checks of that flavour; it is then in build/NAME/.libs.
build_flavour() {
	build_plugin "$root" "$root/build/$1" "${flavour_options[@]}" "--enable-sanitizer=${flavour_sanitizers[$1]}"
}

flavour_options=(--with-janus=/usr --enable-debug --enable-werror)
declare -A flavour_sanitizers=([debug]=no [asan]='address,undefined' [tsan]='thread,undefined')

# run_check FLAVOUR: `make check` in that build.
run_check() {
	local build=$root/build/$1 status=0
	build_flavour "$1"
	rm -f "$build"/tests/*/*.trs
	make -k -C "$build" -j "$(nproc)" check </dev/null || status=$?
	count_check "$build"
	if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
		failed=1
	fi
}

give_node_crypto

# run_node FILE...: node's test runner, one file after the other, for people on standard output and as TAP for us.
run_node() {
	local tap status=0
	tap=$(mktemp)
	node --test --test-concurrency=1 --test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=tap --test-reporter-destination="$tap" "$@" </dev/null || status=$?
	count_tap "$status" "$tap"
	rm -f "$tap"
}
