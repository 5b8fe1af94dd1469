#!/usr/bin/env bash
# Unpacks Debian's smstools into DIR/smstools with a wrapper DIR/bin/smsd: a foreign program that
# the emulated modem must satisfy. Usage: tools/dev/unpack_smstools.sh DIR
#
# Where apt is missing (not Debian or Ubuntu), DIR/bin leads to the system's own smsd.
set -euo pipefail
# shellcheck source=tools/dev/debian_programs.sh
. "$(dirname "$0")/debian_programs.sh"

main() {
    get_programs "$1" smstools /usr/sbin:/usr/local/sbin smsd
    local found
    found=$("$dir/bin/smsd" -V 2>&1 | head -n 1 || true)
    [[ $found == *"ersion 3."* ]] || fail "expected smsd 3, found '$found'."
}

roots() {
    printf '%s\n' smstools
}

is_wanted() {
    case $1 in
        smstools | libmm14*) true ;;
        *) false ;;
    esac
}

main "$@"
