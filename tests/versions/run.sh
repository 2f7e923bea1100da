#!/usr/bin/env bash
# Runs the tests of this folder once for each version of OpenTelemetry.
#
#   run.sh            the tests; ends with the runner's summaries
#   run.sh table      the same, and prints the table of docs/opentelemetry-versions.md
#   run.sh check      the same, and fails if the table of that page differs
#   run.sh diagnosis  the tests of the diagnosis, from stripped release builds: minutes of compiling
#   run.sh cost       no tests: the instructions of an event, as callgrind counts them (needs valgrind)
#
# One crate cannot depend on several versions under one name. So the script generates a crate for each version, below
# target/versions. They are members of one workspace, so that their common dependencies are built once.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
page=$root/docs/opentelemetry-versions.md
work=$root/target/versions
# Shares the crates that do not differ with other builds.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}

# tracing-opentelemetry, opentelemetry, opentelemetry_sdk, and the form of the macro.
versions="
0.28.0 0.27 kept
0.29.0 0.28 kept
0.30.0 0.29 kept
0.31.0 0.30 kept
0.32.1 0.31 started
0.33.0 0.32 started
0.34.0 0.33 started
"

# STAMP_VERSIONS="0.31.0 0.33.0" runs only these versions.
if [ -n "${STAMP_VERSIONS:-}" ]; then
    versions=$(grep -F "$(tr " " "\n" <<<"$STAMP_VERSIONS")" <<<"$versions")
fi

generate() {
    mkdir -p "$work"
    {
        echo '[workspace]'
        echo 'resolver = "3"'
        echo 'members = ["v*"]'
        echo '[profile.stripped]'
        echo 'inherits = "release"'
        echo 'opt-level = 1'
        echo 'strip = true'
    } >"$work/Cargo.toml"
    while read -r tracing otel form; do
        [ -n "$tracing" ] || continue
        local name=v${tracing//./_}
        mkdir -p "$work/$name"
        cat >"$work/$name/Cargo.toml" <<TOML
[package]
name = "$name"
version = "0.0.0"
edition = "2024"
publish = false
build = "build.rs"

[[test]]
name = "stamps_$name"
path = "$here/stamps.rs"

[[bin]]
name = "mismatch_$name"
path = "$here/mismatch.rs"
test = false

[[bin]]
name = "cost_$name"
path = "$here/cost.rs"
test = false

[[test]]
name = "diagnosis_$name"
path = "$here/diagnosis.rs"

[dependencies]
tracing-stamp = { path = "$root", features = ["log", "slog"] }
tracing = "0.1"
tracing-subscriber = "0.3"
tracing-opentelemetry = { version = "=$tracing", default-features = false }
opentelemetry = { version = "$otel", default-features = false, features = ["trace"] }
opentelemetry_sdk = { version = "$otel", default-features = false, features = ["trace", "testing"] }

[dev-dependencies]
log = "0.4"
slog = "2.8"
slog-json = "2.6"
serde_json = "1"
TOML
        mkdir -p "$work/$name/src"
        : >"$work/$name/src/lib.rs"
        {
            echo 'fn main() {'
            echo '    println!("cargo::rustc-check-cfg=cfg(keeps_ids, otel_0_27)");'
            [ "$form" = started ] || echo '    println!("cargo::rustc-cfg=keeps_ids");'
            [ "$otel" != 0.27 ] || echo '    println!("cargo::rustc-cfg=otel_0_27");'
            echo "    println!(\"cargo::rustc-env=MISMATCH=mismatch_$name\");"
            echo "    println!(\"cargo::rustc-env=TRACING_OPENTELEMETRY=$tracing\");"
            case $tracing,$form in
                0.34.*) line= ;; # the version that this crate depends on
                *,kept) line='opentelemetry_of!(opentelemetry, tracing_opentelemetry::OtelData)' ;;
                *) line='opentelemetry_of!(opentelemetry, tracing_opentelemetry)' ;;
            esac
            echo "    println!(\"cargo::rustc-env=EXPECTED=$line\");"
            echo '}'
        } >"$work/$name/build.rs"
    done <<<"$versions"

    # The wrong pairs and forms need crates of two versions.
    mkdir -p "$work/v_wrong/src"
    : >"$work/v_wrong/src/lib.rs"
    printf 'fn main() {\n    println!("cargo::rustc-env=WRONG=%s");\n}\n' "$here/wrong" >"$work/v_wrong/build.rs"
    cat >"$work/v_wrong/Cargo.toml" <<TOML
