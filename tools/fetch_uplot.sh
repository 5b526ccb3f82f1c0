#!/usr/bin/env bash
# Puts the uPlot that src/report/package-lock.json pins (version and checksum) into a folder,
# .cache/uplot unless another is given. Needs npm. Does nothing when that version is there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${1:-$root/.cache/uplot}
wanted=$(sed -n 's/.*"uplot": "\(.*\)".*/\1/p' "$root/src/report/package.json" | head -n 1)

if [ -f "$target/dist/uPlot.iife.min.js" ] &&
  grep -q "\"version\": \"$wanted\"" "$target/package.json"; then
  touch "$target/dist/uPlot.iife.min.js"
  exit 0
fi
if ! command -v npm >/dev/null; then
  echo "fetch_uplot: npm is missing; install it (apt-get install npm)" >&2
  exit 2
fi

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$(dirname "$target")/uplot.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$root/src/report/package.json" "$root/src/report/package-lock.json" "$work/"
if ! (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2); then
  echo "fetch_uplot: npm could not install uplot $wanted; with a copy at hand, configure with" \
    "-DPAPILIO_UPLOT_DIR=FOLDER" >&2
  exit 1
fi
# Files are written at their packaging date; a build rule wants them newer than the lock file.
touch "$work/node_modules/uplot/dist/uPlot.iife.min.js"
# Builds may run side by side: the folder appears whole, and whoever is first wins.
rm -rf "$target"
mv -T "$work/node_modules/uplot" "$target" 2>/dev/null || [ -f "$target/dist/uPlot.iife.min.js" ]
