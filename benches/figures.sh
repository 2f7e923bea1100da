#!/usr/bin/env bash
# Measures all figures of README.md and docs/ that change with the code, one after another, and keeps what each command prints in FOLDER. Let the
# machine do nothing else meanwhile: it takes three quarters of an hour.
#
#   benches/figures.sh FOLDER [NAME...]
#
# With names, as of the files in FOLDER, only these are measured. Instructions do not depend on what else the machine does.
# The table of shipping needs a VictoriaLogs, which tests/servers/victorialogs.sh fetches and starts.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift
names=" $* "
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never
command -v valgrind >/dev/null || { apt-get update && apt-get install --yes valgrind; }

# is_wanted <name>
is_wanted() { [ "$names" = '  ' ] || [[ $names = *" $1 "* ]]; }

# measure <name> <command>...: runs the command, and keeps what it prints, with the time and the load average before it.
measure() {
    local name=$1
    shift
    is_wanted "$name" || return 0
    printf '== %s\n' "$name"
    {
        printf '$ %s\n%s, load average %s\n\n' "$*" "$(date --utc +%FT%TZ)" "$(cut -d' ' -f1 /proc/loadavg)"
        "$@"
    } >"$folder/$name" 2>&1
}

peers() { cargo run --quiet --release --manifest-path benches/peers/Cargo.toml -- "$@"; }
shipping() { cargo run --quiet --release --manifest-path benches/peers/Cargo.toml --features shipping -- "$@"; }
versions() {
    grep --max-count=1 'model name' /proc/cpuinfo
    nproc
    uname --kernel-release
    rustc --version
    valgrind --version
    go version || echo 'no go'
    git rev-parse HEAD
}
# In a target folder of its own, since emit changes other crates.
emit() { CARGO_TARGET_DIR=$PWD/target/emit FEATURES=emit benches/peers/callgrind.sh one emit event; }

measure versions versions
measure instructions benches/peers/callgrind.sh
measure where benches/peers/callgrind.sh where
measure limits .ci/instructions
measure emit emit
measure redaction crates/log-redaction/cost.sh

measure events peers report 31
measure writers peers writers 3 300000
measure writers-busy peers writers 1 100000 4
measure requests peers requests
measure hold cargo test --quiet --package tracing-stamp-reqwest --all-features --test shop_hold -- --include-ignored --nocapture
measure build-cost benches/build-cost.sh

if is_wanted shipping || is_wanted shipping-memory; then
    tests/servers/victorialogs.sh install
    victorialogs=$(mktemp --directory)
    trap 'tests/servers/victorialogs.sh stop "$victorialogs"; rm -rf "$victorialogs"' EXIT
    tests/servers/victorialogs.sh start "$victorialogs"
    VICTORIALOGS_URL=$(sed -n 's/^VICTORIALOGS_URL=//p' "$victorialogs/env")
    export VICTORIALOGS_URL
    measure shipping shipping shipping 200000
    measure shipping-memory shipping shipping-memory 10000000
fi

measure tracegrep benches/tracegrep/run.sh
