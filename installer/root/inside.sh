#!/bin/sh
# Runs inside the Debian 11 root, as root: packages, OpenSSL 3 and CPython 3.11 from Debian 12's source packages.
# Each step leaves a stamp in /var/lib/doorstep-root, so that a run that was cut off goes on where it stopped.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
stamps=/var/lib/doorstep-root
jobs=$(nproc)
mkdir -p "$stamps"

say() { printf '%s\n' "root: $*" >&2; }
apt() { apt-get -q -y -o Acquire::Retries=3 "$@" </dev/null; }

# Compilers; what CPython is built on; then what Qt's plugins look for, so that PyInstaller sees what they need.
PACKAGES="build-essential pkg-config dpkg-dev quilt perl xz-utils binutils
    zlib1g-dev libffi-dev libbz2-dev liblzma-dev libsqlite3-dev libexpat1-dev uuid-dev
    libgl1 libegl1 libxkbcommon-x11-0 libfontconfig1 libfreetype6 libdbus-1-3 libglib2.0-0 libx11-xcb1 libxcb-cursor0
    libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-shm0
    libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libcups2"

packages() {
    say "installing compilers and libraries"
    apt update
    apt upgrade
    # shellcheck disable=SC2086
    apt install --no-install-recommends $PACKAGES
    apt clean
}

# The newest version that the mirror has; its index may name one that is not there yet, or no longer.
fetch_source() {
    rm -rf "/usr/src/$1"
    mkdir -p "/usr/src/$1"
    cd "/usr/src/$1"
    for version in $(apt-cache showsrc "$1" | sed -n 's/^Version: //p' | sort -rV | uniq); do
        apt source --download-only -o APT::Sandbox::User=root "$1=$version" && break
        say "the mirror has no $1 $version; trying an older one"
        rm -f ./*
    done
    # apt has compared every file with the signed index; dpkg-source itself would need the uploader's key.
    dpkg-source --skip-patches -x ./*.dsc source 2>/dev/null
    cd source
    "$2"
    dpkg-parsechangelog -S Version >"$stamps/$1.version"
}

# Patches that mend CPython are applied; those that fit it into Debian (dist-packages, multiarch names) are not.
mending_patches() {
    grep -E '\.patch$|CVE|^(shutdown-deadlock|frame_dealloc-crash|ntpath-import)\.diff$' debian/patches/series >/tmp/mending
    while read -r patch; do
        patch -p1 --forward --silent <"debian/patches/$patch" || { say "$patch does not apply"; exit 1; }
    done </tmp/mending
    # As Debian's own build says by a flag: a mending patch made pyexpat use CPython's inner headers.
    sed -i '1i #define Py_BUILD_CORE_MODULE 1' Modules/pyexpat.c
    say "applied $(wc -l </tmp/mending) patches"
}

all_patches() { QUILT_PATCHES=debian/patches quilt --quiltrc - push -a -q; }

# Only its static libraries stay: the bundle must not bring a libcrypto.so that the system's own libraries would then load.
openssl() {
    say "compiling OpenSSL 3 (a few minutes)"
    fetch_source openssl all_patches
    ./config --prefix=/opt/openssl --libdir=lib --openssldir=/etc/ssl shared no-tests no-legacy >/dev/null
    make -s -j"$jobs" build_libs >/dev/null
    make -s install_dev >/dev/null
    rm -f /opt/openssl/lib/*.so*
    echo 'INPUT(/opt/openssl/lib/libcrypto.a -ldl -lpthread)' >/opt/openssl/lib/libcrypto.so
    cd / && rm -rf /usr/src/openssl
}

python() {
    say "compiling CPython 3.11 (a few minutes)"
    fetch_source python3.11 mending_patches
    ./configure -q --prefix=/opt/python --enable-shared --with-openssl=/opt/openssl --with-system-expat \
        --without-doc-strings --disable-test-modules --with-ensurepip=install \
        LDFLAGS="-Wl,-rpath,/opt/python/lib" >/dev/null
    make -s -j"$jobs" >/dev/null
    make -s install >/dev/null
    strip --strip-unneeded /opt/python/lib/libpython3.11.so.1.0 /opt/python/lib/python3.11/lib-dynload/*.so
    /opt/python/bin/python3.11 -c 'import bz2, ctypes, lzma, pyexpat, sqlite3, ssl, uuid, zlib, _hashlib; print(ssl.OPENSSL_VERSION)' >&2
    cd / && rm -rf /usr/src/python3.11
}

for step in packages openssl python; do
    [ -e "$stamps/$step" ] && continue
    "$step"
    touch "$stamps/$step"
done
