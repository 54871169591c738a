#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-only
# replay.sh PROGRAM: runs tests/fuzz/<target>.replay over every file of tests/fuzz/corpus/<target>.
set -eu
target=$(basename "$1" .replay)
corpus=${srcdir:-.}/tests/fuzz/corpus/$target
count=$(find "$corpus" -type f | wc -l)
if [ "$count" -eq 0 ]; then
	echo "$corpus is empty: nothing was tested" >&2
	exit 1
fi
"$@" "$corpus"
echo "$target: $count inputs replayed"
