#!/usr/bin/env bash
# cargo for production: api/autopaspoort.profdata tells the compiler what is hot, and the server takes a sixth less
# processor time (docs/performance.md). Only the compiler that it was made with can use it: another builds as usual, and
# is told so. RUSTFLAGS are kept.
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
# What the profile says of a function that has changed since is of no use, and no reason for a warning to whoever builds.
flags=("-Cprofile-use=$PWD/api/autopaspoort.profdata" -Cllvm-args=-no-pgo-warn-mismatch)
options=()
if ! cmp -s <(rustc -vV) api/autopaspoort.profdata.rustc; then
  say "the profile of what is hot is of another compiler, $(head -n 1 api/autopaspoort.profdata.rustc): built without it"
elif [[ -n ${RUSTFLAGS:-} ]]; then
  export RUSTFLAGS="$RUSTFLAGS ${flags[*]}"
else
  options=(--config "build.rustflags=['${flags[0]}', '${flags[1]}']")
fi
exec cargo "$1" "${options[@]}" --release --locked "${@:2}"
