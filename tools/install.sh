#!/usr/bin/env bash
# Installs what a bare Debian 12 lacks: tools/install.sh WHAT..., where WHAT is any of
#   build    compiler, CMake and the library's dependencies
#   app      what the command line needs on top (CLI11, npm for the page's chart library)
#   tests    GoogleTest, FFTW, clang 16 with sanitizers and fuzzer, clang-format, cross compiler
#   venv     the oracles of the tests and NVRTC: Python packages in .cache/venv, as
#            tests/requirements.txt
#   bench    the peers of ./bench/run: FFTW, kissfft, and Python packages in .cache/bench-venv
#   browser  Chromium and node, for the tests of the HTML page
#   demo     alsa-utils, whose spoken recordings ./demo reads
# Needs root or password-less sudo, and only if something is missing; without either it says what to
# install and exits 2. What is there already is left alone.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# package, or package:command where a command of that name from elsewhere does as well.
declare -A packages=(
  [build]="g++ cmake:cmake ninja-build:ninja ccache:ccache pkg-config:pkg-config git:git
    libhwy-dev libtbb-dev nlohmann-json3-dev libfmt-dev libsndfile1-dev libsoxr-dev
    libeigen3-dev"
  [app]="libcli11-dev ca-certificates nodejs:node npm:npm"
  [tests]="libgtest-dev libfftw3-dev clang-16 libclang-rt-16-dev llvm-16 clang-format-16
    g++-aarch64-linux-gnu python3:python3"
  [venv]=""
  [bench]="libfftw3-dev libkissfft-dev libcli11-dev"
  [browser]="chromium:chromium nodejs:node npm:npm ca-certificates fonts-dejavu-core"
  [demo]="alsa-utils"
)

say() { printf 'install: %s\n' "$*" >&2; }

installed() { dpkg-query -W -f='${Status}\n' "$1" 2>/dev/null | grep -q '^install ok installed'; }

# Adds the packages of one entry that are missing to the array `missing`.
collect() {
  local entry package command
  for entry in ${packages[$1]}; do
    package=${entry%%:*}
    command=${entry#*:}
    if [ "$command" != "$entry" ] && command -v "$command" >/dev/null; then continue; fi
    installed "$package" || missing+=("$package")
  done
}

apt_install() {
  local sudo=() list
  list=$(printf '%s\n' "$@" | sort -u | tr '\n' ' ')
  list=${list% }
  if ! command -v apt-get >/dev/null; then
    say "this script installs with Debian's apt-get, which is not here; install these: $list"
    exit 2
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      say "missing packages, and neither root nor password-less sudo to install them; please run:"
      say "  sudo apt-get install --no-install-recommends $list"
      exit 2
    fi
    sudo=(sudo -n)
  fi
  say "apt-get install $list"
  local command=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q
    -o Dpkg::Use-Pty=0 install --no-install-recommends)
  # shellcheck disable=SC2086  # the list is words
  if ! "${command[@]}" $list </dev/null >&2; then
    say "refreshing the package lists and trying once more"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update </dev/null >&2
    # shellcheck disable=SC2086
    "${command[@]}" $list </dev/null >&2 || {
      say "apt-get could not install: $list"
      exit 2
    }
  fi
}

usable_python() {
  command -v "$1" >/dev/null && "$1" - 2>/dev/null <<'PY'
import ensurepip, sys, venv
sys.exit(sys.version_info < (3, 11))
PY
}

find_python() {
  local candidate
  for candidate in "${PAPILIO_PYTHON:-python3}" /usr/bin/python3; do
    if usable_python "$candidate"; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# fresh_venv NAME FILE...: makes .cache/NAME anew, without packages, unless it is there for these
# requirements and this interpreter (then 1).
fresh_venv() {
  local name=$1 python venv=$root/.cache/$1
  shift
  if ! python=$(find_python); then
    apt_install python3 python3-venv
    python=$(find_python) || { say "no Python >= 3.11 with venv; install one"; exit 2; }
  fi
  stamp="$(cat "$@" | sha256sum) $("$python" -V) $root"
  if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/stamp" 2>/dev/null)" = "$stamp" ]; then
    return 1
  fi
  say "Python packages into .cache/$name"
  rm -rf "$venv"
  "$python" -m venv "$venv" || { say "$python could not make .cache/$name"; exit 2; }
}

# pip_install NAME ARGUMENT...: tries twice.
pip_install() {
  local pip=("$root/.cache/$1/bin/python" -m pip --quiet --disable-pip-version-check --no-input
    install)
  shift
  "${pip[@]}" "$@" >&2 || "${pip[@]}" "$@" >&2
}

make_venv() {
  local stamp requirements="$root/tests/requirements.txt"
  fresh_venv venv "$requirements" || return 0
  pip_install venv --requirement "$requirements" || {
    say "pip could not install tests/requirements.txt; is the network there?"
    exit 2
  }
  printf '%s\n' "$stamp" >"$root/.cache/venv/stamp"
}

# The benches go on without a peer that cannot be had here.
make_bench_venv() {
  local stamp peers="$root/bench/peers"
  fresh_venv bench-venv "$peers/requirements.txt" "$peers/mkl.txt" || return 0
  pip_install bench-venv --requirement "$peers/requirements.txt" || {
    say "pip could not install bench/peers/requirements.txt; is the network there?"
    exit 2
  }
  pip_install bench-venv --no-deps --requirement "$peers/mkl.txt" || say "going on without MKL"
  printf '%s\n' "$stamp" >"$root/.cache/bench-venv/stamp"
}

# locked NAME FUNCTION: one at a time, so that two checks beside each other do not mix.
locked() {
  exec 9>"$root/.cache/$1.lock"
  ! command -v flock >/dev/null || flock 9
  "$2"
}

main() {
  local what missing=() venv=no bench=no
  if [ $# = 0 ]; then
    sed -n '2,12p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//'
    exit 2
  fi
  for what in "$@"; do
    if [ -z "${packages[$what]+known}" ]; then
      say "unknown: $what (one of: build app tests venv bench browser demo)"
      exit 2
    fi
    [ "$what" = venv ] && venv=yes
    [ "$what" = bench ] && bench=yes
    collect "$what"
  done
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
  mkdir -p "$root/.cache"
  if [ $venv = yes ]; then locked venv make_venv; fi
  if [ $bench = yes ]; then locked bench-venv make_bench_venv; fi
}

main "$@"
