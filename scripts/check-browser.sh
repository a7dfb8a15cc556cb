#!/usr/bin/env bash
# Proves that Swagger UI at /docs works for a person with a browser: signs in through it and tries an operation out, in
# headless Chromium, against a server of its own (tools/browser-check/check.mjs lists the steps).
#
#   scripts/check-browser.sh [--screenshot FILE]
#
#   --screenshot FILE   save a picture (PNG) of the page as it is at the end, also when the check fails
#   CHROMIUM=PROGRAM    use this browser, which may be Chrome
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

case "$#:${1:-}" in
0:) ;;
2:--screenshot) set -- --screenshot "$(realpath "$2")" ;;
*)
  usage
  [[ ${1:-} == -h || ${1:-} == --help ]]
  exit
  ;;
esac

if ! find_browser; then
  apt_install chromium fonts-dejavu-core
  find_browser || die "still no Chromium after installing the package 'chromium': install Chromium or Chrome, and name it in CHROMIUM."
fi
export CHROMIUM
# Where snaps don't work, Ubuntu's package of this name is only an empty wrapper.
"$CHROMIUM" --version >/dev/null 2>&1 || die "$CHROMIUM doesn't start: install Chromium or Chrome, and name it in CHROMIUM."
need_npm "$root/tools/browser-check"
exec "$root/scripts/with-server.sh" node "$root/tools/browser-check/check.mjs" "$@"
