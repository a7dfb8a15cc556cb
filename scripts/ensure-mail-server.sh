#!/usr/bin/env bash
# Makes sure that aiosmtpd, a real SMTP server, is installed: one test of the mails runs it as a process of its own.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_apt aiosmtpd python3-aiosmtpd
