#!/usr/bin/env bash
# Runs examples/walkthrough.sh against a server of its own, on SQLite and on PostgreSQL: twice on each, since it must be
# repeatable on the same server. Its output is shown the first time, and when it fails. The server is the development
# build (make build).
#
#   scripts/check-walkthrough.sh [sqlite|postgres]   on that one only
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# This part runs inside scripts/with-server.sh, which calls this script again.
play_twice() {
  local log
  examples/walkthrough.sh
  say "once more, on the same server"
  log=$(mktemp)
  if ! examples/walkthrough.sh >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "the walkthrough can't be repeated on the same server."
  fi
  tail -n 1 "$log"
  rm -f "$log"
}

# The walkthrough must not use a developer's own server and mails.
unset BASE_URL MAIL_DIR PUSH_SERVICE

case $#:${1:-} in
0: | 1:sqlite | 1:postgres) ;;
1:--play-twice)
  play_twice
  exit
  ;;
*)
  usage
  [[ ${1:-} == -h || ${1:-} == --help ]]
  exit
  ;;
esac

need_apt curl curl
need_apt jq jq
need_apt openssl openssl
need_apt python3 python3-minimal
if [[ ${1:-sqlite} == sqlite ]]; then
  say "the walkthrough on SQLite"
  scripts/with-server.sh scripts/check-walkthrough.sh --play-twice
fi
if [[ ${1:-postgres} == postgres ]]; then
  say "the walkthrough on PostgreSQL"
  scripts/with-postgres.sh scripts/with-server.sh --postgres scripts/check-walkthrough.sh --play-twice
fi
