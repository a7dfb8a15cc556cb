#!/usr/bin/env bash
# Measures the server against the limit of the database and the machine: installs what is needed, builds for production,
# starts a temporary PostgreSQL with durable settings, and runs bench/bench.py with it. bench/README.md explains it.
#
#   scripts/bench.sh [--help]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The packages of FastAPI are installed into a virtual environment below target, as pip itself advises.
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

# Uses the system's OpenSSL for the database's client. Building it from source would take a third of the build's time,
# and no measurement encrypts its connection to the database. The build has its own target folder; otherwise the next
# `make run` would build everything again.
if ! pkg-config --exists openssl 2>/dev/null; then apt_install libssl-dev pkg-config; fi
export OPENSSL_NO_VENDOR=1

say "building for production"
scripts/release.sh build --target-dir "${CARGO_TARGET_DIR:-target}/bench/build" --package api --package bench-tools

# PostgreSQL gets an eighth of the memory. Its manual advises a quarter for a server that has the machine to itself, but
# the load and the web servers run here too. Checkpoints come at fixed times, not in the middle of loading. All other
# settings are the defaults.
shared=$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 8192))
export PG_DURABLE=1 PG_SETTINGS="shared_buffers = ${shared}MB
max_wal_size = 8GB"
exec scripts/with-postgres.sh python3 bench/bench.py
