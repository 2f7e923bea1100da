#!/usr/bin/env bash
# Prints how many instructions the quick search takes for texts of 200 bytes and for a word, and how many more it takes to search a text of near-misses
# that is four times as long. Linear work takes four times as many.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --quiet --release --package log-redaction --example cost
cost=${CARGO_TARGET_DIR:-target}/release/examples/cost

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$cost" "$@" 2>&1 | sed -n 's/^.*Collected : //p'
}

echo "| text | instructions of a search |"
echo "|---|--:|"
for text in members message word; do
    few=$(instructions scan "$text" 1000)
    many=$(instructions scan "$text" 2000)
    echo "| $text | $(((many - few) / 1000)) |"
done

echo
echo "| near-misses | instructions per byte at 256 KiB | at 1 MiB | ratio of both texts |"
echo "|---|--:|--:|--:|"
measure() {
    local none short long
    none=$(instructions "$1" "$2" 0)
    short=$(($(instructions "$1" "$2" 262144) - none))
    long=$(($(instructions "$1" "$2" 1048576) - none))
    echo "| $1 $2 | $((short / 262144)) | $((long / 1048576)) | $((100 * long / short)) % |"
}
kinds=$(sed -n '/^const NEAR_MISSES/,/^];/s/^    ("\([^"]*\)".*/\1/p' crates/log-redaction/examples/cost.rs)
for kind in $kinds; do
    measure text "$kind"
    measure line "$kind"
done
measure nested lists
measure nested objects
