#!/usr/bin/env bash
# Installs the Debian package that scripts/package.sh made into a root directory of its own, and tries what is in it; and the
# AppImage, where there is one.
#
#   scripts/test-package.sh [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder="$(cd "${1:-target/packages}" && pwd)"
package="$(find "$folder" -name 'steepest_*.deb' | sort | tail -1)"
if [ -z "$package" ]; then
    echo "test-package: no steepest_*.deb in $folder; scripts/package.sh makes it" >&2
    exit 1
fi
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
touch "$root"/var/lib/dpkg/{status,available}
dpkg --root="$root" --force-depends --force-not-root --force-bad-path --log=/dev/null -i "$package"

there() { test -s "$root/$1" || { echo "test-package: $1 is missing" >&2; exit 1; }; }
for file in usr/bin/steepest usr/share/man/man1/steepest.1.gz usr/share/man/man1/steepest-run.1.gz \
    usr/share/bash-completion/completions/steepest usr/share/applications/steepest.desktop \
    usr/share/icons/hicolor/scalable/apps/steepest.svg usr/share/doc/steepest/copyright; do
    there "$file"
done
if command -v desktop-file-validate >/dev/null; then
    desktop-file-validate "$root/usr/share/applications/steepest.desktop"
fi
# Nothing but what is in the package, and the machine's libraries.
cd "$root"
export HOME="$root"
program=usr/bin/steepest
"$program" --version
"$program" list | head -3
"$program" run bowl | head -c 60
echo
began="$(date +%s%N)"
"$program" --quiet shot race -o race.png --size 640x360
echo "first picture after $((($(date +%s%N) - began) / 1000000)) ms"
there race.png
du -h usr/bin/steepest "$package"
image="$(find "$folder" -name 'steepest-*.AppImage' | sort | tail -1)"
if [ -n "$image" ]; then
    # Without FUSE, too, as in containers.
    APPIMAGE_EXTRACT_AND_RUN=1 "$image" --quiet shot bowl -o image.png --size 320x180
    there image.png
fi
echo "the package is whole"
