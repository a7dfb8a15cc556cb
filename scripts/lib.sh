#!/usr/bin/env bash
# Functions that the scripts in this folder share: they print messages, install missing packages, find free ports, and
# run a command so that nothing is left behind when it is interrupted. Source this file; don't run it.

# say TEXT...: prints what happens to standard error, separate from the script's output.
say() {
  printf '==> %s\n' "$*" >&2 || true # nobody may be reading any more
}

# die TEXT...: stops with a message.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# usage: prints the header comment of the running script, which is its manual.
usage() {
  sed -n '2,/^[^#]/ s/^# \{0,1\}//p' "$0"
}

can_be_root() {
  [[ $EUID -eq 0 ]] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

as_root() {
  if [[ $EUID -eq 0 ]]; then "$@"; else sudo -n "$@"; fi
}

# apt_install PACKAGE...: installs with apt, after fetching the package lists when they are missing or too old.
apt_install() {
  local log
  command -v apt-get >/dev/null || die "'$*' is needed and there is no apt-get here: install it by hand and try again."
  can_be_root || die "'$*' is needed, and installing it takes root or passwordless sudo: sudo apt-get install $*"
  say "installing $*"
  log=$(mktemp)
  if ! apt_get install "$@" >"$log" 2>&1; then
    apt_get update >>"$log" 2>&1 || true # when this was the trouble, the next line says so too
    if ! apt_get install "$@" >>"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      die "apt-get could not install '$*'; its output is above."
    fi
  fi
  rm -f "$log"
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 --no-install-recommends "$@"
}

# need_apt COMMAND PACKAGE...: makes sure that COMMAND exists, from PACKAGE when it is missing.
need_apt() {
  local name=$1
  shift
  command -v "$name" >/dev/null && return
  apt_install "$@"
  command -v "$name" >/dev/null || die "'$name' is still missing after installing '$*'."
}

# need_npm FOLDER: makes sure that FOLDER/node_modules is what FOLDER/package-lock.json says.
need_npm() {
  local folder=$1 stamp=$1/node_modules/.installed-lock
  need_apt node nodejs
  need_apt npm npm
  [[ $(node -p 'parseInt(process.versions.node)') -ge 18 ]] ||
    die "Node.js 18 or newer is needed, and this is $(node --version): see https://nodejs.org/en/download"
  cmp -s "$folder/package-lock.json" "$stamp" && return
  say "npm ci in $(basename "$(dirname "$folder")")/$(basename "$folder")"
  (cd "$folder" && npm ci >&2) || die "npm ci failed in $folder"
  cp "$folder/package-lock.json" "$stamp"
}

# need_venv FOLDER: makes sure that FOLDER/.venv is a virtual environment with what FOLDER/requirements.txt says.
need_venv() {
  local folder=$1 stamp=$1/.venv/.installed-requirements
  need_apt python3 python3 python3-venv
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    die "Python 3.10 or newer is needed, and this is $(python3 --version)."
  cmp -s "$folder/requirements.txt" "$stamp" && return
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  say "pip install in $(basename "$(dirname "$folder")")/$(basename "$folder")"
  python3 -m venv --clear "$folder/.venv" || die "python3 could not make $folder/.venv"
  # The file names everything, so nothing else is looked for; and what comes must have the checksums in it.
  "$folder/.venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --requirement "$folder/requirements.txt" >&2 || die "pip install failed in $folder"
  cp "$folder/requirements.txt" "$stamp"
}

# development_build: prints where `make build` puts the program.
development_build() {
  local root
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  (cd "$root" && realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}/debug/autopaspoort")
}

# free_port: prints a free port of 127.0.0.1, below the range from which the system assigns ports itself.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  die "found no free port on 127.0.0.1"
}

# random_hex: prints 48 random hexadecimal digits, for a temporary secret.
random_hex() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

# descendants PID: prints the ids of all processes below PID.
descendants() {
  local stat fields child
  for stat in /proc/[0-9]*/stat; do
    read -r fields 2>/dev/null <"$stat" || continue # it ended meanwhile
    read -r _ child _ <<<"${fields##*) }"           # the name, in brackets, may hold spaces
    if [[ $child == "$1" ]]; then
      child=${stat//[^0-9]/}
      echo "$child"
      descendants "$child"
    fi
  done
}

# end_process PID SIGNAL SECONDS: asks a child of this shell to end, waits for it, and kills it when it doesn't.
end_process() {
  local pid=$1 signal=$2 tries=$(($3 * 10))
  while kill -0 "$pid" 2>/dev/null; do
    if ((tries <= 0)); then
      say "process $pid doesn't end by itself: killing it"
      kill -KILL "$pid" 2>/dev/null || true
      break
    fi
    # The signal is sent again each second, since a process that has only just started may have missed it.
    if ((tries % 10 == 0)); then kill "-$signal" "$pid" 2>/dev/null || true; fi
    tries=$((tries - 1))
    sleep 0.1
  done
  wait "$pid" 2>/dev/null || true
}

# run_guarded COMMAND...: runs COMMAND and returns its status. Unlike a plain call, it lets a signal through at once, so
# that the caller's EXIT trap can call end_guarded and then remove what COMMAND needed.
guarded=
run_guarded() {
  local status=0
  # Bash makes background commands ignore ^C and takes away their standard input; both are restored here.
  env --default-signal=INT,QUIT "$@" <&0 &
  guarded=$!
  wait "$guarded" || status=$?
  guarded=
  return "$status"
}

# end_guarded: ends the process that run_guarded started and all its descendants, if it still runs.
end_guarded() {
  local pid
  [[ -n $guarded ]] || return 0
  for pid in $(descendants "$guarded"); do
    kill -TERM "$pid" 2>/dev/null || true
  done
  end_process "$guarded" TERM 20
}

# trap_signals: makes the script end through its EXIT trap on a hang-up, ^C and similar signals.
trap_signals() {
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 131' QUIT
  trap 'exit 141' PIPE
  trap 'exit 143' TERM
}

# ignore_signals: ignores these signals; for the EXIT trap itself, which must not be interrupted.
ignore_signals() {
  trap '' HUP INT QUIT PIPE TERM
}

# make_folder NAME: makes a folder for temporary files. It sets `folder` to its name before it makes it, so that an
# interruption at any moment leaves nothing behind.
make_folder() {
  folder=$(random_hex)
  folder=${TMPDIR:-/tmp}/$1.${folder:0:12}
  mkdir -m 700 "$folder"
}
