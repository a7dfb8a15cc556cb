#!/usr/bin/env bash
# Makes a new api/autopaspoort.profdata. With this profile, scripts/release.sh lets the compiler optimise the code that
# runs most (profile-guided optimisation). The script builds a server that counts how often each part runs, lets
# bench/train.py send it the requests that users send most, on both databases, and keeps the counts of the parts that
# ran often. Do this before a release, if hot code, a dependency, the build's settings or the toolchain has
# changed since the last one; code that is not in the profile is compiled as usual. It takes about ten minutes.
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

say "building a server that counts how often its code runs"
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}/bench/counting")
# Build scripts and macros write counts too. They go into a folder that is the same each time, since otherwise
# everything would be built again each time.
run_guarded env OPENSSL_NO_VENDOR=1 RUSTFLAGS="-Cprofile-generate=$target/of-the-build" \
  cargo build --target-dir "$target" --release --locked --package api --package bench-tools
rm -rf "$target/of-the-build"
run_guarded env "LLVM_PROFILE_FILE=$folder/counts/%p-%m.profraw" \
  scripts/with-postgres.sh python3 bench/train.py "$target/release"

say "keeping the code that ran at least $often times"
"${merge[@]}" --text --output="$folder/all.txt" "$folder"/counts/*.profraw
python3 bench/hot.py "$often" <"$folder/all.txt" >"$folder/hot.txt"
"${merge[@]}" --sparse --output="$folder/hot.profdata" "$folder/hot.txt"
mv "$folder/hot.profdata" api/autopaspoort.profdata
rustc -vV >api/autopaspoort.profdata.rustc
say "api/autopaspoort.profdata has $(stat --format=%s api/autopaspoort.profdata) bytes." \
  "What is built already is not built anew for it: remove target/release and target/bench/build"
