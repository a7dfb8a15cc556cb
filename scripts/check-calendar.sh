#!/usr/bin/env bash
# Reads calendars of the demo garage with a reader of iCalendar that others wrote (icalendar, from PyPI), against a server of
# its own (make build).
#
#   scripts/check-calendar.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# > 0)); then
  usage
  [[ $1 == -h || $1 == --help ]]
  exit
fi

need_apt curl curl
need_venv tools/calendar-check
scripts/with-server.sh tools/calendar-check/.venv/bin/python tools/calendar-check/check.py