[package]
name = "v_wrong"
version = "0.0.0"
edition = "2024"
publish = false
build = "build.rs"

[[test]]
name = "wrong"
path = "$here/wrong.rs"

[dev-dependencies]
tracing-stamp = { path = "$root" }
trybuild = "1"
opentelemetry_0_33 = { package = "opentelemetry", version = "0.33", default-features = false, features = ["trace"] }
opentelemetry_0_30 = { package = "opentelemetry", version = "0.30", default-features = false, features = ["trace"] }
tracing_opentelemetry_0_34 = { package = "tracing-opentelemetry", version = "=0.34.0", default-features = false }
tracing_opentelemetry_0_31 = { package = "tracing-opentelemetry", version = "=0.31.0", default-features = false }
TOML
}

# Prints a table with a row for each test and a column for each version.
table() {
    awk -v versions="$(awk 'NF { printf "%s ", $1 }' <<<"$versions")" '
        BEGIN { count = split(versions, version, " ") }
        /Running / { of = "" }
        /Running .*stamps_v/ { match($0, /stamps_v[0-9_]+[0-9]/); of = substr($0, RSTART + 8, RLENGTH - 8); gsub(/_/, ".", of); sub(/-.*/, "", of) }
        of != "" && /^test .* \.\.\. / {
            if (!($2 in seen)) { seen[$2] = 1; order[++tests] = $2 }
            result[$2, of] = $4 == "ok" ? "✓" : "✗"
        }
        END {
            row = "| `tracing-opentelemetry` |"; line = "|---|"
            for (v = 1; v <= count; v++) { row = row " " version[v] " |"; line = line ":-:|" }
            print row; print line
            for (t = 1; t <= tests; t++) {
                name = order[t]; gsub(/_/, " ", name); row = "| " name " |"
                for (v = 1; v <= count; v++) row = row " " result[order[t], version[v]] " |"
                print row | "LC_ALL=C sort"
            }
        }' "$work/results"
}

# instructions PROGRAM MODE: prints the instructions of one event, as the difference of two runs, so that work done once does not count.
instructions() {
    local counted=()
    for events in 500 1500; do
        counted+=("$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" "$2" "$events" 2>&1 |
            sed -n 's/.*Collected : //p')")
    done
    echo $(((counted[1] - counted[0]) / 1000))
}

cost() {
    cargo build --quiet --release --bins
    echo "0.34, native: $(instructions "$CARGO_TARGET_DIR/release/cost_v0_34_0" native)"
    while read -r tracing _; do
        [ -n "$tracing" ] || continue
        echo "$tracing, named: $(instructions "$CARGO_TARGET_DIR/release/cost_v${tracing//./_}" named)"
    done <<<"$versions"
}

generate
cd "$work"
case "${1:-}" in
    cost)
        cost
        exit
        ;;
    diagnosis)
        exec cargo test --no-fail-fast --profile stripped --test 'diagnosis_*'
        ;;
esac
status=0
cargo test --no-fail-fast --test 'stamps_*' --test wrong -- --test-threads 2 >results 2>&1 || status=$?
cat results
case "${1:-}" in
    '') ;;
    table) table ;;
    check)
        if ! diff <(table) <(sed -n '/^| `tracing-opentelemetry` | 0/,/^$/p' "$page" | sed '/^$/d'); then
            echo "the table of docs/opentelemetry-versions.md is outdated: replace it with the output of 'run.sh table'" >&2
            status=1
        fi
        ;;
    *) echo "run.sh [table | check | diagnosis | cost]" >&2 && exit 2 ;;
esac
exit "$status"
