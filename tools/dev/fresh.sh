#!/usr/bin/env bash
# Proves that a new machine needs nothing but what the README says: installs a minimal Debian into
# a scratch folder, clones the committed state of this repository into it, and runs the demo, the
# linters and the tests there.
#
# Usage: tools/dev/fresh.sh [TARGET …], e.g. tools/dev/fresh.sh check
# Environment: FRESH_SUITE (default bookworm), FRESH_KEEP=1 keeps the folder.
#
# Needs root and debootstrap. Packages come from where this machine's apt, pip and npm get theirs.
set -euo pipefail
cd "$(dirname "$0")/../.."

suite=${FRESH_SUITE:-bookworm}
repository=$PWD
chroot=
started=$SECONDS

say() { printf 'fresh: %s (%d s)\n' "$*" "$((SECONDS - started))"; }

fail() {
    printf 'fresh: %s\n' "$*" >&2
    exit 1
}

main() {
    [ "$(id -u)" -eq 0 ] || fail "needs root for a chroot: run it with sudo."
    command -v debootstrap >/dev/null || fail "needs debootstrap: run 'apt-get install debootstrap'."
    chroot=$(mktemp -d "${TMPDIR:-/tmp}/kentongan-fresh.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT TERM

    say "installing Debian $suite into $chroot"
    debootstrap --variant=minbase --include=ca-certificates,git,make,python3 \
        "$suite" "$chroot" "$(mirror)" >"$chroot.log" 2>&1 || {
        tail -n 20 "$chroot.log" >&2
        fail "debootstrap failed; see above."
    }
    hand_over_settings
    mount_kernel_folders
    git clone --quiet --no-hardlinks "$repository" "$chroot/srv/kentongan"
    say "cloned $(git -C "$repository" rev-parse --short HEAD)"

    if [ $# -gt 0 ]; then
        run "$@"
    else
        has_demo && run demo ARGS="--headless --presses 20 --json /tmp/demo.json"
        run check
        run test
    fi
    say "all of it works on a new Debian $suite"
}

run() { # MAKE ARGUMENT …
    say "make $*"
    # shellcheck disable=SC2046 # one NAME=value a word
    chroot "$chroot" env -i HOME=/tmp/home LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        CI=true DEBIAN_FRONTEND=noninteractive "${settings[@]}" \
        make -C /srv/kentongan "$@" </dev/null
}

has_demo() { [ -f "$repository/sim/kentongan_sim/cli.py" ]; }

# The mirror that this machine's apt takes the suite from, or else its first Debian one.
mirror() {
    local sites
    sites=$(apt_sources | awk -v suite="$suite" '$3 == suite && !found++ { print $2 }')
    [ -n "$sites" ] || sites=$(apt_sources | awk '!found++ { print $2 }')
    [ -n "$sites" ] || fail "apt knows no Debian mirror: run 'apt-get update' first."
    printf '%s\n' "$sites"
}

apt_sources() { # lines for a sources.list
    # shellcheck disable=SC2016 # apt fills these in
    apt-get indextargets --format 'deb $(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | sort -u
}

# Proxies, certificates and package indexes of the caller; nothing else of its environment.
settings=()
hand_over_settings() {
    local name
    while read -r name; do
        settings+=("$name=${!name}")
    done < <(compgen -e | grep -E '^(PIP|UV|NPM_CONFIG|npm_config)_|^(https?|HTTPS?|no|NO|all|ALL)_(proxy|PROXY)$|^(SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$' || true)

    mkdir -p "$chroot/tmp/home"
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf "$HOME/.pip/pip.conf" "$HOME/.config/pip/pip.conf" \
        "$HOME/.npmrc" /etc/npmrc; do
        [ -r "$file" ] || continue
        local target=${file/#$HOME//tmp/home}
        mkdir -p "$chroot$(dirname "$target")"
        cp --dereference "$file" "$chroot$target"
    done
    cp /etc/ssl/certs/ca-certificates.crt "$chroot/etc/ssl/certs/ca-certificates.crt"
    # How apt fetches, without this machine's hooks.
    apt-config dump Acquire 2>/dev/null | grep -E '::(Proxy|https?|Check-|Verify-|Ca|Retries)' \
        >"$chroot/etc/apt/apt.conf.d/90fresh" || true
    # debootstrap names the suite alone; add its updates, when this machine has them.
    apt_sources | awk -v suite="$suite" 'index($3, suite "-") == 1' >>"$chroot/etc/apt/sources.list"
}

mount_kernel_folders() {
    mount -t proc proc "$chroot/proc"
    mount --rbind /dev "$chroot/dev"
    mount --make-rslave "$chroot/dev"
    mount --rbind /sys "$chroot/sys"
    mount --make-rslave "$chroot/sys"
}

clean_up() {
    local status=$? folder
    [ -n "$chroot" ] || return
    for folder in proc dev sys; do
        ! mountpoint --quiet "$chroot/$folder" || umount --recursive --lazy "$chroot/$folder"
    done
    if [ "${FRESH_KEEP:-}" = 1 ] || mount | grep -qF " $chroot/"; then
        printf 'fresh: kept %s\n' "$chroot" >&2
    else
        rm -rf --one-file-system "$chroot" "$chroot.log"
    fi
    return "$status"
}

main "$@"
