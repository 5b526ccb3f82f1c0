#!/bin/sh
# Everything of the CUDA device in one go, on a machine with an NVIDIA driver, NVRTC and cuFFT but
# without Debian's packages:
#   tools/gpu_check.sh bundle FOLDER    here: builds, and puts programs and their libraries there
#   FOLDER/gpu_check.sh run [WORD]      there: the device's tests, a short form of them under
#                                       compute-sanitizer, the benches (whose names hold WORD), and
#                                       PyTorch where it is; one table, within nine minutes
set -eu
here=$(cd "$(dirname "$0")" && pwd)

bundle() {
  root=$(cd "$here/.." && pwd)
  build=$root/build/gpu
  # The old kind of run path, which counts for what the libraries themselves need as well.
  # shellcheck disable=SC2016
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPAPILIO_BUILD_TESTS=ON \
    -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON -DCMAKE_INSTALL_RPATH='$ORIGIN/lib' \
    -DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags > /dev/null
  cmake --build "$build" --target papilio_app runtime_test runtime_gpu_test \
    train_device_test bench_cuda
  mkdir -p "$1/lib"
  for program in apps/papilio/papilio tests/runtime/runtime_test tests/runtime/runtime_gpu_test \
    tests/train/train_device_test bench/cuda/bench_cuda; do
    cp "$build/$program" "$1/"
    strip "$1/${program##*/}"
    # What a bare machine lacks; the C and C++ run-time libraries are everywhere.
    ldd "$build/$program" | awk '$3 ~ /^\// { print $3 }' |
      grep -vE '/(libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+|ld-linux[^/]*)\.so' |
      while read -r library; do cp -L "$library" "$1/lib/"; done
  done
  cp "$here/gpu_check.sh" "$root"/bench/cuda/torch_*.py "$1/"
  du -sm "$1" | awk '{ print "gpu_check: " $1 " MB in " $2; exit $1 > 64 }'
}

# Runs a command for so many seconds at most, and none beyond nine minutes in all.
within() {
  left=$((530 - $(date +%s) + begin))
  limit=$1
  shift
  [ "$left" -gt 0 ] || return 124
  timeout "$((left < limit ? left : limit))" "$@"
}

verdict() { printf '%-34s %s\n' "$1" "$2" >> "$logs/verdicts"; }

# Shards beside one another: most of the time is the compiling of kernels.
tests() {
  count=$(nproc)
  shard=0
  while [ "$shard" -lt "$count" ]; do
    for program in runtime_test runtime_gpu_test train_device_test; do
      filter='CpuProgram.*:Top*:*LikeTheReference*:Stream*:*BatchProgram*:*BatchGradients*'
      filter="$filter:Networks/*:OwnGraph.*:BadSamples.*"
      [ "$program" = runtime_test ] || filter='*'
      within 180 env GTEST_TOTAL_SHARDS="$count" GTEST_SHARD_INDEX="$shard" \
        PAPILIO_TEST_DEVICE=cuda "$here/$program" --gtest_filter="$filter" --gtest_brief=1 \
        > "$logs/$program.$shard" 2>&1 || echo "$program, shard $shard" >> "$logs/failed" &
    done
    shard=$((shard + 1))
  done
  wait
  passed=$(cat "$logs"/*.[0-9]* | sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' |
    awk '{ sum += $1 } END { print sum + 0 }')
  skipped=$(cat "$logs"/*.[0-9]* | grep -c '^\[  SKIPPED \] [0-9]* test' || true)
  if [ -e "$logs/failed" ]; then
    cat "$logs"/*.[0-9]* | grep -B2 -A12 'Failure' | head -100
    cat "$logs/failed"
    verdict "device tests" "FAILED ($passed passed)"
    return 1
  fi
  skips=""
  [ "$skipped" = 0 ] || skips=", skips in $skipped shards"
  verdict "device tests" "$passed passed$skips"
}

# The suite's short form; its kernels are in the cache by now.
sanitize() {
  if ! command -v compute-sanitizer > /dev/null; then
    verdict "compute-sanitizer" "not on this machine"
    return 0
  fi
  for tool in memcheck racecheck; do
    short='*Bits*:*Captured*:*Work*:*Threads*:*Strided*:*Beyond*:*Blocks*:*Gradient*'
    within 150 env PAPILIO_TEST_DEVICE=cuda compute-sanitizer --tool "$tool" \
      --error-exitcode 99 "$here/runtime_gpu_test" --gtest_filter="$short" \
      > "$logs/$tool" 2>&1 &
    echo $! > "$logs/$tool.pid"
  done
  clean=0
  for tool in memcheck racecheck; do
    if wait "$(cat "$logs/$tool.pid")"; then
      verdict "compute-sanitizer $tool" "clean"
    else
      grep -E '=====|FAILED' "$logs/$tool" | tail -40
      verdict "compute-sanitizer $tool" "FAILED"
      clean=1
    fi
  done
  return $clean
}

torch() {
  if ! python3 -c 'import torch; assert torch.cuda.is_available()' 2> /dev/null; then
    verdict "torch" "not on this machine"
    return 0
  fi
  within 100 python3 "$here/torch_features.py" ${1:+"$1"} || return 1
  ours=$(sed -n 's/^training step .*  \([0-9.]*\) us.*/\1/p' "$logs/bench")
  case training in *"$1"*) within 120 python3 "$here/torch_step.py" ${ours:+--ours "$ours"} ;; esac
}

run() {
  begin=$(date +%s)
  logs=$(mktemp -d)
  export PAPILIO_CACHE_DIR="${PAPILIO_CACHE_DIR-$logs/cache}"
  status=0
  within 30 "$here/papilio" doctor --n-fft 256 --device cuda || status=1
  tests || status=1
  sanitize || status=1
  within 120 "$here/bench_cuda" ${1:+"$1"} > "$logs/bench" 2>&1 || status=1
  cat "$logs/bench"
  within 40 "$here/papilio" bench peaks --device cuda --batch 8192 --threads 1,8 \
    --seconds 0.05 || status=1
  torch "$1" || status=1
  cat "$logs/verdicts"
  rm -r "$logs"
  return $status
}

case "${1:-}" in
  bundle) bundle "${2:?a folder}" ;;
  run) run "${2:-}" ;;
  *)
    sed -n '2,9p' "$0"
    exit 2
    ;;
esac
