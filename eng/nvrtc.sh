#!/usr/bin/env bash
# Installs NVIDIA's run-time compiler from Debian's non-free component, so that tests can compile the GPU kernels. As root on Debian 12 or
# 13 only, quietly, and never a failure: without it those tests skip and say why.
set -uo pipefail
[ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] && [ "$(uname -m)" = x86_64 ] && command -v apt-get >/dev/null 2>&1 || exit 0
ls /usr/lib/x86_64-linux-gnu/libnvrtc.so.1[123]* >/dev/null 2>&1 && exit 0
. /etc/os-release 2>/dev/null || exit 0
[ "${ID:-}" = debian ] || exit 0
mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
[ -n "$mirror" ] || mirror=http://deb.debian.org/debian
# A source list of its own, so that nothing else on the machine changes: libnvrtc12 needs libc6 2.34, which Debian 12 has.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/lists/partial"
printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: non-free\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$mirror" > "$folder/nvrtc.sources"
apt() { timeout 90 apt-get -qq -o Dir::Etc::sourcelist="$folder/nvrtc.sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$folder/lists" -o APT::Sandbox::User=root "$@" >/dev/null 2>&1; }
cd "$folder" && apt update && apt download libnvrtc12 libnvrtc-builtins12.4 && dpkg -i ./*.deb >/dev/null 2>&1 || echo "tuner: NVRTC was not installed; tests that compile GPU kernels skip." >&2
exit 0
