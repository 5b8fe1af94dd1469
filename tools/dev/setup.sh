#!/usr/bin/env bash
# Sets this folder up: tools/dev/setup.sh demo|dev|gateway (make setup-demo, setup, setup-gateway).
#
# Everything goes into .venv/, .tools/ and .stubs/ of this folder; only Chromium (for the tests)
# and Python's own venv module are system packages. Steps whose inputs did not change are
# skipped, so running it again costs next to nothing. pip's, npm's and apt's own configuration
# decides where packages come from.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$PWD
mode=${1:-dev}
locks=tools/dev/locks
venv=.venv
tools=.tools
web=server/kentongan_server/web
node_minimum=20 # esbuild and TypeScript are tested with it

case $mode in
    demo | dev | gateway) ;;
    *)
        echo "usage: tools/dev/setup.sh demo|dev|gateway, got '$mode'" >&2
        exit 2
        ;;
esac

main() {
    mkdir -p "$tools/bin" "$tools/stamps"
    exec 9>"$tools/setup.lock"
    if ! flock --nonblock 9; then
        say "another set-up is running in this folder: waiting for it"
        flock 9
    fi
    export PATH="$root/$tools/bin:$root/$venv/bin:$PATH"

    setup_python
    setup_mosquitto
    if [ "$mode" = dev ]; then
        setup_stubs
        setup_chromium
        setup_smstools
        setup_postgresql
    fi
    if [ "$mode" != gateway ]; then
        setup_web
    fi
}

say() { printf 'setup: %s\n' "$*"; }

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# --- stamps: a step is done when its stamp holds the checksum of its inputs ---------------------

checksum() { # FILE …: one checksum over names and contents, and over $salt
    { printf '%s\n' "${salt:-}" && sha256sum -- "$@"; } | sha256sum | cut -d' ' -f1
}

is_done() { # STEP CHECKSUM
    [ -f "$tools/stamps/$1" ] && [ "$(<"$tools/stamps/$1")" = "$2" ]
}

mark_done() { # STEP CHECKSUM
    printf '%s\n' "$2" >"$tools/stamps/$1"
}

# --- system packages ----------------------------------------------------------------------------

