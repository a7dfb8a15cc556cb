#!/usr/bin/env bash
# Proves that the server's own pages work for a person with a browser, in headless Chromium, each against a server of its
# own: Swagger UI at /docs, through which it signs in and tries an operation out (tools/browser-check/check.mjs lists the
# steps); and the pages at /app and /unsubscribe, to which links in mails lead, from the mail to done
# (tools/browser-check/app.mjs). And it shows each mail on a phone (tools/browser-check/mails.mjs).
#
#   scripts/check-browser.sh [--screenshot FILE] [--screenshots FOLDER]
#
#   --screenshot FILE      save a picture (PNG) of the page at /docs as it is at the end, also when the check fails
#   --screenshots FOLDER   save a picture of each view of the pages at /app, in light and in dark, also wide, and of each mail
#   CHROMIUM=PROGRAM       use this browser, which may be Chrome
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Sets `CHROMIUM` to a browser; fails when there is none.
find_browser() {
  local name
  for name in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome-stable google-chrome; do
    CHROMIUM=$(command -v "$name") && return
  done
  return 1
}

docs=() app=() mails=()
while [[ $# -gt 0 ]]; do
  case "$#:$1" in
  1:*)
    usage
    [[ $1 == -h || $1 == --help ]]
    exit
    ;;
  *:--screenshot) docs=(--screenshot "$(realpath "$2")") ;;
  *:--screenshots) app=(--screenshots "$(realpath "$2")") mails=(--screenshots "$(realpath "$2")/mails") ;;
  *)
    usage
    exit 1
    ;;
  esac
  shift 2
done

if ! find_browser; then
  apt_install chromium fonts-dejavu-core
  find_browser || die "still no Chromium after installing the package 'chromium': install Chromium or Chrome, and name it in CHROMIUM."
fi
export CHROMIUM
# Where snaps don't work, Ubuntu's package of this name is only an empty wrapper.
"$CHROMIUM" --version >/dev/null 2>&1 || die "$CHROMIUM doesn't start: install Chromium or Chrome, and name it in CHROMIUM."
need_npm "$root/tools/browser-check"
"$root/scripts/with-server.sh" node "$root/tools/browser-check/check.mjs" "${docs[@]}"
"$root/scripts/with-server.sh" node "$root/tools/browser-check/app.mjs" "${app[@]}"
exec node "$root/tools/browser-check/mails.mjs" "${mails[@]}"
