# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those who source it
#
# What every script here shares: where things are, how they speak, which compiler and tools they
# use. Sourced, never run. It changes nothing on the machine: that is the work of .make/setup.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/comunanza
# A machine of the CI clones afresh each time: what is compiled must outlive the clone.
if [[ ${CI:-} == true ]]; then
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
fi
target=${CARGO_TARGET_DIR:-target}
site=target/site # where the front end is put: `site-root` in Cargo.toml
made=target/made # stamps and logs of these scripts
mkdir -p "$made"

# The workspace's `rust-version`.
rust_least=1.94

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

fail() {
    printf '\033[1mcomunanza:\033[0m %s\n' "$*" >&2
    exit 1
}

# skip SENTENCE: this machine can't do it. Ends the script with a code of its own, which is neither good nor bad.
skipped_code=77
skip() {
    printf '\033[1mskipped:\033[0m %s\n' "$*" >&2
    exit "$skipped_code"
}

have() { command -v "$1" >/dev/null 2>&1; }

# free_port: one that nothing listens at, on this machine alone.
free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

on_debian() { have apt-get && have dpkg; }

at_least() { # WANTED FOUND: both versions
    [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]
}

# builds_for_browser RUSTC...: is this compiler new enough, and does its library for the browser load?
# A library left behind by an older compiler does not.
builds_for_browser() {
    local version
    version=$("$@" --version 2>/dev/null | awk '{ print $2 }') || return 1
    at_least "$rust_least" "$version" || return 1
    "$@" --target wasm32-unknown-unknown --crate-type=lib --emit=metadata -o "$made/library.rmeta" - </dev/null >/dev/null 2>&1
}

# changed_since STAMP PATH...: true when something under the paths is newer than the stamp. Folders
# count too, so that a deleted file is seen.
changed_since() {
    local stamp=$1
    shift
    [[ -e $stamp ]] || return 0
    [[ -n $(find "$@" \( -name node_modules -o -path style/dist \) -prune -o -newer "$stamp" -print -quit) ]]
}

# use_toolchain: every cargo below runs on one compiler, the one that can build for the browser.
use_toolchain() {
    local name
    name=$(.make/toolchain) || fail "no Rust toolchain can build for the browser: make setup"
    if [[ -n $name ]]; then export RUSTUP_TOOLCHAIN=$name; fi
}

# use_quick_linker: has the C compiler, by which Rust links, take lld where it is there. By the one way that cargo does
# not notice: who calls cargo by hand would otherwise compile everything again.
use_quick_linker() {
    local found folder=$PWD/$made/linker
    found=$(command -v ld.lld || compgen -G '/usr/lib/llvm-*/bin/ld.lld' | sort -V | tail -n 1) || return 0
    mkdir -p "$folder"
    ln -sf "$found" "$folder/ld"
    export COMPILER_PATH=$folder
}

# The builder of the front end finds wasm-opt and terser in PATH.
use_tools() {
    use_toolchain
    PATH=$PWD/style/node_modules/.bin:$PATH
    export PATH
}

# postgres_programs: the folder of the newest PostgreSQL on this machine.
postgres_programs() {
    local found
    found=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)
    if [[ -z $found ]] && have pg_ctl && have initdb; then found=$(dirname "$(command -v pg_ctl)"); fi
    [[ -n $found ]] && echo "$found"
}

# The address, for the server and for `make dev`: PORT is the short way to say it.
use_address() {
    if [[ -z ${LEPTOS_SITE_ADDR:-} && -n ${PORT:-} ]]; then
        export LEPTOS_SITE_ADDR=127.0.0.1:$PORT
    fi
}

export PATH="$CARGO_HOME/bin:$PATH"
