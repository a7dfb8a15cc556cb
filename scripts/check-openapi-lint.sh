#!/usr/bin/env bash
# Lints openapi.yaml with Spectral: the OpenAPI rules and the OWASP API Security rules (tools/openapi-lint/.spectral.yaml).
# Fails on any error and on any warning.
#
#   scripts/check-openapi-lint.sh [FILE]   FILE: another document than openapi.yaml
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
-h | --help)
  usage
  exit
  ;;
esac
file=$(realpath "${1:-$(dirname "${BASH_SOURCE[0]}")/../openapi.yaml}")
[[ -s $file ]] || die "$file is missing or empty: run 'make openapi'."

cd "$(dirname "${BASH_SOURCE[0]}")/../tools/openapi-lint"
need_npm "$PWD"
node_modules/.bin/spectral lint "$file" --ruleset .spectral.yaml --fail-severity warn --fail-on-unmatched-globs