installed() { # PACKAGE
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

system_packages() { # PURPOSE PACKAGE …
    local purpose=$1 as_root=(env DEBIAN_FRONTEND=noninteractive)
    shift
    if ! have apt-get; then
        fail "$purpose needs the packages $* (Debian's names): install them, then run this again."
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! have sudo || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            fail "$purpose needs: $*. Run 'sudo apt-get install $*', then this again."
        fi
        as_root=(sudo "${as_root[@]}")
    fi
    say "installing for $purpose: $*"
    local install=(apt-get install --yes --quiet --no-install-recommends "$@")
    "${as_root[@]}" "${install[@]}" >"$tools/apt.log" 2>&1 ||
        { "${as_root[@]}" apt-get update --quiet && "${as_root[@]}" "${install[@]}"; } \
            >"$tools/apt.log" 2>&1 ||
        { tail -n 20 "$tools/apt.log" >&2 && fail "apt-get could not install $*; see above."; }
}

# --- Python -------------------------------------------------------------------------------------

find_python() { # prints an interpreter of 3.11 or newer
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "needs Python 3.11 or newer; found $(python3 --version 2>/dev/null || echo none)." \
        "Install one and name it: make PYTHON=/path/to/python3.11 …"
}

setup_python() {
    if [ ! -x "$venv/bin/python" ] || ! is_done venv "$root"; then
        local python
        python=$(find_python)
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            system_packages "Python's virtual environment" \
                "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
        fi
        say "making $venv with $("$python" --version)"
        rm -rf "$venv" "$tools"/stamps/{uv,project,python-*}
        "$python" -m venv "$venv"
        mark_done venv "$root"
    fi

    local sum
    sum=$(checksum "$locks/uv.txt")
    if ! is_done uv "$sum"; then
        "$venv/bin/python" -m pip --quiet --disable-pip-version-check install \
            --require-hashes --requirement "$locks/uv.txt"
        mark_done uv "$sum"
    fi

    # What the tests need includes what the demo needs, in the same versions.
    sum=$(checksum "$locks/dev.txt")
    if [ "$mode" = dev ] || ! is_done python-dev "$sum"; then
        sum=$(checksum "$locks/$mode.txt")
        if ! is_done "python-$mode" "$sum"; then
            say "installing Python packages ($mode)"
            install_locked "$locks/$mode.txt"
            mark_done "python-$mode" "$sum"
        fi
    fi

    sum=$(checksum pyproject.toml tools/dev/build_hook.py)
    if ! is_done project "$sum"; then
        say "installing kentongan from this folder"
        uv_pip install --no-deps --no-build-isolation --editable .
        mark_done project "$sum"
    fi
}

install_locked() { # LOCK [OPTION …]
    local lock=$1
    shift
    uv_pip install --require-hashes --requirement "$lock" "$@"
}

uv_pip() {
    adopt_pip_settings
    UV_PYTHON="$root/$venv/bin/python" "$venv/bin/uv" pip "$1" --quiet "${@:2}"
}

# uv does not read pip's configuration: hand its package index and certificates over.
adopt_pip_settings() {
    [ -z "${pip_settings_adopted:-}" ] || return 0
    pip_settings_adopted=yes
    local index certificates
    index=${PIP_INDEX_URL:-$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        export UV_DEFAULT_INDEX=$index
    fi
    certificates=${PIP_CERT:-$("$venv/bin/python" -m pip config get global.cert 2>/dev/null || true)}
    if [ -n "$certificates" ] && [ -z "${SSL_CERT_FILE:-}" ]; then
        export SSL_CERT_FILE=$certificates
    fi
}

# --- mosquitto: unpacked, never installed, so that no system broker starts ----------------------

setup_mosquitto() {
    local sum
    sum=$(checksum tools/dev/{unpack_mosquitto,debian_programs}.sh)
    if ! is_done mosquitto "$sum" || [ ! -x "$tools/bin/mosquitto" ]; then
        say "unpacking mosquitto into $tools/mosquitto"
        tools/dev/unpack_mosquitto.sh "$tools"
        mark_done mosquitto "$sum"
    fi
    local program
    for program in mosquitto mosquitto_pub mosquitto_sub; do
        # Beside the interpreter too, for whoever runs .venv/bin/kentongan without make.
        [ -e "$venv/bin/$program" ] || ln -sfn "../../$tools/bin/$program" "$venv/bin/$program"
    done
}

# --- web pages ----------------------------------------------------------------------------------

setup_web() {
    if [ ! -f "$web/package.json" ]; then
        say "no $web/package.json yet: no web pages to build"
        return
    fi
    setup_node
    local sum
    sum=$(salt=$(node --version) checksum "$web"/package*.json "$web/.npmrc")
    if ! is_done web-packages "$sum" || [ ! -d "$web/node_modules" ]; then
        say "installing the web pages' packages"
        (cd "$web" && npm ci --ignore-scripts --loglevel=error)
        mark_done web-packages "$sum"
    fi

    local sources=()
    mapfile -d '' sources < <(find "$web" \( -name node_modules -o -name dist \) -prune -o -type f -print0 | sort -z)
    sum=$(checksum "${sources[@]}")
    if ! is_done web-build "$sum" || [ ! -d "$web/dist" ]; then
        say "building the web pages"
        (cd "$web" && npm run --silent build)
        mark_done web-build "$sum"
    fi
}

setup_node() {
    local major
    major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || true)
    if [ "${major:-0}" -lt "$node_minimum" ] || ! have npm; then
        say "installing Node.js into $venv (found ${major:-none}, needs $node_minimum)"
        install_locked "$locks/node.txt"
        hash -r
    fi
}

# --- only for the tests and linters -------------------------------------------------------------

setup_stubs() {
    local sum
    sum=$(checksum "$locks/stubs.txt")
    if ! is_done stubs "$sum" || [ ! -d .stubs ]; then
        say "unpacking the ESP32's type stubs into .stubs"
        rm -rf .stubs
        install_locked "$locks/stubs.txt" --target .stubs
        mark_done stubs "$sum"
    fi
}

# A foreign client for the emulated modem.
setup_smstools() { setup_unpacked smstools smsd smstools; }

# The store's second engine, for the tests.
setup_postgresql() { setup_unpacked postgresql postgres PostgreSQL; }

# The browser without its windows: each page of the whole one costs a second of the processor.
setup_headless_shell() { setup_unpacked chromium chromium-headless-shell "Chromium without its windows"; }

setup_unpacked() { # FOLDER PROGRAM NAME: Debian's, in a folder, so that nothing is installed or started
    local sum
    sum=$(checksum "tools/dev/unpack_$1.sh" tools/dev/debian_programs.sh)
    if ! is_done "$1" "$sum" || [ ! -x "$tools/bin/$2" ]; then
        say "unpacking $3 into $tools/$1"
        "tools/dev/unpack_$1.sh" "$tools"
        mark_done "$1" "$sum"
    fi
}

setup_chromium() {
    if [ -n "${KENTONGAN_CHROMIUM:-}" ]; then
        [ -x "$KENTONGAN_CHROMIUM" ] || fail "KENTONGAN_CHROMIUM: expected a program, found '$KENTONGAN_CHROMIUM'."
    elif ! have chromium; then
        if grep -qs '^ID=ubuntu' /etc/os-release; then
            fail "the browser tests need Chromium, which Ubuntu ships as a snap only:" \
                "set KENTONGAN_CHROMIUM to a Chromium or Chrome program, then run this again."
        fi
        system_packages "the browser tests" chromium # with its fonts
    fi
    # Elsewhere the whole browser is taken: others have no package without its windows.
    if [ -z "${KENTONGAN_CHROMIUM:-}" ] && grep -qs '^ID=debian' /etc/os-release; then
        setup_headless_shell
    fi
}

main
