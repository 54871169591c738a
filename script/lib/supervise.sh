# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# Runs a few processes in the foreground of the script: all of them or none. Needs say.sh.

declare -A child_names=() child_logs=()

# start_child NAME LOG COMMAND...: starts it with its output in LOG; its process id is in $child afterwards. In a session
# of its own, so that Ctrl-C reaches only us and we decide; should we be killed, the kernel ends it.
start_child() {
	local name=$1 log=$2
	shift 2
	setsid setpriv --pdeathsig TERM "$@" </dev/null >"$log" 2>&1 9>&- &
	child=$!
	child_names[$child]=$name
	child_logs[$child]=$log
}

# child_ended PID: reports it as a failure.
child_ended() {
	local status=0
	wait "$1" 2>/dev/null || status=$?
	# What it may have left behind, such as the workers of a killed nginx, goes with it.
	kill -TERM -- "-$1" 2>/dev/null || true
	last_lines "${child_logs[$1]}"
	printf '%s: %s ended by itself (status %d)\n' "${0##*/}" "${child_names[$1]}" "$status" >&2
	unset "child_names[$1]"
}

# await_child PID SECONDS COMMAND...: until the command succeeds. 1 if the process ends or the time is over first.
await_child() {
	local pid=$1 deadline=$((SECONDS + $2))
	shift 2
	until "$@"; do
		if ! kill -0 "$pid" 2>/dev/null; then
			child_ended "$pid"
			return 1
		fi
		if [ "$SECONDS" -ge "$deadline" ]; then
			last_lines "${child_logs[$pid]}"
			printf '%s: %s does not answer\n' "${0##*/}" "${child_names[$pid]}" >&2
			return 1
		fi
		sleep 0.05
	done
}

# Waits until a process ends; returns 1 then, having said which.
watch_children() {
	local pid
	wait -n "${!child_names[@]}" 2>/dev/null || true
	for pid in "${!child_names[@]}"; do
		kill -0 "$pid" 2>/dev/null || child_ended "$pid"
	done
	return 1
}

# child_runs NAME
child_runs() {
	local name
	for name in "${child_names[@]}"; do
		[ "$name" != "$1" ] || return 0
	done
	return 1
}

# Ends what still runs: kindly, after ten seconds with force. 1 if one of them ended badly.
stop_children() {
	local pid status result=0 deadline
	for pid in "${!child_names[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null || true
	done
	deadline=$((SECONDS + 10))
	for pid in "${!child_names[@]}"; do
		while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
			sleep 0.05
		done
		kill -KILL -- "-$pid" 2>/dev/null || true
		status=0
		wait "$pid" 2>/dev/null || status=$?
		# 143 = ended by our TERM before it could handle it.
		if [ "$status" -ne 0 ] && [ "$status" -ne 143 ]; then
			last_lines "${child_logs[$pid]}"
			printf '%s: %s ended with status %d\n' "${0##*/}" "${child_names[$pid]}" "$status" >&2
			result=1
		fi
		unset "child_names[$pid]"
	done
	return "$result"
}
