#!/usr/bin/env bash
# Measures the server against the limit that database and machine set: installs what is needed, builds for production,
# starts a throwaway PostgreSQL with durable settings, and runs bench/bench.py with it. bench/README.md says more.
#
#   scripts/bench.sh [--help]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The packages of FastAPI go into a folder of their own below target, as pip itself advises.
prepare_python() {
  local list=bench/peers/fastapi/requirements.txt venv=${CARGO_TARGET_DIR:-target}/bench/venv
  cmp -s "$list" "$venv/installed.txt" && return
  say "pip install in $venv"
  rm -rf "$venv"
  if ! python3 -c 'import ensurepip' 2>/dev/null; then apt_install python3-venv; fi
  mkdir -p "${venv%/*}"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$list" >&2
  cp "$list" "$venv/installed.txt"
}

need_apt python3 python3
if [[ $# -gt 0 ]]; then
  exec python3 bench/bench.py "$@"
fi
measures=$(python3 bench/bench.py --chosen)
need_apt wrk wrk
need_apt setpriv util-linux
if grep -qx peers <<<"$measures"; then
  need_npm bench/peers/fastify
  [[ $(node -p 'parseInt(process.versions.node)') -ge 20 ]] ||
    die "Fastify needs Node.js 20, and this is $(node --version): install it, or leave the measure out with SKIP=peers"
  prepare_python
fi

# The system's OpenSSL for the database's client, not one built from source: that alone takes a third of the build, and no
# measure encrypts what it sends to the database. In a folder of its own, or each `make run` after it built all anew.
if ! pkg-config --exists openssl 2>/dev/null; then apt_install libssl-dev pkg-config; fi
export OPENSSL_NO_VENDOR=1

say "building for production"
scripts/release.sh build --target-dir "${CARGO_TARGET_DIR:-target}/bench/build" --package api --package bench-tools

# An eighth of the memory, where PostgreSQL's manual advises a quarter for a server that has a machine to itself: the load
# and the web servers live here too. Checkpoints come by time, not in the midst of loading. All else is the default.
shared=$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 8192))
export PG_DURABLE=1 PG_SETTINGS="shared_buffers = ${shared}MB
max_wal_size = 8GB"
exec scripts/with-postgres.sh python3 bench/bench.py
