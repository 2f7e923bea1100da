#!/usr/bin/env bash
# Prints a table of the number of crates, and the time of a clean build, for some sets of features. Every user of this crate already has
# tracing-subscriber, opentelemetry and tracing-opentelemetry, so the column "beyond" counts only crates that these three do not pull in.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT

crates() { cargo tree --edges normal,build --prefix none --format '{p}' "$@" | sed 's/ (.*//' | sort -u; }

# The crates that the three pull in, as this library configures them.
three=$(for crate in tracing-subscriber opentelemetry tracing-opentelemetry; do
    crates --package "$crate"
done | sort -u)

cargo fetch --quiet
printf '| features | crates | beyond | clean build |\n| --- | ---:| ---:| ---:|\n'
for features in "" setup full; do
    all=$(crates --package tracing-stamp --features "$features" | grep -v '^tracing-stamp ')
    beyond=$(comm -23 <(echo "$all") <(echo "$three") | wc -l)
    start=$(date +%s)
    cargo build --quiet --package tracing-stamp --lib --features "$features" --target-dir "$target/${features:-default}"
    printf '| %s | %d | %d | %d s |\n' "${features:-default}" "$(echo "$all" | wc -l)" "$beyond" $(($(date +%s) - start))
done
echo
echo "beyond, by default:"
comm -23 <(crates --package tracing-stamp | grep -v '^tracing-stamp ') <(echo "$three")
