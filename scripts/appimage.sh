#!/usr/bin/env bash
# Makes an AppImage of the files that scripts/package.sh gathers: one file that runs on any Linux, without being installed.
#
#   scripts/appimage.sh FOLDER OUTPUT
#
# It is a small program (the AppImage project's runtime) with a compressed folder behind it, which that mounts. The runtime is
# fetched and held against its known checksum, or taken from the file that APPIMAGE_RUNTIME names.
set -euo pipefail

files="${1:?the folder with the files}"
output="${2:?the file to write}"
release=20251108
case "$(uname -m)" in
x86_64) checksum=2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d ;;
aarch64) checksum=00cbdfcf917cc6c0ff6d3347d59e0ca1f7f45a6df1a428a0d6d8a78664d87444 ;;
*) echo "appimage: no runtime is known for $(uname -m)" >&2 && exit 1 ;;
esac

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
runtime="${APPIMAGE_RUNTIME:-}"
if [ -z "$runtime" ]; then
    runtime="$work/runtime"
    curl --fail --silent --show-error --location --output "$runtime" \
        "https://github.com/AppImage/type2-runtime/releases/download/$release/runtime-$(uname -m)"
    echo "$checksum  $runtime" | sha256sum --check --quiet
fi

folder="$work/AppDir"
mkdir -p "$folder/usr/share/doc"
install -D -m 755 "$files/steepest" "$folder/usr/bin/steepest"
cp -r "$files/man1" "$folder/usr/share/doc/man1"
cp "$files"/{README.md,CHANGELOG.md,LICENSE-APACHE,LICENSE-MIT} "$folder/usr/share/doc/"
cp "$files"/steepest.desktop "$files"/steepest.svg "$folder/"
ln -s usr/bin/steepest "$folder/AppRun"
ln -s steepest.svg "$folder/.DirIcon"
mksquashfs "$folder" "$work/squashfs" -quiet -no-progress -root-owned -noappend -comp zstd >&2
cat "$runtime" "$work/squashfs" >"$work/AppImage"
chmod 755 "$work/AppImage"
mv "$work/AppImage" "$output"
