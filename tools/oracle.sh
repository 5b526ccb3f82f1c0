#!/bin/sh
# Runs one Python test with the private environment of the oracles; exit 77 (a skip) without it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
python="$root/.cache/venv/bin/python"
if [ ! -x "$python" ]; then
  echo "SKIP: no oracles; run tools/install.sh venv"
  exit 77
fi
export PYTHONPATH="$root/tests/oracles" PYTHONDONTWRITEBYTECODE=1
export NUMBA_CACHE_DIR="$root/.cache/numba" OMP_NUM_THREADS=1
exec "$python" -m pytest -q -p no:cacheprovider "$@"
