#!/usr/bin/env bash
# consume.sh static|shared|subdirectory BUILD WORK: builds and runs the programs beside this script
# against Papilio. `static` installs the build that is tested; the others compile the library anew
# (from ccache where there is one).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
way=$1 build=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
cmake_into() { cmake -G Ninja -DCMAKE_BUILD_TYPE=Release -B "$@" >"$work/configure.log" || {
  cat "$work/configure.log"
  return 1
}; }

# With pkg-config alone: no CMake on the user's side.
by_pkg_config() {
  local prefix=$1 path
  path=$(dirname "$(find "$prefix" -name papilio.pc)")
  export PKG_CONFIG_PATH=$path
  echo "consumer: pkg-config papilio $(pkg-config --modversion papilio)"
  # shellcheck disable=SC2046  # flags are words
  "$CXX" -std=c++20 "$here/main.cpp" -o "$work/by_pkg_config" \
    $(pkg-config --cflags --libs papilio) "-Wl,-rpath,$(dirname "$path")"
  "$work/by_pkg_config"
  if [ -f "$path/papilio-io.pc" ]; then pkg-config --exists --print-errors papilio-io; fi
}

by_find_package() {
  cmake_into "$work/by_find_package" -S "$here/package" "-DCMAKE_PREFIX_PATH=$1" \
    "-DPAPILIO_SOURCE=$root"
  cmake --build "$work/by_find_package" >"$work/build.log" || { cat "$work/build.log"; exit 1; }
  "$work/by_find_package/consumer"
}

# A shared library shows the public names only. In mangled names, a folder's namespace comes first.
only_public_symbols() {
  local library leaked
  local folders='base|ir|spectral|reference|passes|kernels|runtime|api|io'
  while read -r library; do
    echo "consumer: symbols of $(basename "$library")"
    leaked=$(nm -D --defined-only "$library" | awk '{ print $NF }' |
      grep -E "^_Z(TV|TI|TS|GV)?NK?7papilio[0-9]+($folders)" |
      grep -vE '^_ZNK?7papilio2io(10SignalFile|4load)' || true)
    if [ -n "$leaked" ]; then
      echo "private names are visible:"
      echo "$leaked" | c++filt | head -20
      exit 1
    fi
  done < <(find "$1" -type f -name 'libpapilio*.so*')
}

case $way in
  static)
    cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
    by_find_package "$work/prefix"
    by_pkg_config "$work/prefix"
    ;;
  shared)
    cmake_into "$work/build" -S "$root" -DBUILD_SHARED_LIBS=ON -DPAPILIO_BUILD_TESTS=OFF \
      -DPAPILIO_BUILD_APP=OFF "-DPAPILIO_WERROR=${PAPILIO_WERROR:-OFF}"
    cmake --build "$work/build" >"$work/build.log" || { cat "$work/build.log"; exit 1; }
    cmake --install "$work/build" --prefix "$work/prefix" >"$work/install.log"
    only_public_symbols "$work/prefix"
    by_find_package "$work/prefix"
    by_pkg_config "$work/prefix"
    ;;
  subdirectory)
    cmake_into "$work/build" -S "$here/subdirectory" "-DPAPILIO_SOURCE=$root" \
      "-DPAPILIO_WERROR=${PAPILIO_WERROR:-OFF}"
    cmake --build "$work/build" >"$work/build.log" || { cat "$work/build.log"; exit 1; }
    "$work/build/consumer"
    ;;
  *)
    echo "usage: $0 static|shared|subdirectory BUILD WORK"
    exit 2
    ;;
esac
