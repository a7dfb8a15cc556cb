#!/usr/bin/env bash
# Measures the server against the limit that database and machine set: installs what is needed, builds for production,
# starts a throwaway PostgreSQL with durable settings, and runs bench/bench.py with it. bench/README.md says more.
#
#   scripts/bench.sh [--help]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

need_apt python3 python3
if [[ $# -gt 0 ]]; then
  exec python3 bench/bench.py "$@"
fi
python3 bench/bench.py --check-settings
need_apt wrk wrk
need_apt setpriv util-linux

say "building for production"
cargo build --release --locked --package api --package bench-tools

# As PostgreSQL's own manual advises for a server with this memory, but an eighth of it rather than a quarter, since the
# load and two web servers live here too. Everything else is PostgreSQL's default.
memory=$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 8192))
export PG_DURABLE=1 PG_SETTINGS="shared_buffers = ${memory}MB
max_wal_size = 8GB"
exec scripts/with-postgres.sh python3 bench/bench.py
