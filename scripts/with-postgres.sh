#!/usr/bin/env bash
# Runs a command with a temporary PostgreSQL server of its own, so that tests need no server, account or set-up, and two
# runs at the same time don't disturb each other.
#
#   scripts/with-postgres.sh COMMAND...
#
# COMMAND finds the address of a superuser in AUTOPASPOORT_TEST_POSTGRES_URL. The server (14 or newer; installed with
# apt when missing) listens on 127.0.0.1 only, at a free port, with a random password. The server and its folder are
# removed when COMMAND ends, however it ends; the exit status is COMMAND's.
#
# COMMAND finds PostgreSQL's programs in the folder AUTOPASPOORT_TEST_POSTGRES_BIN, and the server's log in the file
# AUTOPASPOORT_TEST_POSTGRES_LOG.
#
#   PG_DURABLE=1   write to disk as in production; without it the server is fast and forgets everything in a power cut
#   PG_SETTINGS    further lines for postgresql.conf
#   TMPDIR         where the server's folder is made (default: in memory, in /dev/shm, when nothing is to be durable and
#                  there is ample room; else /tmp)
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly oldest=14
folder=
server=

# Sets `programs` to the folder with the newest usable PostgreSQL; fails when there is none.
find_postgres() {
  local candidate version newest=0
  programs=
  for candidate in "$(dirname "$(command -v postgres || echo /usr/bin/postgres)")" /usr/lib/postgresql/*/bin \
    /usr/pgsql-*/bin /usr/local/bin /usr/local/pgsql/bin /usr/local/opt/postgresql*/bin /opt/homebrew/opt/postgresql*/bin; do
    [[ -x $candidate/postgres && -x $candidate/initdb ]] || continue
    version=$("$candidate/postgres" --version | grep -oE '[0-9]+' | head -n 1)
    if ((version >= oldest && version > newest)); then
      newest=$version
      programs=$candidate
    fi
  done
  [[ -n $programs ]]
}

# Debian's package makes and starts a server for the whole system. This is switched off during the installation. (The
# function runs in a subshell, so that it can have its own EXIT trap.)
install_postgres() (
  setting=/etc/postgresql-common/createcluster.d/no-cluster-for-tests.conf
  if can_be_root; then
    as_root mkdir -p "${setting%/*}"
    echo 'create_main_cluster = false' | as_root tee "$setting" >/dev/null
    trap 'as_root rm -f "$setting"; as_root rmdir -p --ignore-fail-on-non-empty "${setting%/*}"' EXIT
  fi
  apt_install postgresql
)

stop_and_clean() {
  ignore_signals
  end_guarded
  if [[ -n $server ]]; then
    end_process "$server" INT 30 # SIGINT is PostgreSQL's fast shutdown: it ends sessions and doesn't wait for them
  fi
  if [[ -n $folder ]]; then
    rm -rf "$folder"
  fi
}

# A database that need not be durable is made in memory where this machine has plenty: tests make and drop hundreds of
# databases, each of some hundred files, which takes a disk's file system a good part of the time.
choose_place() {
  local ample=$((8 * 1024 * 1024)) room=0 memory=0
  [[ -z ${TMPDIR:-} && ${PG_DURABLE:-0} != 1 && -d /dev/shm && -w /dev/shm ]] || return 0
  room=$(df --output=avail -k /dev/shm | tail -n 1)
  memory=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
  if ((room >= ample && memory >= ample)); then place=/dev/shm; fi
}

make_cluster() {
  local durable=off no_sync=(--no-sync)
  if [[ ${PG_DURABLE:-0} == 1 ]]; then
    durable=on no_sync=()
  fi
  (umask 077 && echo "$password" >"$folder/password")
  if [[ $EUID -eq 0 ]]; then chown "$owner:" "$folder/password"; fi
  "${as_owner[@]}" "$programs/initdb" --pgdata="$folder/data" --username=autopaspoort --pwfile="$folder/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 "${no_sync[@]}" >"$folder/initdb.log" 2>&1 </dev/null || {
    cat "$folder/initdb.log" >&2
    die "initdb failed; its output is above."
  }
  cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 400
shared_buffers = 256MB
fsync = $durable
full_page_writes = $durable
synchronous_commit = $durable
${PG_SETTINGS:-}
CONF
}

# Starts the server and waits until it takes connections. Another program may take the port in the meantime; then it
# tries again with another port.
start_server() {
  local log=$folder/server.log
  for _ in {1..5}; do
    port=$(free_port)
    "${as_owner[@]}" "$programs/postgres" -D "$folder/data" -p "$port" >"$log" 2>&1 </dev/null &
    server=$!
    for _ in {1..600}; do
      if grep -qs '^ready' "$folder/data/postmaster.pid"; then
        return
      fi
      kill -0 "$server" 2>/dev/null || break
      sleep 0.1
    done
    end_process "$server" INT 5
    server=
    grep -q 'Address already in use' "$log" || break
  done
  cat "$log" >&2
  die "PostgreSQL did not start; its output is above."
}

case ${1:-} in
'' | -h | --help)
  usage
  [[ $# -gt 0 ]]
  exit
  ;;
esac

if ! find_postgres; then
  install_postgres
  find_postgres || die "no PostgreSQL $oldest or newer found, also not after installing the package 'postgresql'."
fi
trap stop_and_clean EXIT
trap_signals

# How PostgreSQL's programs are run: as another user if this is root, since they refuse root; in a session of their own,
# so that ^C reaches COMMAND first and never interrupts initdb; and so that they end with this script even if it is
# killed.
owner=$(id -un)
user=()
if [[ $EUID -eq 0 ]]; then
  owner=nobody
  if id -u postgres >/dev/null 2>&1; then owner=postgres; fi
  user=(--reuid="$(id -u "$owner")" --regid="$(id -g "$owner")" --clear-groups)
fi
place=${TMPDIR:-/tmp}
choose_place
TMPDIR=$place make_folder autopaspoort-postgres
as_owner=(setsid setpriv "${user[@]}" --pdeathsig INT env --chdir="$folder")
if [[ $EUID -eq 0 ]]; then chown "$owner:" "$folder"; fi
"${as_owner[@]}" test -r "$folder" || die "user '$owner', who runs PostgreSQL, can't reach $folder: set TMPDIR to a folder open to all."
((${#folder} <= 80)) || die "$folder is too long a path for a socket: set TMPDIR to a shorter one."
password=$(random_hex)
make_cluster
start_server
say "$("$programs/postgres" --version) on 127.0.0.1:$port for this command only"

# The folder to which links to the programs lead, since psql and others are only there.
AUTOPASPOORT_TEST_POSTGRES_BIN=$(dirname "$(realpath "$programs/postgres")")
export AUTOPASPOORT_TEST_POSTGRES_BIN AUTOPASPOORT_TEST_POSTGRES_LOG=$folder/server.log
export AUTOPASPOORT_TEST_POSTGRES_URL="postgres://autopaspoort:$password@127.0.0.1:$port/postgres"
run_guarded "$@"
