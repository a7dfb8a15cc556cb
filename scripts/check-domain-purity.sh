#!/usr/bin/env bash
# Proves that the domain crate contains only rules: none of its dependencies can use a disk, a network, a clock or a
# source of randomness, and its own code doesn't use those of the standard library either. Time and ids come in as
# arguments, so every test of a rule is exact and takes microseconds.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Patterns of crate names, each to match a whole name.
readonly refused=(
  # this project's other crates
  persistence api
  # databases
  'diesel.*' r2d2 'libsqlite3-sys' rusqlite pq-sys postgres 'tokio-postgres' 'sqlx.*' 'sea-.*' redis
  # web, network and mail
  'actix.*' axum 'hyper.*' h2 'http-body.*' reqwest ureq 'curl.*' socket2 'trust-dns.*' 'hickory.*' lettre
  # runtimes, and crates that wait for input and output
  'tokio.*' mio async-std smol 'futures.*' polling
  # cryptography and TLS, which use randomness
  'rustls.*' 'openssl.*' native-tls ring 'aws-lc.*' 'webpki.*' jsonwebtoken argon2
  # randomness
  'rand' 'rand_.*' fastrand getrandom
  # files, logs, processes and other clocks
  'tempfile' 'walkdir' 'notify' 'tracing-subscriber' 'tracing-appender' env_logger nix rustix libc 'windows.*' chrono time
)

readonly refused_calls='std::(fs|net|env|process|io)\b|std::\{[^}]*\b(fs|net|env|process|io)\b|(SystemTime|Instant|Timestamp|Zoned)::now\b|thread::(sleep|spawn)\b|Uuid::(now_v7|new_v4)\b'

# The dependencies of the library as the workspace builds it. The domain's tests may use more, and so may macros, which run
# in the compiler and not in the program.
tree=$(cargo tree --package domain --edges normal,no-proc-macro --prefix none --format '{p}' --locked)
names=$(awk '{ print $1 }' <<<"$tree" | sort --unique)
grep --quiet --line-regexp domain <<<"$names" || die "cargo tree shows no package 'domain'."

failed=no
pattern=$(IFS='|' && echo "${refused[*]}")
if found=$(grep --extended-regexp --line-regexp "$pattern" <<<"$names"); then
  failed=yes
  for name in $found; do
    say "domain must not depend on '$name', but does:"
    cargo tree --package domain --edges normal,no-proc-macro --invert "$name" --locked >&2 || true
  done
fi

# Comments may mention what the code may not use.
if found=$(grep --recursive --line-number --extended-regexp --include='*.rs' "$refused_calls" domain/src |
  grep --invert-match --extended-regexp '^[^:]+:[0-9]+:[[:space:]]*//'); then
  failed=yes
  say "domain/src must not reach outside itself, but does:"
  echo "$found" >&2
fi

[[ $failed == no ]] || die "the domain is not pure; time, ids and data must come in as arguments."
say "the domain is pure: $(wc -l <<<"$names") crates, none of which does input or output"
