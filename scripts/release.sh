#!/usr/bin/env bash
# Runs cargo for production. The profile api/autopaspoort.profdata tells the compiler which code runs most, so that the
# server takes a sixth less processor time (docs/performance.md). Only the compiler with which the profile was made can
# use it; another compiler builds without it, and the script says so. RUSTFLAGS are kept.
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
# The profile's counts for a function that has changed since are not used. The person who builds needs no warning about
# that.
flags=("-Cprofile-use=$PWD/api/autopaspoort.profdata" -Cllvm-args=-no-pgo-warn-mismatch)
options=()
if ! cmp -s <(rustc -vV) api/autopaspoort.profdata.rustc; then
  say "api/autopaspoort.profdata was made with another compiler, $(head -n 1 api/autopaspoort.profdata.rustc): building without it"
elif [[ -n ${RUSTFLAGS:-} ]]; then
  export RUSTFLAGS="$RUSTFLAGS ${flags[*]}"
else
  options=(--config "build.rustflags=['${flags[0]}', '${flags[1]}']")
fi
exec cargo "$1" "${options[@]}" --release --locked "${@:2}"
