# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# Ports and addresses. Needs say.sh and iproute2.

# need_number OPTION VALUE MIN MAX
need_number() {
	if [[ ! $2 =~ ^[1-9][0-9]{0,5}$ ]] || [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
		die "$1 wants a number from $3 to $4, not '$2'"
	fi
}

# need_free_port OPTION PORT: names who has it when we may know (root sees all processes, others their own).
need_free_port() {
	local taken owner=
	taken=$(ss -Hltnp "sport = :$2")
	[ -n "$taken" ] || return 0
	if [[ $taken =~ \(\(\"([^\"]+)\",pid=([0-9]+) ]]; then
		owner=" by ${BASH_REMATCH[1]} (process ${BASH_REMATCH[2]})"
	fi
	die "port $2 is taken$owner; stop that, or choose another with $1"
}

port_answers() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

has_ipv6_loopback() {
	grep -qs ' lo$' /proc/net/if_inet6
}

# The interface media goes through: the one of the default route, else the first with an address. Never loopback, which
# Janus does not use for ICE; browsers on this machine reach it by its own address all the same.
media_interface() {
	local interface
	interface=$(ip -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
	if [ -z "$interface" ] || [ -z "$(ip -4 -o address show dev "$interface" scope global)" ]; then
		interface=$(ip -4 -o address show up scope global | awk '{ print $2; exit }')
	fi
	[ -n "$interface" ] ||
		die "this machine has no IPv4 address besides loopback, and Janus needs one for media; connect it to a network, or: ip link add buzz0 type dummy && ip address add 192.0.2.1/32 dev buzz0 && ip link set buzz0 up"
	printf '%s' "$interface"
}
