#!/usr/bin/env bash
# Unpacks Debian's PostgreSQL (15 or newer) into DIR/postgresql with wrappers in DIR/bin.
# Usage: tools/dev/unpack_postgresql.sh DIR
#
# Needs no root, installs nothing and starts no server: the tests start one of their own. Where apt
# is missing (not Debian or Ubuntu), the wrappers lead to the system's own PostgreSQL.
set -euo pipefail

mkdir -p "$1/bin"
dir=$(cd "$1" && pwd)
programs=(initdb postgres pg_dump pg_restore)
minimum=15 # what the store asks for
apt_options=()

main() {
    if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
        unpack
        write_wrappers
    else
        link_system_programs
    fi
    local found
    found=$("$dir/bin/postgres" --version | sed -n 's/.*) \([0-9]*\).*/\1/p' || true)
    [ "${found:-0}" -ge "$minimum" ] || fail "expected PostgreSQL $minimum or newer, found '$found'."
}

fail() {
    printf 'postgresql: %s\n' "$*" >&2
    exit 1
}

unpack() {
    local staging=$dir/postgresql.new debs=$dir/postgresql.debs
    rm -rf "$staging" "$debs"
    mkdir -p "$staging" "$debs"
    if ! download "$debs" 2>"$dir/apt.log"; then
        # Package lists are missing or old: fetch our own, which needs no root.
        use_private_lists
        download "$debs" || fail "apt-get could not download PostgreSQL; see the message above."
    fi
    local deb
    for deb in "$debs"/*.deb; do
        dpkg -x "$deb" "$staging"
    done
    rm -rf "$debs" "$dir/postgresql"
    mv "$staging" "$dir/postgresql"
    # The tests' server runs as another user when they run as root.
    chmod -R a+rX "$dir/postgresql"

    local program missing
    for program in "${programs[@]}"; do
        missing=$(LD_LIBRARY_PATH=$(library_path "$dir/postgresql") ldd "$(program_path "$dir/postgresql" "$program")" |
            sed -n 's/^\s*\(.*\) => not found/\1/p' | paste -sd' ')
        [ -z "$missing" ] || fail "$program finds no $missing"
    done
}

program_path() { # PREFIX PROGRAM
    find "$1/usr/lib/postgresql" -path "*/bin/$2" | sort -V | tail -n 1
}

server_package() { # the server that the package `postgresql` of this system stands for
    apt-cache "${apt_options[@]}" depends --no-recommends --no-suggests postgresql |
        sed -n 's/^ *Depends: \(postgresql-[0-9]*\)$/\1/p' | head -n 1
}

download() { # DEBS: the server, its client and those of their libraries that this system lacks
    local server packages=() package
    server=$(server_package)
    [ -n "$server" ] || return 1
    while read -r package; do
        case $package in
            "$server" | "${server/postgresql/postgresql-client}" | libpq5) packages+=("$package") ;;
            lib*) is_installed "$package" || packages+=("$package") ;;
        esac
    done < <(apt-cache "${apt_options[@]}" depends --recurse --no-recommends --no-suggests \
        --no-conflicts --no-breaks --no-replaces --no-enhances "$server" |
        grep -E '^[a-z0-9.+-]+$' | sort -u)
    [ "${#packages[@]}" -ge 1 ] || return 1
    (cd "$1" && apt-get "${apt_options[@]}" -o APT::Sandbox::User=root --quiet=2 download "${packages[@]}")
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

use_private_lists() {
    mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
    apt_options=(
        -o "Dir::State::Lists=$dir/apt/lists"
        -o "Dir::Cache=$dir/apt/cache"
        -o APT::Sandbox::User=root
    )
    apt-get "${apt_options[@]}" --quiet=2 update || fail "apt-get could not fetch its package lists; see above."
}

library_path() { # PREFIX
    find "$1" -maxdepth 3 -type d -path '*lib/*-linux-gnu*' | paste -sd:
}

write_wrappers() {
    local program path libraries
    libraries=$(cd "$dir" && library_path postgresql)
    libraries="\$here/../${libraries//:/:\$here/../}" # relative to the wrapper: the folder may move
    for program in "${programs[@]}"; do
        path=$(cd "$dir" && program_path postgresql "$program")
        cat >"$dir/bin/$program" <<WRAPPER
#!/bin/sh
# Written by tools/dev/unpack_postgresql.sh.
here=\$(dirname "\$(readlink -f "\$0")")
LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" exec "\$here/../$path" "\$@"
WRAPPER
        chmod +x "$dir/bin/$program"
    done
}

link_system_programs() {
    local program found
    for program in "${programs[@]}"; do
        found=$(PATH=$PATH:/usr/lib/postgresql/bin:/usr/pgsql/bin command -v "$program") ||
            fail "needs $program of PostgreSQL $minimum: install its server, then run this again."
        ln -sfn "$found" "$dir/bin/$program"
    done
}

main
