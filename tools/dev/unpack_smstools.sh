#!/usr/bin/env bash
# Unpacks Debian's smstools into DIR/smstools with a wrapper DIR/bin/smsd: a foreign program that
# the emulated modem must satisfy. Usage: tools/dev/unpack_smstools.sh DIR
#
# Needs no root, installs nothing and starts nothing. Where apt is missing, the wrapper leads to
# the system's own smsd.
set -euo pipefail

mkdir -p "$1/bin"
dir=$(cd "$1" && pwd)
packages=(smstools libmm14)
apt_options=(-o APT::Sandbox::User=root)

main() {
    if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
        unpack
        write_wrapper
    else
        local found
        found=$(PATH=$PATH:/usr/sbin command -v smsd) || fail "needs smsd: install smstools, then run this again."
        ln -sfn "$found" "$dir/bin/smsd"
    fi
    local version
    version=$("$dir/bin/smsd" -V 2>&1 | head -n 1 || true)
    [[ $version == *"ersion 3."* ]] || fail "expected smsd 3, found '$version'."
}

fail() {
    printf 'smstools: %s\n' "$*" >&2
    exit 1
}

unpack() {
    local staging=$dir/smstools.new deb
    rm -rf "$staging"
    mkdir -p "$staging/debs"
    if ! download "$staging/debs" 2>"$dir/apt.log"; then
        # Package lists are missing or old: fetch our own, which needs no root.
        mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
        apt_options+=(-o "Dir::State::Lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache")
        apt-get "${apt_options[@]}" --quiet=2 update || fail "apt-get could not fetch its package lists; see above."
        download "$staging/debs" || fail "apt-get could not download ${packages[*]}; see above."
    fi
    for deb in "$staging"/debs/*.deb; do
        dpkg -x "$deb" "$staging"
    done
    rm -rf "$staging/debs" "$dir/smstools"
    mv "$staging" "$dir/smstools"
}

download() { # DEBS
    (cd "$1" && apt-get "${apt_options[@]}" --quiet=2 download "${packages[@]}")
}

write_wrapper() {
    cat >"$dir/bin/smsd" <<'WRAPPER'
#!/bin/sh
# Written by tools/dev/unpack_smstools.sh.
here=$(dirname "$(readlink -f "$0")")/../smstools
for library in "$here"/usr/lib/libmm.so.* "$here"/usr/lib/*/libmm.so.*; do
    [ ! -e "$library" ] || libraries=$(dirname "$library")
done
LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/usr/sbin/smsd" "$@"
WRAPPER
    chmod +x "$dir/bin/smsd"
}

main
