#!/bin/sh
# Makes this folder ready to run: system libraries (Debian's package manager), Python packages (the lock file, by
# hash) into .venv, and the two programs .venv/bin/doorstep and .venv/bin/doorstep-district.
# Safe to repeat; when nothing changed it ends at once.
#   DOORSTEP_PYTHON=/path/to/python3   the Python to use (3.11 to 3.14)
#   DOORSTEP_NO_PACKAGES=1             leave system packages alone
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
unset PYTHONPATH PYTHONHOME || true

say() { printf '%s\n' "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

usable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; }

find_python() {
    for candidate in "${DOORSTEP_PYTHON:-}" python3.11 python3 python3.12 python3.13 python3.14; do
        if [ -n "$candidate" ] && usable "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# One line each: what to look for, the Debian package that has it. "lib" is opened, "bin" is looked up on PATH.
needs() {
    cat <<'LIST'
lib libGL.so.1 libgl1
lib libEGL.so.1 libegl1
lib libxkbcommon.so.0 libxkbcommon0
lib libfontconfig.so.1 libfontconfig1
lib libdbus-1.so.3 libdbus-1-3
lib libglib-2.0.so.0 libglib2.0-0
lib libX11-xcb.so.1 libx11-xcb1
lib libxcb-cursor.so.0 libxcb-cursor0
lib libxkbcommon-x11.so.0 libxkbcommon-x11-0
lib libxcb-icccm.so.4 libxcb-icccm4
lib libxcb-image.so.0 libxcb-image0
lib libxcb-keysyms.so.1 libxcb-keysyms1
lib libxcb-randr.so.0 libxcb-randr0
lib libxcb-render-util.so.0 libxcb-render-util0
lib libxcb-shape.so.0 libxcb-shape0
lib libxcb-shm.so.0 libxcb-shm0
lib libxcb-sync.so.1 libxcb-sync1
lib libxcb-xfixes.so.0 libxcb-xfixes0
lib libxcb-xkb.so.1 libxcb-xkb1
lib libcups.so.2 libcups2
bin Xvfb xvfb
bin xdotool xdotool
bin pdftotext poppler-utils
LIST
}

missing_packages() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "python3-venv"
    needs | while read -r kind name package; do
        if [ "$kind" = bin ]; then
            command -v "$name" >/dev/null 2>&1 || echo "$package"
        else
            "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$name" 2>/dev/null || echo "$package"
        fi
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        sudo "$@"
    else
        return 1
    fi
}

install_packages() {
    command -v apt-get >/dev/null 2>&1 || return 1
    as_root true || return 1
    say "installing system packages: $*"
    apt="env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300"
    # shellcheck disable=SC2086
    if ! as_root $apt install --no-install-recommends "$@" >&2; then
        say "trying again with fresh package lists"
        as_root $apt update >&2 && as_root $apt install --no-install-recommends "$@" >&2
    fi
}

ensure_packages() {
    missing=$(missing_packages | sort -u | tr '\n' ' ')
    if [ -n "$missing" ] && [ -z "${DOORSTEP_NO_PACKAGES:-}" ]; then
        # shellcheck disable=SC2086
        install_packages $missing || say "the package manager could not be used"
        missing=$(missing_packages | sort -u | tr '\n' ' ')
    fi
}

stamp_of() {
    { cat requirements.lock pyproject.toml installer/setup.sh installer/link_programs.py; "$python" -VV; pwd; } |
        "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
}

python=$(find_python) || {
    [ -z "${DOORSTEP_NO_PACKAGES:-}" ] && install_packages python3 python3-venv && python=$(find_python)
} || fail "needs Python 3.11 to 3.14, and none was found; set DOORSTEP_PYTHON to one."

wanted=$(stamp_of)
if [ -x .venv/bin/doorstep ] && [ "$(cat .venv/.doorstep-stamp 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

ensure_packages
case " $missing " in
*" python3-venv "*)
    fail "Python's venv is missing and could not be installed; ask an administrator for: apt-get install $missing" ;;
esac

# A moved or copied tree has programs that point to the old place: then .venv is made anew.
if ! usable .venv/bin/python || ! grep -qF "$root/.venv/" .venv/bin/pip 2>/dev/null; then
    rm -rf .venv
    say "making .venv with $("$python" --version)"
    "$python" -m venv .venv
fi
rm -f .venv/.doorstep-stamp
say "installing Python packages from requirements.lock (a minute or two the first time)"
.venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet --only-binary :all: \
    --require-hashes -r requirements.lock
.venv/bin/python installer/link_programs.py

if [ -n "$missing" ]; then
    say "ready, but these system packages are missing and could not be installed: $missing"
    if ! .venv/bin/python -c 'import PySide6.QtWidgets' 2>/dev/null; then
        fail "without them no window opens; ask an administrator for: apt-get install $missing"
    fi
else
    printf '%s\n' "$wanted" >.venv/.doorstep-stamp
fi
say "ready: .venv/bin/doorstep and .venv/bin/doorstep-district"
