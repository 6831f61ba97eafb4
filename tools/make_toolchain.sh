#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes the Debian 13 root that holds Emscripten: tools/make_toolchain.sh FOLDER. Called by tools/toolchain.sh.
#
# The packages come from the mirror that this machine's own apt uses. The root is made beside its final place and moved
# there when it is whole, so that an interrupted run leaves nothing that looks finished.
set -euo pipefail
root=$1
part=$root.part

explain() {
  echo "octavo: $1" >&2
  echo "octavo: put Emscripten 3.1.60 or newer (LLVM 18 or newer) on PATH, or set OCTAVO_TOOLCHAIN to a root" >&2
  exit 1
}

command -v mmdebstrap >/dev/null || explain 'no suitable emcc on PATH, and no mmdebstrap to make a root with'
mirror=$(apt-get update --print-uris 2>/dev/null | sed -n "s|^'\(.*/debian\)/*dists/.*|\1|p" | head -n 1)
[ -n "$mirror" ] || explain "this machine's apt names no Debian mirror"

echo "octavo: making the WebAssembly toolchain (once)" >&2
mkdir -p "$(dirname "$root")"
rm -rf "$part"
mmdebstrap --quiet --variant=apt --include=emscripten,cmake,make trixie "$part" "deb $mirror trixie main"
mv "$part" "$root"
