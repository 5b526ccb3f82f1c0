#!/bin/sh
# Compiles every GPU kernel for every chip, without a GPU: tools/kernels.sh BUILD, with the NVRTC
# that `tools/install.sh venv` brings. Without that it fails.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
for library in "$root"/.cache/venv/lib/python3*/site-packages/nvidia/cu13/lib/libnvrtc.so.13; do
  if [ -f "$library" ]; then
    PAPILIO_NVRTC=$library exec "$1/tests/runtime/kernel_grid_test"
  fi
done
echo "kernels: no NVRTC in .cache/venv; run tools/install.sh venv" >&2
exit 1
