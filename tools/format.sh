#!/bin/sh
# clang-format 16 over all C++: tools/format.sh says what differs, tools/format.sh --fix [FILE...]
# rewrites.
set -eu
cd "$(dirname "$0")/.."
mode="--dry-run -Werror"
if [ "${1:-}" = --fix ]; then
  mode=-i
  shift
  if [ $# -gt 0 ]; then exec clang-format-16 -i "$@"; fi
fi
# shellcheck disable=SC2086  # mode is words
git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cpp' |
  xargs -0 sh -c 'for f; do [ ! -f "$f" ] || printf "%s\0" "$f"; done' sh |
  xargs -0 clang-format-16 $mode
echo "format: ok"
