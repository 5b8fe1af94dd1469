#!/usr/bin/env bash
# Unpacks Debian's mosquitto and its clients into DIR/mosquitto with wrappers in DIR/bin.
# Usage: tools/dev/unpack_mosquitto.sh DIR
#
# Where apt is missing (not Debian or Ubuntu), DIR/bin leads to the system's own mosquitto.
set -euo pipefail
# shellcheck source=tools/dev/debian_programs.sh
. "$(dirname "$0")/debian_programs.sh"

main() {
    get_programs "$1" mosquitto /usr/sbin:/usr/local/sbin mosquitto mosquitto_pub mosquitto_sub
    local found
    found=$("$dir/bin/mosquitto" -h | head -n 1 || true) # its help ends with exit code 3
    [[ $found == *" version 2."* ]] || fail "expected mosquitto 2, found '$found'."
}

roots() {
    printf '%s\n' mosquitto mosquitto-clients
}

is_wanted() {
    case $1 in
        # mosquitto's own library must be of the same version as the programs.
        mosquitto | mosquitto-clients | libmosquitto*) true ;;
        *) false ;;
    esac
}

main "$@"
