#!/usr/bin/env bash
# Makes sure that there is a mail server to send to: one test of the mails runs aiosmtpd, a real SMTP server, as a
# process of its own.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_apt aiosmtpd python3-aiosmtpd
