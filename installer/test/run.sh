#!/bin/sh
# What "make installer-test" runs: installs, starts, updates and removes the packages in clean Debian roots, types
# Chinese into the installed program, and installs the Windows setup's stand-in payload under Wine.
#   run.sh                          the packages of build/installer, every case
#   run.sh --deb A.deb --newer B.deb --uos C.deb --only bookworm --case life
# Needs root and Debian's package archive. Roots, logs and pictures lie in build/installer-test; nothing else changes.
set -eu
cd "$(dirname -- "$0")/../.."

say() { printf '%s\n' "installer-test: $*" >&2; }

[ "$(id -u)" = 0 ] || { say "needs root (roots are made with debootstrap and chroot); run it as root"; exit 1; }
missing=
for pair in debootstrap:debootstrap unshare:util-linux makensis:nsis; do
    PATH="$PATH:/usr/sbin" command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
    say "installing$missing"
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $missing >&2
fi
python=$(command -v "${DOORSTEP_PYTHON:-python3}") || { say "needs Python 3.11 or newer"; exit 1; }

# Mounts and processes of the run live in namespaces of their own and end with it, however it ends. Ctrl+C stops it;
# from elsewhere kill -9 the unshare (it does not listen to less), and everything in it goes too.
exec unshare --mount --pid --ipc --fork --kill-child --mount-proc "$python" -B installer/test/main.py "$@"
