#!/usr/bin/env bash
# Prepares this machine to build, run and check steepest. Says nothing where all is there.
#
#   scripts/setup.sh           what the app needs: Rust, a C++ compiler, a Vulkan driver, the X11 libraries
#   scripts/setup.sh checks    and what the checks need: rustfmt and clippy
#   scripts/setup.sh ci        and what every test needs: the software renderer, Xvfb, xdotool, ffmpeg, and NumPy, PyTorch,
#                              pytest and what runs notebooks for the system's Python
#
# On Debian and Ubuntu, missing packages are installed when this runs as root or when sudo asks for no
# password; else the exact command is printed. On other systems it only checks.
# CARGO names the cargo to look at (default: the one on the PATH, else in ~/.cargo/bin).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

level="${1:-run}"
cargo="${CARGO:-$(command -v cargo || echo "$HOME/.cargo/bin/cargo")}"

# Opened at run time, so that the build needs none of them: library, Debian package.
libraries="
libvulkan.so.1        libvulkan1
libX11.so.6           libx11-6
libX11-xcb.so.1       libx11-xcb1
libXcursor.so.1       libxcursor1
libXi.so.6            libxi6
libXrandr.so.2        libxrandr2
libxkbcommon-x11.so.0 libxkbcommon-x11-0
"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# has_driver PATTERN: is a Vulkan driver with a manifest of that name installed?
has_driver() {
    if [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]; then return 0; fi
    local folder
    for folder in /usr/share/vulkan /usr/local/share/vulkan /etc/vulkan "${XDG_DATA_HOME:-$HOME/.local/share}/vulkan"; do
        if compgen -G "$folder/icd.d/$1.json" >/dev/null; then return 0; fi
    done
    return 1
}

# has_module NAME: has the system's Python a module of that name? (It is not imported, which takes seconds.)
has_module() {
    /usr/bin/python3 -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$1') is None)" >/dev/null 2>&1
}

# Prints the Debian packages that are missing, one a line.
missing_packages() {
    local known library package
    known="$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null || true)"
    while read -r library package; do
        if [ -n "$library" ] && [[ "$known" != *"$library "* ]]; then echo "$package"; fi
    done <<<"$libraries"
    # The H.264 encoder is C++.
    if ! has cc || ! has c++; then echo build-essential; fi
    # Cargo fetches the dependencies by https.
    if [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then echo ca-certificates; fi
    if [ "$level" = ci ]; then
        if ! has_driver 'lvp_icd*'; then echo mesa-vulkan-drivers; fi
        if ! has make; then echo make; fi
        if ! has Xvfb; then echo xvfb; fi
        if ! has xauth; then echo xauth; fi
        if ! has xdotool; then echo xdotool; fi
        if ! has ffprobe; then echo ffmpeg; fi
        for package in numpy pytest torch nbclient ipykernel; do
            if ! has_module "$package"; then echo "python3-$package"; fi
        done
        # With it the encoder is built with its assembler.
        if ! has nasm; then echo nasm; fi
    elif ! has_driver '*'; then
        echo mesa-vulkan-drivers
    fi
}

install_packages() {
    local packages="$*" sudo=""
    local apt="env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            say "these packages are missing: $packages. Please run"
            say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $packages"
            fail "and then repeat the command."
        fi
        sudo="sudo -n"
    fi
    say "installing $packages"
    # The lists that failed to load may not be those that matter; the installation tells.
    # shellcheck disable=SC2086 # these are lists of words
    $sudo $apt update >&2 || say "not every package list could be loaded"
    # shellcheck disable=SC2086
    $sudo $apt install -y --no-install-recommends $packages >&2 || fail "could not install $packages"
}

set_up_linux() {
    local missing
    missing="$(missing_packages | xargs)"
    if [ -z "$missing" ]; then return; fi
    if has apt-get; then
        # shellcheck disable=SC2086
        install_packages $missing
    elif ! has cc; then
        fail "no C compiler to link with was found. Install gcc or clang."
    elif has ldconfig; then
        say "these seem to be missing (by their Debian names): $missing. Going on without."
    fi
}

check_rust() {
    local wanted found how
    wanted="$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml)"
    found="$("$cargo" --version 2>/dev/null | sed -n 's/^cargo \([0-9]*\.[0-9]*\).*/\1/p' || true)"
    if has rustup || [ -x "$HOME/.cargo/bin/rustup" ]; then
        how="rustup update stable && rustup default stable"
    else
        how="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    fi
    if [ -z "$found" ]; then
        fail "Rust is missing (no cargo was found); $wanted or newer is needed. Get it with: $how"
    fi
    if [ "${found%%.*}" -lt "${wanted%%.*}" ] ||
        { [ "${found%%.*}" -eq "${wanted%%.*}" ] && [ "${found#*.}" -lt "$(cut -d. -f2 <<<"$wanted")" ]; }; then
        fail "Rust $found is too old; $wanted or newer is needed. Get it with: $how"
    fi
}

# check_component NAME PACKAGE: cargo's sub-command NAME, from rustup's component or Debian's PACKAGE.
check_component() {
    local rustup=rustup
    if "$cargo" "$1" --version >/dev/null 2>&1; then return; fi
    if ! has rustup; then rustup="$HOME/.cargo/bin/rustup"; fi
    if has "$rustup"; then
        say "adding $2"
        "$rustup" component add "$2" >&2 && return
    fi
    fail "\`cargo $1\` is missing. Get it with: rustup component add $2"
}

case "$level" in
run | checks | ci) ;;
*) fail "unknown argument \`$level\`: it is run, checks or ci" ;;
esac

case "$(uname -s)" in
Linux) set_up_linux ;;
Darwin) has cc || fail "no C compiler to link with was found. Get it with: xcode-select --install" ;;
esac
check_rust
if [ "$level" != run ]; then
    check_component fmt rustfmt
    check_component clippy clippy
fi
