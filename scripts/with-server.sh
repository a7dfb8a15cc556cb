#!/usr/bin/env bash
# Runs a command against a server of its own with the demo garage, so that a check neither needs nor changes a
# developer's data.
#
#   scripts/with-server.sh [--postgres] COMMAND...
#
# COMMAND finds the server's address in AUTOPASPOORT_URL, and its folder (mails are in its mail/) in
# AUTOPASPOORT_DATA_DIR. The server also sends push messages to a push service at the address in
# AUTOPASPOORT_OWN_PUSH_SERVICE, which COMMAND may start. The server is the development build (make build); it and its folder are removed when COMMAND
# ends, however it ends; the exit status is COMMAND's.
#
#   --postgres   use the database in AUTOPASPOORT_TEST_POSTGRES_URL (see with-postgres.sh) instead of SQLite
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder=
server=
passed=no

stop_and_clean() {
  ignore_signals
  end_guarded
  if [[ -n $server ]]; then end_process "$server" TERM 20; fi
  if [[ -n $folder ]]; then
    if [[ $passed == no && -s $folder/server.log ]]; then
      say "the server's last lines of output:"
      tail -n 40 "$folder/server.log" >&2
    fi
    rm -rf "$folder"
  fi
}

wait_until_ready() {
  for _ in {1..600}; do
    if curl --silent --fail --max-time 2 --output /dev/null "$url/health/ready"; then return; fi
    kill -0 "$server" 2>/dev/null || die "the server ended before it was ready."
    sleep 0.1
  done
  die "the server was not ready within a minute."
}

database=sqlite
case ${1:-} in
--postgres)
  database=${AUTOPASPOORT_TEST_POSTGRES_URL:?is not set; put scripts/with-postgres.sh in front}
  shift
  ;;
-h | --help)
  usage
  exit
  ;;
esac
[[ $# -gt 0 ]] || die "no command given; see $0 --help"

program=$(development_build)
[[ -x $program ]] || die "$program is not there: run 'make build' first."
need_apt curl curl

trap stop_and_clean EXIT
trap_signals
make_folder autopaspoort-server
if [[ $database == sqlite ]]; then database=sqlite://$folder/data/autopaspoort.db; fi
port=$(free_port)
url=http://127.0.0.1:$port
push_service=http://127.0.0.1:$(free_port)

# The settings of a developer's own server must not reach this one.
unset "${!AUTOPASPOORT_@}"
mkdir "$folder/data"
# The server has its own session, so that ^C reaches COMMAND first. It ends with this script even if the script is
# killed.
setsid setpriv --pdeathsig TERM "$program" serve --demo --listen "127.0.0.1:$port" --public-url "$url" \
  --data-dir "$folder/data" --database-url "$database" \
  --push-contact mailto:beheer@autopaspoort.nl --own-push-service "$push_service" >"$folder/server.log" 2>&1 </dev/null &
server=$!
wait_until_ready

export AUTOPASPOORT_URL=$url AUTOPASPOORT_DATA_DIR=$folder/data AUTOPASPOORT_OWN_PUSH_SERVICE=$push_service
run_guarded "$@"
passed=yes
