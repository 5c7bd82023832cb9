#!/usr/bin/env bash
# Checks what Tuner needs before its first build: the .NET SDK and a recent C++ runtime.
#
# TorchSharp's native library is built against GLIBCXX_3.4.32 (GCC 13). Debian 12 ships GCC 12's runtime, and the
# failure there is misleading ("doesn't contain a reference to libtorch-cpu"). On Debian 12 as root the cure is
# applied here, only when the check fails; anybody else is told what to do. Prints nothing when all is well.
set -euo pipefail

if ! command -v dotnet >/dev/null 2>&1; then
    echo "tuner: the .NET 10 SDK was not found on PATH." >&2
    echo "tuner: install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again." >&2
    exit 1
fi

required=GLIBCXX_3.4.32
[ "$(uname -s)" = Linux ] || exit 0

runtime_library() {
    local ldconfig=ldconfig
    command -v ldconfig >/dev/null 2>&1 || ldconfig=/sbin/ldconfig
    # The cache lists every architecture; the loader takes the first that fits this one.
    "$ldconfig" -p 2>/dev/null | awk -v arch="$(uname -m | sed 's/_/-/')" \
        '/libstdc\+\+\.so\.6 / && $0 ~ arch { print $NF; exit }'
}

has_runtime() {
    local library
    library=$(runtime_library)
    [ -n "$library" ] && grep -qa "$required" "$library"
}

has_runtime && exit 0

. /etc/os-release 2>/dev/null || true
if [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] && [ "$(id -u)" = 0 ]; then
    echo "tuner: this Debian 12 lacks $required, which libtorch needs; taking libstdc++6 from trixie (about 20 s) ..." >&2
    mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
    [ -n "$mirror" ] || mirror=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }' /etc/apt/sources.list 2>/dev/null || true)
    [ -n "$mirror" ] || mirror=http://deb.debian.org/debian
    printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
        "$mirror" > /etc/apt/sources.list.d/trixie-libstdcxx.sources
    # Priority 100: nothing comes from trixie unless it is asked for by name.
    printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' > /etc/apt/preferences.d/trixie-libstdcxx
    log=$(mktemp)
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y -t trixie libstdc++6; } >"$log" 2>&1; then
        echo "tuner: that did not work; the last lines of $log say why:" >&2
        tail -n 3 "$log" >&2
        exit 1
    fi
    rm -f "$log"
    has_runtime && exit 0
fi

echo "tuner: libstdc++ on this machine lacks $required, which libtorch needs (Debian 13, Ubuntu 24.04 or newer have it)." >&2
echo "tuner: on Debian 12, as root: add the trixie suite at pin priority 100, then 'apt-get install -t trixie libstdc++6'; or run this command once as root." >&2
exit 1
