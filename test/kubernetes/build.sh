#!/usr/bin/env bash
# build.sh: builds cmd/controlplane into <project>/.build/controlplane-<hash> and points the symlink
# .build/controlplane at it. Does nothing when that binary is there already.
#
# The hash covers all that decides the binary: go.mod, go.sum, the command's sources and this file,
# which holds the flags. Keep the flags fixed: another -trimpath, CGO_ENABLED or -race makes Go
# compile all of Kubernetes again instead of reusing its cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export GOWORK=off CGO_ENABLED=0

digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-16
}

out=$(cd ../.. && pwd)/.build
hash=$(cat go.mod go.sum build.sh cmd/controlplane/*.go | digest)
binary=$out/controlplane-$hash

if [[ ! -x $binary ]]; then
  mkdir -p "$out"
  [[ -e $out/.gitignore ]] || echo '*' >"$out/.gitignore" # the folder ignores itself
  echo "building the Kubernetes control plane: about 7 minutes on 2 cores, once"
  version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
  IFS=. read -r major minor _ <<<"${version#v}"
  pkg=k8s.io/component-base/version
  partial=$binary.partial.$$
  trap 'rm -f "$partial"' EXIT
  go build -trimpath -buildvcs=false -mod=readonly -o "$partial" -ldflags "-s -w \
    -X $pkg.gitVersion=$version -X $pkg.gitMajor=$major -X $pkg.gitMinor=$minor \
    -X $pkg.gitCommit=module -X $pkg.gitTreeState=clean" ./cmd/controlplane
  mv "$partial" "$binary"
  # 146 MB each: keep the newest alone. Processes already running keep their open file.
  find "$out" -maxdepth 1 -name 'controlplane-*' ! -name "$(basename "$binary")" ! -name '*.partial.*' -delete
fi
ln -sfn "$(basename "$binary")" "$out/controlplane"
echo "control plane: .build/controlplane-$hash"
