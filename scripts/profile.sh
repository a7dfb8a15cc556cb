#!/usr/bin/env bash
# Makes api/autopaspoort.profdata anew, from which scripts/release.sh has the compiler know what is hot: builds a server that
# counts, has bench/train.py send it what users send most, on both databases, and keeps the counts of what ran often. Done
# before a release, when hot code, a dependency, the settings of the build or the toolchain has changed since the last one:
# until then what the profile does not know is compiled as usual. Takes some ten minutes.
#
#   scripts/profile.sh
#   scripts/profile.sh --check    only look whether the profile is of the compiler that there is: another can't use it
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly often=10000 # times, of the some ten thousands that each kind of request is sent
case ${1:-} in
--check)
  cmp -s <(rustc -vV) api/autopaspoort.profdata.rustc ||
    die "the profile of what is hot is of another compiler, $(head -n 1 api/autopaspoort.profdata.rustc): run 'make profile'"
  say "the profile of what is hot is of this compiler"
  exit
  ;;
'') ;;
*)
  usage
  [[ $1 == -h || $1 == --help ]]
  exit
  ;;
esac
folder=
clear_away() {
  ignore_signals
  end_guarded
  if [[ -n $folder ]]; then rm -rf "$folder"; fi
}
trap clear_away EXIT
trap_signals

need_apt python3 python3
need_apt wrk wrk
need_apt setpriv util-linux
if ! pkg-config --exists openssl 2>/dev/null; then apt_install libssl-dev pkg-config; fi
rustup component add llvm-tools >&2 || die "llvm-tools of the toolchain are needed, and rustup could not install them"
merge=("$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/llvm-profdata" merge)
make_folder autopaspoort-profile

say "building a server that counts"
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}/bench/counting")
# What compiles something counts too: into a folder that is the same each time, or all would be built anew each time.
run_guarded env OPENSSL_NO_VENDOR=1 RUSTFLAGS="-Cprofile-generate=$target/of-the-build" \
  cargo build --target-dir "$target" --release --locked --package api --package bench-tools
rm -rf "$target/of-the-build"
run_guarded env "LLVM_PROFILE_FILE=$folder/counts/%p-%m.profraw" \
  scripts/with-postgres.sh python3 bench/train.py "$target/release"

say "keeping what ran $often times at least"
"${merge[@]}" --text --output="$folder/all.txt" "$folder"/counts/*.profraw
python3 bench/hot.py "$often" <"$folder/all.txt" >"$folder/hot.txt"
"${merge[@]}" --sparse --output="$folder/hot.profdata" "$folder/hot.txt"
mv "$folder/hot.profdata" api/autopaspoort.profdata
rustc -vV >api/autopaspoort.profdata.rustc
say "api/autopaspoort.profdata has $(stat --format=%s api/autopaspoort.profdata) bytes." \
  "What is built already is not built anew for it: remove target/release and target/bench/build"
