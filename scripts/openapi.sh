#!/usr/bin/env bash
# Writes openapi.yaml from the code, or proves that the committed file matches the code.
#
#   scripts/openapi.sh           write it
#   scripts/openapi.sh --check   compare, and fail with the difference
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1:-} in
'' | --check) ;;
*)
  usage
  [[ $1 == -h || $1 == --help ]]
  exit
  ;;
esac

# The draft is in the same folder, so that the last step is a rename, and a failed build never leaves half a document.
new=openapi.yaml.new.$$
trap 'rm -f "$new"' EXIT
trap_signals
make --silent build
"$(development_build)" openapi >"$new"
[[ -s $new ]] || die "'autopaspoort openapi' printed nothing."

if [[ ${1:-} == --check ]]; then
  diff --unified openapi.yaml "$new" >&2 || die "openapi.yaml does not match the code: run 'make openapi' and commit it."
  say "openapi.yaml matches the code"
else
  mv "$new" openapi.yaml
fi
