#!/usr/bin/env bash
# Proves on both databases that a mailing mails nobody twice and that a mail that matters arrives, though the servers that send
# them are killed with SIGKILL at random moments (tools/once-only-check/check.py). The servers are the development build (make
# build). Run it with scripts/with-postgres.sh.
#
#   scripts/check-once-only.sh [--rounds N] [--seed SEED]
#
#   --rounds N    in each round, servers are killed once (3 unless it is said, 30 at most)
#   --seed SEED   chooses what is killed when; each run says which one it had
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1:-} in
-h | --help)
  usage
  exit
  ;;
esac
[[ -n ${AUTOPASPOORT_TEST_POSTGRES_URL:-} ]] || die "run it as scripts/with-postgres.sh $0"
program=$(development_build)
[[ -x $program ]] || die "$program is missing: run 'make build'."
need_apt python3 python3
need_apt cc gcc libc6-dev

folder=
clean_up() {
  ignore_signals
  end_guarded
  if [[ -n $folder ]]; then rm -rf "$folder"; fi
}
trap clean_up EXIT
trap_signals
make_folder autopaspoort-once-only

export SHIFT_CLOCK=$folder/shift_clock.so
cc -Wall -Wextra -Werror -O2 -shared -fPIC -o "$SHIFT_CLOCK" tools/once-only-check/shift_clock.c

name=once_only_$(random_hex)
"$AUTOPASPOORT_TEST_POSTGRES_BIN/psql" --quiet --no-psqlrc "$AUTOPASPOORT_TEST_POSTGRES_URL" --command "CREATE DATABASE $name"
for url in "sqlite://$folder/autopaspoort.db" "${AUTOPASPOORT_TEST_POSTGRES_URL%/*}/$name"; do
  say "once only, on ${url%%:*}"
  DATABASE_URL=$url run_guarded python3 tools/once-only-check/check.py "$@" "$program"
done
