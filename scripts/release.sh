#!/usr/bin/env bash
# cargo for production: with api/autopaspoort.profdata, from which the compiler knows what is hot. It is a sixth less work for
# the processor (docs/performance.md); made by scripts/profile.sh, and read by the pinned toolchain.
#
#   scripts/release.sh build --bin autopaspoort
#   scripts/release.sh run --bin autopaspoort -- serve
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ $# -eq 0 || $1 == --help || $1 == -h ]]; then
  usage
  exit 0
fi
export RUSTFLAGS="${RUSTFLAGS:-} -Cprofile-use=$PWD/api/autopaspoort.profdata"
exec cargo "$1" --release --locked "${@:2}"
