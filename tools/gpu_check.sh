#!/bin/sh
# Everything of the CUDA device in one go, on a machine with an NVIDIA driver, NVRTC and cuFFT but
# without Debian's packages:
#   tools/gpu_check.sh bundle FOLDER    here: builds, and puts programs and their libraries there
#   FOLDER/gpu_check.sh run [WORD]      there: the device's tests, then the benches (whose names
#                                       hold WORD); one table, within nine minutes
set -eu
here=$(cd "$(dirname "$0")" && pwd)

bundle() {
  root=$(cd "$here/.." && pwd)
  build=$root/build/gpu
  # shellcheck disable=SC2016
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPAPILIO_BUILD_TESTS=ON \
    -DCMAKE_BUILD_RPATH='$ORIGIN/lib' > /dev/null
  cmake --build "$build" --target papilio_app runtime_test runtime_gpu_test bench_cuda
  mkdir -p "$1/lib"
  for program in apps/papilio/papilio tests/runtime/runtime_test tests/runtime/runtime_gpu_test \
    bench/cuda/bench_cuda; do
    cp "$build/$program" "$1/"
    strip "$1/${program##*/}"
    # What a bare machine lacks; the C and C++ run-time libraries are everywhere.
    ldd "$build/$program" | awk '$3 ~ /^\// { print $3 }' |
      grep -vE '/(libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+|ld-linux[^/]*)\.so' |
      while read -r library; do cp -L "$library" "$1/lib/"; done
  done
  cp "$here/gpu_check.sh" "$1/"
  du -sm "$1" | awk '{ print "gpu_check: " $1 " MB in " $2; exit $1 > 64 }'
}

# Shards beside one another: most of the time is the compiling of kernels.
tests() {
  logs=$(mktemp -d)
  count=$(nproc)
  shard=0
  while [ "$shard" -lt "$count" ]; do
    for program in runtime_test runtime_gpu_test; do
      filter='CpuProgram.*:Top*:*LikeTheReference*:*BatchProgram*:*BatchGradients*:Networks/*'
      [ "$program" = runtime_test ] || filter='*'
      GTEST_TOTAL_SHARDS=$count GTEST_SHARD_INDEX=$shard PAPILIO_TEST_DEVICE=cuda \
        timeout 240 "$here/$program" --gtest_filter="$filter" --gtest_brief=1 \
        > "$logs/$program.$shard" 2>&1 || echo "$program, shard $shard" >> "$logs/failed" &
    done
    shard=$((shard + 1))
  done
  wait
  cat "$logs"/*.[0-9]* | grep -E '^\[  (PASSED|FAILED|SKIPPED)' | sort | uniq -c
  if [ -e "$logs/failed" ]; then
    cat "$logs"/*.[0-9]* | grep -B2 -A12 'Failure' | head -100
    cat "$logs/failed"
    return 1
  fi
}

case "${1:-}" in
  bundle) bundle "${2:?a folder}" ;;
  run)
    "$here/papilio" doctor
    status=0
    tests || status=1
    timeout 240 "$here/bench_cuda" ${2:+"$2"} || status=1
    exit $status
    ;;
  *)
    sed -n '2,8p' "$0"
    exit 2
    ;;
esac
