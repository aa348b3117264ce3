#!/bin/sh
# What "make installer" runs: the bundle and its two packages, into build/installer/.
#   bundle/doorstep/                            the one-folder bundle, runs on glibc 2.31 and newer
#   doorstep_<version>_<arch>.deb               for Debian, Ubuntu, Kylin, UOS
#   cn.jiamenkou.doorstep_<version>_<arch>.deb  the same bundle in the layout of the UOS store
# Safe to repeat: the Debian 11 root, the wheels and a bundle of unchanged sources are kept.
#   --repack                   only pack the bundle that is there again, as .deb alone and hardly compressed (seconds, no root)
#   --version X, or DOORSTEP_BUILD_VERSION=X   call it this version: to try an update before there is one
#   --sources                  print the number of the sources; build/installer/bundle/sources holds that of the bundle
#   DOORSTEP_DEBIAN_MIRROR, DOORSTEP_DEBIAN_SECURITY   where Debian is, if apt's own sources do not say
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH LC_ALL=C.UTF-8
out=$root/build/installer
rootfs=$out/root
version=${DOORSTEP_BUILD_VERSION:-}
repack=

say() { printf '%s\n' "installer: $*" >&2; }
fail() { say "$*"; exit 1; }

# What a bundle is made of, as one number: the same number, the same bundle.
sources() {
    find app resources installer/bundle installer/doorstep.spec installer/root installer/requirements-bundle.lock \
        bench/start_probe.py -type f ! -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum |
        cut -d ' ' -f 1
}

while [ $# -gt 0 ]; do
    case "$1" in
    --repack) repack=1 ;;
    --sources) sources; exit 0 ;;
    --version) version=${2:-}; shift ;;
    *) fail "does not know $1; see the head of installer/build.sh" ;;
    esac
    shift
done
python=$root/.venv/bin/python
[ -x "$python" ] || fail "needs .venv; run: make setup"
: "${version:=$("$python" -c 'import app; print(app.__version__)')}"
export DOORSTEP_BUILD_VERSION="$version"

pack() {
    command -v dpkg-deb >/dev/null || fail "needs dpkg-deb, which is on Debian and its kin only"
    say "packing version $version"
    # shellcheck disable=SC2086
    "$python" installer/deb/pack.py $1 --bundle "$out/bundle/doorstep" --out "$out" --version "$version"
}

if [ -n "$repack" ]; then
    [ -x "$out/bundle/doorstep/doorstep" ] || fail "there is no bundle to pack again; run: make installer"
    pack "--quick"
    exit 0
fi

[ "$(id -u)" = 0 ] || fail "making a Debian 11 root needs root: run it as root, or: sudo make installer"
if ! command -v debootstrap >/dev/null; then
    say "installing debootstrap"
    { apt-get -q -y install --no-install-recommends debootstrap ||
        { apt-get -q update && apt-get -q -y install --no-install-recommends debootstrap; }; } >&2 ||
        fail "needs debootstrap, and it could not be installed; run: apt-get install debootstrap"
fi
for tool in chroot mount; do
    command -v "$tool" >/dev/null || fail "needs $tool, which is in Debian's coreutils and mount"
done
free=$(df -Pk "$root" | awk 'NR == 2 {print int($4 / 1024)}')
[ "$free" -ge 5000 ] || [ -e "$rootfs/var/lib/doorstep-root/python" ] ||
    fail "needs 5000 MB of disk for the root and the bundle, $free MB are free; nothing was begun"
mkdir -p "$out"

# Where apt gets Debian from on this machine; no host is named in this tree.
mirror_of() {
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(SITE)' 2>/dev/null | sed -n "s/^Debian|$1|//p" | head -n 1
}
mirror=${DOORSTEP_DEBIAN_MIRROR:-$(mirror_of Debian)}
security=${DOORSTEP_DEBIAN_SECURITY:-$(mirror_of Debian-Security)}

mounted() { grep -q " $rootfs/$1 " /proc/mounts; }
enter() { for m in proc dev; do mounted "$m" || mount --bind "/$m" "$rootfs/$m"; done; }
leave() { for m in proc dev; do if mounted "$m"; then umount -l "$rootfs/$m"; fi; done; }
trap leave EXIT
trap 'leave; exit 130' INT TERM

make_root() {
    [ -n "$mirror" ] || fail "apt's sources name no Debian mirror; set DOORSTEP_DEBIAN_MIRROR to the address of one"
    if [ ! -e "$rootfs/var/lib/doorstep-root/bootstrapped" ]; then
        say "making a Debian 11 root (a minute or two)"
        leave
        rm -rf "$rootfs"
        debootstrap --variant=minbase --include=ca-certificates bullseye "$rootfs" "$mirror" >"$out/root.log" 2>&1 ||
            fail "Debian 11 could not be fetched; is there a network? The last lines of $out/root.log: $(tail -n 3 "$out/root.log")"
        mkdir -p "$rootfs/var/lib/doorstep-root"
        touch "$rootfs/var/lib/doorstep-root/bootstrapped"
    fi
    {
        printf 'deb %s bullseye main\n' "$mirror"
        printf 'deb %s bullseye-updates main\n' "$mirror"
        printf 'deb-src %s bookworm main\n' "$mirror"
        if [ -n "$security" ]; then
            printf 'deb %s bullseye-security main\n' "$security"
            printf 'deb-src %s bookworm-security main\n' "$security"
        fi
    } >"$rootfs/etc/apt/sources.list"
    cp /etc/resolv.conf "$rootfs/etc/resolv.conf"
    enter
    mkdir -p "$rootfs/build"
    cp installer/root/inside.sh "$rootfs/build/inside.sh"
    chroot "$rootfs" sh /build/inside.sh >>"$out/root.log" 2>&1 ||
        fail "the root could not be finished; the last lines of $out/root.log: $(tail -n 5 "$out/root.log")"
}

