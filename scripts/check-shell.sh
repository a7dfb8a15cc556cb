#!/usr/bin/env bash
# Lints every shell script of the repository with shellcheck.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

need_apt shellcheck shellcheck
shopt -s nullglob
shellcheck --external-sources .ci/run scripts/*.sh examples/*.sh
