# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# Debian packages: asks apt for what is missing and for nothing else, and leaves no service behind that was not
# there before. Needs say.sh.

policy=/usr/sbin/policy-rc.d
policy_saved=/usr/sbin/policy-rc.d.before-buzz

# as_root COMMAND...: with sudo when we are not root.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

package_is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# missing_packages PACKAGE...: those that are not installed, one a line.
missing_packages() {
	local package
	for package in "$@"; do
		package_is_installed "$package" || printf '%s\n' "$package"
	done
}

# need_packages MAY_INSTALL PACKAGE...: afterwards all of them are there, or the script has ended.
need_packages() {
	local may_install=$1
	shift
	command -v dpkg-query >/dev/null ||
		die "this is not a Debian system: install by hand what docs/operating.md lists, then use --no-install and --plugin"
	local missing
	mapfile -t missing < <(missing_packages "$@")
	[ "${#missing[@]}" -gt 0 ] || return 0
	local command="apt-get install --no-install-recommends ${missing[*]}"
	[ "$may_install" = yes ] || die "packages are missing; as root: $command"
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
		die "packages are missing and there is no sudo; as root: $command"
	fi
	say "Installing ${missing[*]}"
	install_packages "${missing[@]}"
}

# In a subshell, so that its trap is its own and the policy is put back whatever happens.
install_packages() (
	log=$(mktemp)
	services=()
	for service in coturn janus nginx; do
		has_service "$service" || services+=("$service")
	done
	trap 'rm -f "$log"; allow_service_starts' EXIT
	# A signal must end the subshell by way of its EXIT trap.
	trap 'exit 130' INT
	trap 'exit 143' TERM
	forbid_service_starts
	# A source that cannot be reached is no reason to give up before apt-get has tried.
	as_root apt-get update </dev/null >"$log" 2>&1 || true
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends "$@" </dev/null >>"$log" 2>&1 || {
		last_lines "$log"
		die "apt-get could not install $*; is this machine online, and are its package sources right?"
	}
	for service in "${services[@]}"; do
		! has_service "$service" || disable_service "$service"
	done
)

has_service() {
	[ -e "/lib/systemd/system/$1.service" ] || [ -e "/etc/systemd/system/$1.service" ] || [ -e "/etc/init.d/$1" ]
}

# Packages start their service while they are being installed unless this file says no (see invoke-rc.d(8)).
forbid_service_starts() {
	if [ -e "$policy" ] && [ ! -e "$policy_saved" ]; then
		as_root cp -p "$policy" "$policy_saved"
	fi
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod 755 "$policy"
}

allow_service_starts() {
	if [ -e "$policy_saved" ]; then
		as_root mv "$policy_saved" "$policy"
	else
		as_root rm -f "$policy"
	fi
}

# Both the systemd links and the ones of sysvinit; without either init system (a container) they are only files.
disable_service() {
	if command -v systemctl >/dev/null; then
		as_root systemctl disable --quiet "$1.service" 2>/dev/null
	elif command -v deb-systemd-helper >/dev/null; then
		as_root deb-systemd-helper disable "$1.service" >/dev/null
		as_root update-rc.d "$1" disable
	fi
}
