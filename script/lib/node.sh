# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# Node and what the tests have from npm. Needs say.sh, packages.sh and build.sh.

# need_node_tests MAY_INSTALL LOG PACKAGE...: afterwards these Debian packages, those of the build, Node and the npm packages
# of tests/ are there, or the script has ended.
need_node_tests() {
	local may_install=$1 log=$2
	shift 2
	local packages=("${build_packages[@]}" "$@")
	command -v node >/dev/null || packages+=(nodejs)
	command -v npm >/dev/null || packages+=(npm)
	need_packages "$may_install" "${packages[@]}"
	if [ tests/package-lock.json -nt tests/node_modules/.package-lock.json ]; then
		say "Installing npm packages"
		run_logged "$log" "npm ci" npm --prefix tests ci
	fi
}

# Node 18, which is Debian's, has the browsers' crypto object only on demand.
give_node_crypto() {
	if [[ $(node --version 2>/dev/null) == v18.* ]]; then
		export NODE_OPTIONS="${NODE_OPTIONS:-} --experimental-global-webcrypto"
	fi
}
