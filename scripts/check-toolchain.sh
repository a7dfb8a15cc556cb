#!/usr/bin/env bash
# Makes sure that everything for a build is there: Rust, a C toolchain for the database clients (which are built from
# source, so no client library is needed), and Perl for the TLS library in one of them. Prints nothing when all is
# there.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

command -v cargo >/dev/null || die "Rust is needed (cargo is not on PATH): install it from https://rustup.rs and try again."
need_apt cc build-essential
need_apt make make
# Debian's bare perl lacks the modules that OpenSSL's configuration uses.
perl -MFindBin -MIPC::Cmd -MTime::Piece -e 1 2>/dev/null || apt_install perl
