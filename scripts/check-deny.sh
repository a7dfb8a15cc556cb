#!/usr/bin/env bash
# Checks the crates that this workspace builds on against deny.toml: their licences, where they come from, which are
# banned, and known vulnerabilities.
#
#   scripts/check-deny.sh             check, with cargo-deny when it is there
#   scripts/check-deny.sh --install   install cargo-deny first (compiles for about ten minutes)
#   scripts/check-deny.sh --release   check, and fail when known vulnerabilities can't be checked
#
# Without cargo-deny, licences, sources and bans are checked with cargo and jq, against the same lists. The check for
# known vulnerabilities needs cargo-deny and the network; when it can't run, the script says so.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# not_checked WHY: tells that known vulnerabilities were not checked, which must not happen before a release.
not_checked() {
  if [[ -n $must ]]; then die "known vulnerabilities can't be checked: $*"; fi
  say "known vulnerabilities were NOT checked: $*"
}

check_with_cargo_deny() {
  local log words
  cargo deny --locked check licenses bans sources
  log=$(mktemp)
  if cargo deny --locked fetch db >"$log" 2>&1; then
    rm -f "$log"
    cargo deny --locked check --disable-fetch advisories
  else
    words=$(tail -n 1 "$log")
    rm -f "$log"
    not_checked "the advisory database can't be fetched: $words"
  fi
}

# list SECTION KEY: prints the strings in `KEY = [ ... ]` of a section of deny.toml as a JSON array. If an entry of the
# array is a table, its first string is printed, which is the crate's name.
list() {
  awk -v section="[$1]" -v start="^$2 = \\\\[" '
    /^\[/ { inside = ($0 == section) }
    inside && $0 ~ start { reading = 1; next }
    reading && /^\]/ { reading = 0 }
    reading && /^[^#]*"/ { split($0, part, "\""); print part[2] }
  ' deny.toml | jq --raw-input --null-input '[inputs]'
}

check_with_jq() {
  local allowed banned
  allowed=$(list licenses allow)
  banned=$(list bans deny)
  [[ $allowed != '[]' && $banned != '[]' ]] || die "found no list of licences or of banned crates in deny.toml."
  # Each line is one complaint.
  cargo metadata --format-version 1 --locked | jq --raw-output --argjson allowed "$allowed" --argjson banned "$banned" '
    # Whether the allowed licences satisfy an SPDX expression. AND binds stronger than OR.
    def satisfied($tokens):
      def factor($t):
        if $t[0] == "(" then satisfied($t[1:]) | .rest |= .[1:]
        else { ok: ($t[0] as $id | any($allowed[]; gsub(" WITH "; "+WITH+") == $id)), rest: $t[1:] } end;
      def term($t):
        factor($t) | if .rest[0] == "AND" then .ok as $left | term(.rest[1:]) | .ok = ($left and .ok) else . end;
      term($tokens) | if .rest[0] == "OR" then .ok as $left | satisfied(.rest[1:]) | .ok = ($left or .ok) else . end;
    def tokens: gsub(" WITH "; "+WITH+") | gsub("/"; " OR ") | [match("[()]|[^()\\s]+"; "g").string];

    (.packages | length) as $count
    | if $count < 10 then "only \($count) packages found" else empty end,
      (.packages[] | "\(.name) \(.version)" as $crate
        | (if .license == null then "\($crate) names no licence"
           elif (satisfied(.license | tokens) | .ok and .rest == []) then empty
           else "\($crate) has a licence that is not allowed: \(.license)" end),
          (if .source == null or (.source | test("^(registry|sparse)\\+.*/crates\\.io-index$")) then empty
           else "\($crate) comes from an unknown place: \(.source)" end),
          (.name as $name | if any($banned[]; . == $name) then "\($crate) is banned" else empty end))
  '
}

must=
case ${1:-} in
--release) must=yes ;;
--install) command -v cargo-deny >/dev/null || cargo install --locked cargo-deny ;;
'') ;;
*)
  usage
  [[ $1 == -h || $1 == --help ]]
  exit
  ;;
esac

if command -v cargo-deny >/dev/null; then
  check_with_cargo_deny
  exit
fi

need_apt jq jq
complaints=$(check_with_jq)
if [[ -n $complaints ]]; then
  echo "$complaints" >&2
  die "these crates don't pass deny.toml."
fi
say "licences, sources and bans are as deny.toml requires"
not_checked "that needs cargo-deny (scripts/check-deny.sh --install)"
