# shellcheck shell=bash
# Programs of Debian packages in a folder: without root, and nothing is installed or started. For the unpack_*.sh.
#
# Whoever sources this defines
#   roots       prints the packages to begin with; nothing while apt's lists do not know them
#   is_wanted   PACKAGE: whether it is taken even where the system has it
set -euo pipefail

apt_options=(-o APT::Sandbox::User=root)

get_programs() { # DIR WHAT PATHS PROGRAM …: into DIR/WHAT with wrappers in DIR/bin; without apt the system's, also of PATHS
    mkdir -p "$1/bin"
    dir=$(cd "$1" && pwd) what=$2 paths=$3 programs=("${@:4}")
    if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
        unpack
        write_wrappers
    else
        link_system_programs
    fi
}

fail() {
    printf '%s: %s\n' "$what" "$*" >&2
    exit 1
}

unpack() {
    local staging=$dir/$what.new debs=$dir/$what.debs deb
    rm -rf "$staging" "$debs"
    mkdir -p "$staging" "$debs"
    if ! download "$debs" 2>"$dir/apt.log"; then
        # Package lists are missing or old: fetch our own, which needs no root.
        use_private_lists
        download "$debs" || fail "apt-get could not download it; see the message above."
    fi
    for deb in "$debs"/*.deb; do
        dpkg -x "$deb" "$staging"
    done
    rm -rf "$debs" "${dir:?}/$what"
    mv "$staging" "$dir/$what"
    chmod -R a+rX "$dir/$what" # what runs as another user than root is run by that user

    local program missing
    for program in "${programs[@]}"; do
        missing=$(LD_LIBRARY_PATH=$(library_path) ldd "$(program_path "$program")" |
            sed -n 's/^\s*\(.*\) => not found/\1/p' | paste -sd' ')
        [ -z "$missing" ] || fail "$program finds no $missing"
    done
}

download() { # DEBS: what is wanted, and those of its libraries that this system lacks
    local begin found=() package
    mapfile -t begin < <(roots)
    [ "${#begin[@]}" -ge 1 ] || return 1
    while read -r package; do
        if is_wanted "$package" || { [[ $package == lib* ]] && ! is_installed "$package"; }; then
            found+=("$package")
        fi
    done < <(apt-cache "${apt_options[@]}" depends --recurse --no-recommends --no-suggests \
        --no-conflicts --no-breaks --no-replaces --no-enhances "${begin[@]}" |
        grep -E '^[a-z0-9.+-]+$' | sort -u)
    [ "${#found[@]}" -ge "${#begin[@]}" ] || return 1
    (cd "$1" && apt-get "${apt_options[@]}" --quiet=2 download "${found[@]}")
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

use_private_lists() {
    mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
    apt_options+=(-o "Dir::State::Lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache")
    apt-get "${apt_options[@]}" --quiet=2 update || fail "apt-get could not fetch its package lists; see above."
}

library_path() { # the folders with libraries for everybody, not those of one program
    find "$dir/$what" -maxdepth 4 -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:
}

program_path() { # PROGRAM
    # Before a script of that name in bin comes the program that it would start, which may lie anywhere.
    find "$dir/$what" \( -path "*/bin/$1" -o -path "*/sbin/$1" -o -path "*/lib/$what/$1" \) | sort -V | tail -n 1
}

write_wrappers() {
    local program path libraries
    libraries=$(library_path)
    libraries=${libraries//$dir/\$here/..} # relative to the wrapper: the folder may move
    for program in "${programs[@]}"; do
        path=$(program_path "$program")
        cat >"$dir/bin/$program" <<WRAPPER
#!/bin/sh
# Written by tools/dev/debian_programs.sh.
here=\$(dirname "\$(readlink -f "\$0")")
LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" exec "\$here/..${path#"$dir"}" "\$@"
WRAPPER
        chmod +x "$dir/bin/$program"
    done
}

link_system_programs() {
    local program found
    for program in "${programs[@]}"; do
        found=$(PATH=$PATH:$paths command -v "$program") ||
            fail "needs $program: install $what, then run this again."
        ln -sfn "$found" "$dir/bin/$program"
    done
}
