#!/usr/bin/env bash
# Makes api/autopaspoort.profdata anew, from which scripts/release.sh has the compiler know what is hot: builds a server that
# counts, has bench/train.py send it what users send most, on both databases, and keeps the counts of what ran often. Worth
# doing when hot code has changed, or the toolchain; what the profile does not know is compiled as usual.
#
#   scripts/profile.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly often=10000 # times, of the some ten thousands that each kind of request is sent
if [[ $# -gt 0 ]]; then
  usage
  exit 0
fi
folder=
clear_away() { if [[ -n $folder ]]; then rm -rf "$folder"; fi; }
trap clear_away EXIT
trap_signals

need_apt python3 python3
need_apt wrk wrk
need_apt setpriv util-linux
if ! pkg-config --exists openssl 2>/dev/null; then apt_install libssl-dev pkg-config; fi
rustup component add llvm-tools >&2 || die "llvm-tools of the toolchain are needed, and rustup could not install them"
sysroot=$(rustc --print sysroot)
tools=$sysroot/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
make_folder autopaspoort-profile

say "building a server that counts"
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}/bench/counting")
OPENSSL_NO_VENDOR=1 RUSTFLAGS="${RUSTFLAGS:-} -Cprofile-generate=$folder/build" \
  cargo build --target-dir "$target" --release --locked --package api --package bench-tools
export LLVM_PROFILE_FILE=$folder/counts/%p-%m.profraw
scripts/with-postgres.sh python3 bench/train.py "$target/release"
unset LLVM_PROFILE_FILE

say "keeping what ran $often times at least"
"$tools/llvm-profdata" merge --text --output="$folder/all.txt" "$folder"/counts/*.profraw
python3 bench/hot.py "$often" <"$folder/all.txt" >"$folder/hot.txt"
"$tools/llvm-profdata" merge --sparse --output=api/autopaspoort.profdata "$folder/hot.txt"
say "api/autopaspoort.profdata has $(stat --format=%s api/autopaspoort.profdata) bytes"
