#!/usr/bin/env bash
# Builds what can be given to people on Linux or macOS, into target/packages (or the folder named): an archive with the program, its man
# pages and completions, a Debian package where cargo-deb is there, an AppImage where mksquashfs is, and their checksums.
#
#   scripts/package.sh [FOLDER]
#
# PROFILE names the cargo profile (default: dist, which compiles everything anew; release re-uses what is compiled).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder="${1:-target/packages}"
profile="${PROFILE:-dist}"
cargo="${CARGO:-$(command -v cargo || echo "$HOME/.cargo/bin/cargo")}"
target="${CARGO_TARGET_DIR:-target}"
say() { printf 'package: %s\n' "$*" >&2; }

version="$(sed -n 's/^version *= *"\(.*\)"/\1/p' Cargo.toml | head -1)"
machine="$(uname -m)-$(uname -s | tr '[:upper:]' '[:lower:]')"
"$cargo" build --locked --profile "$profile"
binary="$target/$profile/steepest"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
name="steepest-$version-$machine"
mkdir -p "$folder" "$work/$name" target/package-files
install -m 755 "$binary" "$work/$name/steepest"
# The release profile keeps names for backtraces.
if command -v strip >/dev/null; then strip "$work/$name/steepest"; fi
"$work/$name/steepest" manual "$work/$name"
cp README.md CHANGELOG.md LICENSE-* packaging/steepest.desktop packaging/steepest.svg "$work/$name/"
tar -C "$work" -czf "$folder/$name.tar.gz" "$name"
say "$folder/$name.tar.gz"

if "$cargo" deb --version >/dev/null 2>&1; then
    # Named as Cargo.toml names them.
    rm -rf target/package-files
    cp -r "$work/$name" target/package-files
    "$cargo" deb --locked --no-build --no-strip --profile "$profile" --output "$folder/" >&2
else
    say "no Debian package: cargo-deb is missing. Get it with: cargo install cargo-deb"
fi
if command -v mksquashfs >/dev/null; then
    scripts/appimage.sh "$work/$name" "$folder/steepest-$version-$(uname -m).AppImage" ||
        say "no AppImage: its runtime could not be fetched; APPIMAGE_RUNTIME may name one"
fi
# macOS has shasum only.
checksums() { if command -v sha256sum >/dev/null; then sha256sum -- "$@"; else shasum -a 256 -- "$@"; fi; }
(cd "$folder" && rm -f SHA256SUMS && checksums steepest* >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
ls -l "$folder" >&2
