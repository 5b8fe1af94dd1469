#!/usr/bin/env bash
# Unpacks Debian's mosquitto and its clients into DIR/mosquitto with wrappers in DIR/bin.
# Usage: tools/dev/unpack_mosquitto.sh DIR
#
# Needs no root, installs nothing and starts no broker. Where apt is missing (not Debian or
# Ubuntu), the wrappers lead to the system's own mosquitto.
set -euo pipefail

mkdir -p "$1/bin"
dir=$(cd "$1" && pwd)
programs=(usr/sbin/mosquitto usr/bin/mosquitto_pub usr/bin/mosquitto_sub)
apt_options=()

main() {
    if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
        unpack
        write_wrappers
    else
        link_system_programs
    fi
    local found
    found=$("$dir/bin/mosquitto" -h | head -n 1 || true) # its help ends with exit code 3
    [[ $found == *" version 2."* ]] || fail "expected mosquitto 2, found '$found'."
}

fail() {
    printf 'mosquitto: %s\n' "$*" >&2
    exit 1
}

unpack() {
    local staging=$dir/mosquitto.new debs=$dir/mosquitto.debs
    rm -rf "$staging" "$debs"
    mkdir -p "$staging" "$debs"
    if ! download "$debs" 2>"$dir/apt.log"; then
        # Package lists are missing or old: fetch our own, which needs no root.
        use_private_lists
        download "$debs" || fail "apt-get could not download mosquitto; see the message above."
    fi
    local deb
    for deb in "$debs"/*.deb; do
        dpkg -x "$deb" "$staging"
    done
    rm -rf "$debs" "$dir/mosquitto"
    mv "$staging" "$dir/mosquitto"

    local program missing
    for program in "${programs[@]}"; do
        missing=$(LD_LIBRARY_PATH=$(library_path "$dir/mosquitto") ldd "$dir/mosquitto/$program" |
            sed -n 's/^\s*\(.*\) => not found/\1/p' | paste -sd' ')
        [ -z "$missing" ] || fail "$(basename "$program") finds no $missing"
    done
}

download() { # DEBS: mosquitto, its clients and those of their libraries that this system lacks
    local packages=() package
    while read -r package; do
        case $package in
            mosquitto | mosquitto-clients) packages+=("$package") ;;
            # mosquitto's own library must be of the same version as the programs.
            libmosquitto*) packages+=("$package") ;;
            lib*) is_installed "$package" || packages+=("$package") ;;
        esac
    done < <(apt-cache "${apt_options[@]}" depends --recurse --no-recommends --no-suggests \
        --no-conflicts --no-breaks --no-replaces --no-enhances mosquitto mosquitto-clients |
        grep -E '^[a-z0-9.+-]+$' | sort -u)
    [ "${#packages[@]}" -ge 2 ] || return 1
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
    local program libraries
    libraries=$(cd "$dir" && library_path mosquitto)
    libraries="\$here/../${libraries//:/:\$here/../}" # relative to the wrapper: the folder may move
    for program in "${programs[@]}"; do
        cat >"$dir/bin/$(basename "$program")" <<WRAPPER
#!/bin/sh
# Written by tools/dev/unpack_mosquitto.sh.
here=\$(dirname "\$(readlink -f "\$0")")
LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" exec "\$here/../mosquitto/$program" "\$@"
WRAPPER
        chmod +x "$dir/bin/$(basename "$program")"
    done
}

link_system_programs() {
    local program found
    for program in "${programs[@]}"; do
        found=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$(basename "$program")") ||
            fail "needs $(basename "$program") 2: install mosquitto and its clients, then run this again."
        ln -sfn "$found" "$dir/bin/$(basename "$program")"
    done
}

main
