#!/usr/bin/env bash
# Makes sure that SeaweedFS, a real S3-speaking server, is installed in tools/s3-server/.venv: the tests of the storage of
# files run it as a process of their own.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

need_venv tools/s3-server
