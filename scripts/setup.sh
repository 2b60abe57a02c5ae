#!/usr/bin/env bash
# Installs what is missing on Debian 12 and checks the Swift version; does nothing a second time.
# Usage: scripts/setup.sh [bench|outside|page]   also what the benchmarks' peers need, the tests of
#                                                the real program, or those of the page
set -euo pipefail

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

command -v swift >/dev/null ||
    fail 'swift is not on the PATH. Install Swift 6.3 or newer (swift.org/install) and try again.'
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
[[ $(printf '%s\n' 6.3 "$version" | sort -V | head -n 1) == 6.3 ]] ||
    fail "swift is version ${version:-unknown}. Plimsoll needs 6.3 or newer (swift.org/install)."

missing=()
need() { "${@:2}" >/dev/null 2>&1 || missing+=("$1"); }
need gcc command -v gcc
need g++ command -v g++
need valgrind command -v valgrind
need zlib1g-dev test -e /usr/include/zlib.h
need libsqlite3-dev test -e /usr/include/sqlite3.h
if [[ ${1:-} == bench ]]; then
    need libsqlite3-dev test -e /usr/include/sqlite3.h
    need libpq-dev command -v pg_config
    need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
    need redis-server command -v redis-server
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip'
    need python3-numpy "$BASH" -c \
        "'${PYTHON:-python3}' -c 'import numpy' || /usr/bin/python3 -c 'import numpy'"
fi
if [[ ${1:-} == outside ]]; then
    need python3 command -v python3
    need strace command -v strace
    need openssl command -v openssl
    need prometheus command -v promtool
fi

if [[ ${1:-} == page ]]; then
    need chromium "$BASH" -c "[[ -n '${PLIMSOLL_CHROMIUM:-}' ]] || command -v chromium"
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip'
    need nodejs command -v node
    need curl command -v curl
fi

# The Python peers and the plots, in an environment of their own. Without a network, and where a
# package cannot be had, the others run alone.
packages=(numpy polars duckdb nautilus_trader matplotlib)
install_peers() {
    local venv=.build/bench-venv
    [[ ${1:-} == bench && $(cat "$venv/packages" 2>/dev/null) != "${packages[*]}" ]] || return 0
    echo "setup: installing ${packages[*]} into $venv"
    python3 -m venv "$venv" || { echo 'setup: no environment for the peers.' >&2; return 0; }
    local package absent=()
    for package in "${packages[@]}"; do
        "$venv/bin/pip" install -q --disable-pip-version-check --retries 1 \
            "$package" || absent+=("$package")
    done
    if [[ ${#absent[@]} -eq 0 ]]; then
        echo "${packages[*]}" >"$venv/packages"
    else
        echo "setup: ${absent[*]} could not be installed: not run." >&2
    fi
}

# What drives the browser in the tests of the page, in an environment of its own.
install_page() {
    local venv=.build/page-venv
    [[ ${1:-} == page && ! -e "$venv/ready" ]] || return 0
    echo "setup: installing playwright into $venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check 'playwright==1.65.*' ||
        fail "playwright could not be installed into $venv."
    touch "$venv/ready"
}

if [[ ${#missing[@]} -eq 0 ]]; then
    install_peers "$@"
    install_page "$@"
    exit 0
fi

command -v apt-get >/dev/null ||
    fail "missing: ${missing[*]}. This is not Debian; install them by hand and try again."
as_root=()
if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "missing: ${missing[*]}. Run this as root, or install sudo."
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
install_peers "$@"
install_page "$@"
