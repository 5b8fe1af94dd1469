#!/usr/bin/env bash
# Unpacks Debian's PostgreSQL (15 or newer) into DIR/postgresql with wrappers in DIR/bin; the tests start a server
# of their own. Usage: tools/dev/unpack_postgresql.sh DIR
#
# Where apt is missing (not Debian or Ubuntu), DIR/bin leads to the system's own PostgreSQL.
set -euo pipefail
# shellcheck source=tools/dev/debian_programs.sh
. "$(dirname "$0")/debian_programs.sh"

minimum=15 # what the store asks for

main() {
    get_programs "$1" postgresql /usr/lib/postgresql/bin:/usr/pgsql/bin initdb postgres pg_dump pg_restore
    local found
    found=$("$dir/bin/postgres" --version | sed -n 's/.*) \([0-9]*\).*/\1/p' || true)
    [ "${found:-0}" -ge "$minimum" ] || fail "expected PostgreSQL $minimum or newer, found '$found'."
}

roots() { # the server that the package `postgresql` of this system stands for, and its client
    local server
    server=$(apt-cache "${apt_options[@]}" depends --no-recommends --no-suggests postgresql |
        sed -n 's/^ *Depends: \(postgresql-[0-9]*\)$/\1/p' | head -n 1)
    [ -z "$server" ] || printf '%s\n' "$server" "${server/postgresql/postgresql-client}"
}

is_wanted() {
    case $1 in
        # The client library must be of the same version as the programs.
        postgresql-[0-9]* | postgresql-client-[0-9]* | libpq5) true ;;
        *) false ;;
    esac
}

main "$@"
