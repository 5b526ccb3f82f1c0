#!/usr/bin/env bash
# run_browser.sh MAKE_PAGE [PAPILIO]: makes the fixture pages, and those that the program makes of
# recordings, and checks them in headless Chromium.
# Exit 77 (skipped) without a browser or npm, unless PAPILIO_REQUIRE_BROWSER=1. CHROMIUM names
# another browser; PAPILIO_SCREENSHOTS keeps the screenshots in that folder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
driver="$here/../../.cache/report-browser"
make_page=$1
papilio=${2:-}

missing() {
  echo "report_browser: $1 is missing; install it (apt-get install $2)" >&2
  [ "${PAPILIO_REQUIRE_BROWSER:-0}" = 1 ] && exit 1
  exit 77
}

command -v node >/dev/null || missing node nodejs
command -v npm >/dev/null || missing npm npm
browser=${CHROMIUM:-}
for name in chromium chromium-browser google-chrome; do
  [ -n "$browser" ] || browser=$(command -v "$name" || true)
done
[ -n "$browser" ] || missing Chromium chromium

if ! cmp -s "$here/package-lock.json" "$driver/package-lock.json"; then
  mkdir -p "$(dirname "$driver")"
  work=$(mktemp -d "$driver.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cp "$here/package.json" "$here/package-lock.json" "$work/"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  rm -rf "$driver"
  mv -T "$work" "$driver" 2>/dev/null || [ -f "$driver/package-lock.json" ]
fi

pages=$(mktemp -d)
trap 'rm -rf "$pages" "${work:-$pages}"' EXIT
for kind in speech channels long tiny; do "$make_page" "$kind" "$pages/$kind.html"; done
if [ -n "$papilio" ]; then
  node "$here/make_inputs.js" "$pages"
  for input in speech.wav silence.npy nan.npy complex.npy; do
    for verb in psd peaks "mel --like librosa --log db" fft; do
      case "$input $verb" in complex*mel*) continue ;; esac
      rate=()
      [ "${input##*.}" = wav ] || rate=(--fs 16000)
      # shellcheck disable=SC2086  # the verb comes with its flags
      "$papilio" ${verb%% *} "$pages/$input" ${verb#"${verb%% *}"} "${rate[@]}" --quiet \
        --html "$pages/app-${verb%% *}-${input%.*}.html" >"$pages/table.txt"
    done
  done
  # Only negative frequencies: they have no logarithm.
  "$papilio" psd "$pages/complex.npy" --fs 16000 --fmin -8000 --fmax -20 --quiet \
    --html "$pages/app-psd-below.html" >"$pages/table.txt"
  "$papilio" train multi --n-fft 8,16,32 --init perturbed:0.3 --steps 300 --valid-every 50 --quiet \
    -o "$pages/m.safetensors" --html "$pages/train-multi.html"
  # Moduli that are near 1: texts of many digits beside the colour bar.
  "$papilio" train butterfly --n-fft 16 --init perturbed:0.3 --quiet -o "$pages/near.safetensors"
  "$papilio" inspect "$pages/near.safetensors" --html "$pages/inspect-near.html" \
    >"$pages/table.txt"
fi
NODE_PATH="$driver/node_modules" node "$here/browser_test.js" "$browser" "$pages" \
  ${PAPILIO_SCREENSHOTS:+"$PAPILIO_SCREENSHOTS"}
