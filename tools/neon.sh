#!/usr/bin/env bash
# Compiles src/kernels for 64-bit Arm (NEON) with Debian's cross compiler; nothing is run. Highway's
# headers are the same on every architecture, but the cross compiler does not look in /usr/include.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
compiler=${1:-aarch64-linux-gnu-g++}
jobs=${2:-$(nproc)}
if ! command -v "$compiler" >/dev/null; then
  echo "neon: no $compiler; run tools/install.sh tests"
  exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ln -s /usr/include/hwy "$scratch/hwy"
launcher=$(command -v ccache || true)
# The disabled targets of Arm are those of src/kernels/CMakeLists.txt: only NEON is left. GCC gives
# implicit constructors the options of the command line, so these must include NEON's +crypto.
flags=(-std=c++20 -O1 -march=armv8-a+crypto -Wall -Wextra -ffp-contract=off
  -I"$root/src" -I"$root/include" -I"$scratch"
  "-DHWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128)" -DHWY_BROKEN_EMU128=1)
export launcher compiler scratch
count=$(find "$root/src/kernels" -name '*.cpp' | wc -l)
find "$root/src/kernels" -name '*.cpp' -print0 | sort -z |
  xargs -0 -n 1 -P "$jobs" bash -c '
    source=${!#}
    echo "neon: $(basename "$source")"
    exec $launcher "$compiler" "${@:1:$#-1}" -c "$source" \
      -o "$scratch/$(basename "$source").o"' neon "${flags[@]}"
echo "neon: $count file(s) compile"
