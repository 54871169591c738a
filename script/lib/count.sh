# SPDX-License-Identifier: GPL-3.0-only
# shellcheck shell=bash
# What a runner's output says about passed and failed tests. Every suite ends with `counted PASSED FAILED`. A skipped test
# counts as failed: what was not run was not tested.

passed=0
failed=0

# Ends a suite.
report_counts() {
	printf 'counted %d %d\n' "$passed" "$failed"
	[ "$failed" -eq 0 ]
}

# sum_numbers PATTERN FILE: the sum of the first numbers in the lines that match.
sum_numbers() {
	awk -v pattern="$1" '$0 ~ pattern { match($0, /[0-9]+/); n += substr($0, RSTART, RLENGTH) } END { print n + 0 }' "$2"
}

# count_check BUILD: the programs `make check` ran there, by their logs. A fuzz replay is one test.
count_check() {
	local result log ok bad
	for result in "$1"/tests/*/*.trs; do
		[ -e "$result" ] || continue
		log=${result%.trs}.log
		ok=$(sum_numbers '^\\[  PASSED  \\]' "$log")
		bad=$(sum_numbers '^\\[  FAILED  \\] [0-9]+ test' "$log")
		bad=$((bad + $(sum_numbers '^\\[  SKIPPED \\] [0-9]+ test' "$log")))
		if grep -q '^:global-test-result: PASS' "$result"; then
			[ "$ok" -gt 0 ] || ok=1
		elif [ "$bad" -eq 0 ]; then
			bad=1
		fi
		[ "$bad" -eq 0 ] || cat "$log"
		passed=$((passed + ok))
		failed=$((failed + bad))
	done
}

# count_tap STATUS FILE: one run of node's test runner, from its TAP output.
count_tap() {
	local ok bad
	ok=$(sum_numbers '^# pass [0-9]+$' "$2")
	bad=$(sum_numbers '^# (fail|cancelled|skipped|todo) [0-9]+$' "$2")
	if [ "$1" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
}

# count_command NAME COMMAND...: one test that passes when the command succeeds.
count_command() {
	local name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
		printf 'ok: %s\n' "$name"
	else
		failed=$((failed + 1))
		printf 'FAILED: %s\n' "$name"
	fi
}
