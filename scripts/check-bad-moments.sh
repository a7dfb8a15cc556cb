#!/usr/bin/env bash
# Tests two bad moments of a server, from outside: it is killed with SIGKILL while it stores customers (on both
# databases), and its disk is full (on SQLite). After a restart, everything that it had acknowledged must be there, and
# nothing half-done. Run it with scripts/with-postgres.sh.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
need_apt curl curl
need_apt jq jq

binary=${CARGO_TARGET_DIR:-target}/debug/autopaspoort
[[ -x $binary ]] || die "$binary is missing: run 'make build'."
folder=$(mktemp -d)
server=
clean_up() {
  if [[ -n $server ]]; then kill -KILL "$server" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap clean_up EXIT

[[ -n ${AUTOPASPOORT_TEST_POSTGRES_URL:-} ]] || die "run it as scripts/with-postgres.sh $0"
sqlite=sqlite://$folder/autopaspoort.db
database=$sqlite
port=$(free_port)
url=http://127.0.0.1:$port
# start [SHELL CODE]: starts the server in a shell that runs SHELL CODE first, and waits until it is ready.
start() {
  bash -c "${1:-} exec \"\$@\"" start "$binary" serve --demo --listen "127.0.0.1:$port" --public-url "$url" \
    --data-dir "$folder" --database-url "$database" --log warn &>/dev/null &
  server=$!
  for _ in {1..100}; do
    if curl --silent --fail --output /dev/null "$url/health/ready"; then return; fi
    sleep 0.1
  done
  die "the server did not become ready."
}

sign_in() {
  curl --silent --fail "$url/v1/auth/login" --header 'Content-Type: application/json' \
    --data '{"email":"beheer@garage-devries.example","password":"Welkom-bij-AutoPaspoort-2019"}' | jq --raw-output .accessToken
}

# Stores customers until the server is gone, and records each one that was acknowledged.
store() {
  local number id
  for ((number = 0; ; number++)); do
    id=$(curl --silent --fail "$url/v1/customers" --header "Authorization: Bearer $token" \
      --header 'Content-Type: application/json' --data "{\"kind\":\"person\",\"name\":\"Writer $1 $number\"}" | jq --raw-output .id) || return 0
    [[ -n $id ]] || return 0
    echo "$id" >>"$folder/acknowledged.$1"
  done
}

all_acknowledged_are_there() {
  local id
  cat "$folder"/acknowledged.* >"$folder/all"
  while read -r id; do
    curl --silent --fail --output /dev/null "$url/v1/customers/$id" --header "Authorization: Bearer $token" ||
      die "customer $id was acknowledged, and is gone."
  done <"$folder/all"
}

# killed_while_storing DATABASE: kills the server three times while four clients store customers.
killed_while_storing() {
  local round writer writers
  database=$1
  rm -f "$folder"/acknowledged.*
  for round in 1 2 3; do
    start
    token=$(sign_in)
    writers=()
    for writer in 1 2 3 4; do
      store "$round.$writer" &
      writers+=($!)
    done
    sleep 1
    kill -KILL "$server"
    wait "$server" 2>/dev/null || true
    server=
    wait "${writers[@]}"
  done
  start
  token=$(sign_in)
  all_acknowledged_are_there
  say "${database%%:*}: killed three times while storing: all $(wc -l <"$folder/all") acknowledged customers are there"
  kill -TERM "$server"
  wait "$server" || die "the server did not stop well on SIGTERM."
  server=
}
killed_while_storing "$AUTOPASPOORT_TEST_POSTGRES_URL"
killed_while_storing "$sqlite"

# Files may not become much larger than the database is now, so for the server the disk is full. A write beyond the
# limit gives an error and not a signal, as on a full disk.
size=$(du --bytes "$folder/autopaspoort.db" | cut --fields=1)
limit=$((size / 1024 + 300))
start "trap '' XFSZ; ulimit -f $limit;"
token=$(sign_in)
status=201
for ((number = 0; number < 5000; number++)); do
  status=$(curl --silent --output "$folder/answer" --write-out '%{http_code}' "$url/v1/customers" \
    --header "Authorization: Bearer $token" --header 'Content-Type: application/json' \
    --data "{\"kind\":\"person\",\"name\":\"Full $number\",\"notes\":\"$(printf 'x%.0s' {1..2000})\"}")
  [[ $status == 201 ]] || break
  jq --raw-output .id "$folder/answer" >>"$folder/acknowledged.full"
done
[[ $status == 503 && $(jq --raw-output .code "$folder/answer") == storage_full ]] ||
  die "with a full disk the server answered $status $(cat "$folder/answer")"
curl --silent --fail --output /dev/null "$url/v1/passports" --header "Authorization: Bearer $token" ||
  die "with a full disk nothing can be read any more."
kill -KILL "$server"
wait "$server" 2>/dev/null || true
server=
start
token=$(sign_in)
all_acknowledged_are_there
say "with a full disk a write is a clear 503 and reads go on; with room again all $(wc -l <"$folder/all") are there"

kill -TERM "$server"
wait "$server" || die "the server did not stop well on SIGTERM."
server=

# Photos and documents may not become large: for the folder of files the disk is full, and for the database, on
# PostgreSQL, it is not.
database=$AUTOPASPOORT_TEST_POSTGRES_URL
start "trap '' XFSZ; ulimit -f 512;"
token=$(sign_in)
records=$url/v1/passports/$(curl --silent --fail "$url/v1/passports?limit=1" --header "Authorization: Bearer $token" |
  jq --raw-output '.items[0].id')/service-records
record=$(curl --silent --fail "$records?limit=1&origin=garage" --header "Authorization: Bearer $token" | jq --raw-output '.items[0].id')
[[ $record != null ]] || die "the demo's first car has no service record."
attach() {
  curl --silent --output "$folder/answer" --write-out '%{http_code}' "$records/$record/attachments" \
    --header "Authorization: Bearer $token" --header 'Content-Type: application/pdf' --data-binary "@$folder/invoice.pdf"
}
attached() {
  curl --silent --fail "$records/$record/attachments" --header "Authorization: Bearer $token" | jq '.items | length'
}
{ printf '%%PDF-1.4\n' && head --bytes 1000000 /dev/zero && printf '\n%%%%EOF\n'; } >"$folder/invoice.pdf"
before=$(attached)
status=$(attach)
[[ $status == 503 && $(jq --raw-output .code "$folder/answer") == storage_full && $(attached) == "$before" ]] ||
  die "with a full disk a document was answered with $status $(cat "$folder/answer")"
kill -TERM "$server"
wait "$server" || die "the server did not stop well on SIGTERM."
server=
start
token=$(sign_in)
status=$(attach)
[[ $status == 201 && $(attached) == $((before + 1)) ]] || die "with room again a document was answered with $status"
# More than once: a command that ends while its pool still connects must end well all the same.
for _ in {1..30}; do
  "$binary" files check --data-dir "$folder" --database-url "$database" >"$folder/compared" ||
    die "the files differ from the database, or the command failed: $(cat "$folder/compared")"
done
say "with a full disk a document is a clear 503 and nothing of it stays; with room again it is stored"
