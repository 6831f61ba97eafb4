#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs a command where the WebAssembly compiler is: tools/toolchain.sh COMMAND [ARGUMENT...]
#
# The compiler is Emscripten (3.1.60 or newer, LLVM 18 or newer). Three places are tried, in this order:
#   1. the Debian root named by OCTAVO_TOOLCHAIN, if that is set;
#   2. an emcc on PATH that is new enough;
#   3. a Debian 13 root of our own in the cache folder, made on first use (about 1 GB, some minutes).
# The published files in dist/ are made with a root, so that the same sources give the same bytes on every machine.
#
# Inside a root the project is mounted at /octavo, in a mount namespace that ends with the command: nothing is left
# mounted. The command starts in the project's folder in every case.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
root=${OCTAVO_TOOLCHAIN:-}

suitable_emcc() {
  local version llvm
  version=$(emcc --version 2>/dev/null | sed -n '1s/.* \([0-9]*\.[0-9]*\.[0-9]*\) .*/\1/p') || return 1
  [ -n "$version" ] && printf '3.1.60\n%s\n' "$version" | sort -V -C || return 1
  llvm=$("$(em-config LLVM_ROOT)/clang" --version | sed -n '1s/.*version \([0-9]*\).*/\1/p')
  [ "${llvm:-0}" -ge 18 ]
}

if [ -z "$root" ] && suitable_emcc; then
  cd "$project"
  exec "$@"
fi

root=${root:-${XDG_CACHE_HOME:-$HOME/.cache}/octavo/toolchain}
[ -x "$root/usr/bin/emcc" ] || "$project/tools/make_toolchain.sh" "$root"
[ "$(id -u)" = 0 ] && as_root='' || as_root=--map-root-user

# shellcheck disable=SC2086
exec unshare $as_root --mount bash -c '
  root=$1 project=$2
  shift 2
  mkdir -p "$root/octavo"
  mount --bind "$project" "$root/octavo"
  mount --rbind /dev "$root/dev"
  mount --rbind /proc "$root/proc"
  exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/octavo/build LANG=C.UTF-8 MAKEFLAGS="${MAKEFLAGS:-}" \
    sh -c "cd /octavo && exec \"\$@\"" sh "$@"
' bash "$root" "$project" "$@"
