#!/usr/bin/env bash
# Compiles every file that runs on a button with mpy-cross: it rejects what MicroPython lacks.
# Usage: tools/dev/compile_firmware.sh [DIR]; keeps the .mpy files in DIR and prints their sizes.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.venv/bin:$PATH"

out=${1:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
total=0
failed=0
while read -r source; do
    mpy=${out:-$scratch}/${source#*/}
    mpy=${mpy%.py}.mpy
    mkdir -p "$(dirname "$mpy")"
    # The name inside the file is what a traceback on the device shows.
    if mpy-cross -s "${source#*/}" -o "$mpy" "$source"; then
        total=$((total + $(stat --format=%s "$mpy")))
        [ -z "$out" ] || printf '%6d %s\n' "$(stat --format=%s "$mpy")" "${source#*/}"
    else
        failed=1
    fi
done < <(find wire/kentongan_wire firmware -name '*.py' | sort)
# Not shipped, but run by the same interpreter.
board=sim/kentongan_sim/board
if [ -d "$board" ]; then
    while read -r source; do
        mpy-cross -o "$scratch/board.mpy" "$source" || failed=1
    done < <(find "$board" -name '*.py' | sort)
fi
[ -z "$out" ] || printf '%6d total\n' "$total"
exit "$failed"
