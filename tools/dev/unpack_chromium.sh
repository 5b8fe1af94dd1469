#!/usr/bin/env bash
# Unpacks Debian's Chromium without its windows into DIR/chromium with a wrapper in DIR/bin: for tests and bench, where
# each page of the whole browser costs a second of the processor. Usage: tools/dev/unpack_chromium.sh DIR
set -euo pipefail
# shellcheck source=tools/dev/debian_programs.sh
. "$(dirname "$0")/debian_programs.sh"

main() {
    get_programs "$1" chromium /usr/lib/chromium chromium-headless-shell
}

roots() {
    printf '%s\n' chromium-headless-shell chromium-common
}

is_wanted() {
    case $1 in
        # What it reads must be of the same version as the program.
        chromium-headless-shell | chromium-common) true ;;
        *) false ;;
    esac
}

main "$@"