# pip of this machine fetches (it knows the way), pip in the root installs: by hash both times.
fetch_wheels() {
    say "fetching the packages of installer/requirements-bundle.lock"
    tags=
    for glibc in 31 28 27 26 24 17 12 5; do tags="$tags --platform manylinux_2_${glibc}_$(uname -m)"; done
    # shellcheck disable=SC2086
    "$python" -m pip --disable-pip-version-check --no-input download --quiet --no-deps --only-binary :all: \
        $tags --platform "manylinux2014_$(uname -m)" --platform any --python-version 3.11 --implementation cp \
        --abi cp311 --abi abi3 --abi none --require-hashes -r installer/requirements-bundle.lock -d "$out/wheels" >>"$out/root.log" 2>&1 ||
        fail "the packages could not be fetched; is there a network? The last lines of $out/root.log: $(tail -n 3 "$out/root.log")"
}

# numpy's own wheel brings 28 MB of OpenBLAS, for which the charts have no use: it is compiled without.
numpy_without_blas() {
    sed -n '/^numpy==/,/^[^ n]/p' installer/requirements-bundle.lock | sed '$d' >"$rootfs/build/numpy.lock"
    cert=${PIP_CERT:-${REQUESTS_CA_BUNDLE:-${SSL_CERT_FILE:-}}}
    [ -n "$cert" ] && cp -L "$cert" "$rootfs/build/certificates.pem"
    index=$("$python" -m pip --disable-pip-version-check config get global.index-url 2>/dev/null || true)
    set -- PATH=/build/venv/bin:/usr/bin:/bin HOME=/root LC_ALL=C.UTF-8 "http_proxy=${http_proxy:-}" \
        "https_proxy=${https_proxy:-}" ${cert:+PIP_CERT=/build/certificates.pem} \
        ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} ${index:+PIP_INDEX_URL="$index"}
    chroot "$rootfs" /usr/bin/env -i "$@" /build/venv/bin/python -m pip --disable-pip-version-check wheel --quiet \
        --no-deps --no-build-isolation --no-binary numpy --require-hashes -r /build/numpy.lock -w /build/numpy \
        -Csetup-args=-Dblas=none -Csetup-args=-Dlapack=none -Csetup-args=-Dallow-noblas=true \
        -Csetup-args=-Dcpu-dispatch=none -Csetup-args=-Dcpu-baseline=min >>"$out/root.log" 2>&1
}

install_wheels() {
    lock=$(sha256sum installer/requirements-bundle.lock | cut -d ' ' -f 1)
    [ "$(cat "$rootfs/var/lib/doorstep-root/lock" 2>/dev/null)" = "$lock" ] && return 0
    fetch_wheels
    rm -rf "$rootfs/build/wheels" "$rootfs/build/venv"
    cp -r "$out/wheels" "$rootfs/build/wheels"
    cp installer/requirements-bundle.lock "$rootfs/build/lock"
    chroot "$rootfs" /opt/python/bin/python3.11 -m venv /build/venv
    chroot "$rootfs" /build/venv/bin/python -m pip --disable-pip-version-check install --quiet --no-index \
        --find-links /build/wheels --require-hashes -r /build/lock >>"$out/root.log" 2>&1 ||
        fail "the packages could not be installed; the last lines of $out/root.log: $(tail -n 3 "$out/root.log")"
    if ! ls "$rootfs"/build/numpy/numpy-*.whl >/dev/null 2>&1; then
        say "compiling numpy without OpenBLAS (some minutes)"
        numpy_without_blas || fail "numpy could not be compiled; the last lines of $out/root.log: $(tail -n 5 "$out/root.log")"
    fi
    chroot "$rootfs" sh -c '/build/venv/bin/python -m pip --disable-pip-version-check install --quiet --no-index \
        --no-deps --force-reinstall /build/numpy/numpy-*.whl'
    rm -rf "$rootfs/build/wheels"
    printf '%s' "$lock" >"$rootfs/var/lib/doorstep-root/lock"
}

make_bundle() {
    now=$(sources)
    if [ -x "$out/bundle/doorstep/doorstep" ] && [ "$(cat "$out/bundle/sources" 2>/dev/null)" = "$now" ]; then
        say "the bundle is up to date"
        return 0
    fi
    say "bundling (some minutes)"
    src=$rootfs/build/src
    rm -rf "$src" "$rootfs/build/dist"
    mkdir -p "$src"
    tar -c --exclude=__pycache__ app resources installer/bundle installer/doorstep.spec bench/start_probe.py | tar -x -C "$src"
    chroot "$rootfs" sh -c 'cd /build/src && PYTHONDONTWRITEBYTECODE=1 PYINSTALLER_CONFIG_DIR=/build/cache \
        /build/venv/bin/python -m PyInstaller --noconfirm --log-level WARN --distpath /build/dist --workpath /build/work \
        installer/doorstep.spec && /build/venv/bin/python installer/bundle/slim.py /build/dist/doorstep' \
        >"$out/bundle.log" 2>&1 || fail "PyInstaller failed; the last lines of $out/bundle.log: $(tail -n 5 "$out/bundle.log")"
    rm -rf "$out/bundle"
    mkdir -p "$out/bundle"
    cp -a "$rootfs/build/dist/doorstep" "$out/bundle/doorstep"
    cp "$rootfs/build/work/doorstep/start_probe" "$out/bundle/start_probe"
    printf '%s' "$now" >"$out/bundle/sources"
}

make_root
install_wheels
make_bundle
leave
pack ""
say "ready: $(cd "$out" && ls -- *.deb | tr '\n' ' ')in build/installer"
