#!/usr/bin/env bash
# Measures searches for one trace in 1 GB of log lines, in CPU seconds (user and system) and memory: the median of ROUNDS (default 5), in which
# the programs take turns. The files are in FOLDER (default: in memory), and are kept there for the next run.
#
#   benches/tracegrep/run.sh [FOLDER]
#
# It compares with ripgrep (`cargo install --locked ripgrep`) and with hl (https://github.com/pamburus/hl) if they are installed. The crate `hl` on
# crates.io is another program.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-/dev/shm/tracegrep-bench}
rounds=${ROUNDS:-5}
export CARGO_TERM_COLOR=never
cargo build --quiet --release --package tracegrep --bin tracegrep
tracegrep=$PWD/target/release/tracegrep
if [ ! -e "$folder/done" ]; then
    cargo run --quiet --release --manifest-path benches/tracegrep/Cargo.toml --target-dir target -- "$folder" "${MEGABYTES:-1000}"
    # The same files without their indexes.
    mkdir -p "$folder/gz"
    cp "$folder"/indexed/*.gz "$folder/gz"
    # As gzip makes them, and then indexed.
    mkdir -p "$folder/foreign"
    for file in "$folder"/indexed/*.gz; do
        gzip -dc "$file" | gzip -6 >"$folder/foreign/$(basename "$file")"
    done
    "$tracegrep" --index "$folder/foreign"
    touch "$folder/done"
fi
trace=4bf92f3577b34da6a3ce929d0e0e4736
absent=0af7651916cd43dd8448eb211c80319c

names=() commands=()
add() { names+=("$1") && commands+=("$2"); }
add 'tracegrep ID' "$tracegrep $trace $folder/plain"
command -v rg >/dev/null && add 'rg -F ID' "rg -F $trace $folder/plain"
hl --help 2>/dev/null | grep -q -- --filter && add 'hl -f trace_id=ID' "hl -P -f trace_id=$trace $folder/plain/gateway.jsonl $folder/plain/orders.jsonl $folder/plain/payments.jsonl $folder/plain/stock.jsonl"
add 'tracegrep PREFIX' "$tracegrep ${trace:0:8} $folder/plain"
add 'tracegrep --last-error' "$tracegrep --last-error $folder/plain"
"$tracegrep" --help | grep -q -- --top && add 'tracegrep --top errors' "$tracegrep --top errors $folder/plain"
add 'tracegrep ID, .gz' "$tracegrep $trace $folder/gz"
command -v rg >/dev/null && add 'rg -zF ID, .gz' "rg -zF $trace $folder/gz"
add 'tracegrep ID, .gz with index' "$tracegrep $trace $folder/indexed"
add 'tracegrep ABSENT, .gz with index' "$tracegrep $absent $folder/indexed"
add 'tracegrep ID, .gz of gzip with index' "$tracegrep $trace $folder/foreign"
add 'tracegrep ABSENT, .gz of gzip with index' "$tracegrep $absent $folder/foreign"

results=$(mktemp -d)
trap 'rm -r "$results"' EXIT
TIMEFORMAT='%U %S'
for ((round = 0; round < rounds; round++)); do
    for at in "${!commands[@]}"; do
        # Some find nothing, which is an exit code.
        { time ${commands[$at]} >/dev/null 2>&1 || true; } 2>>"$results/$at"
    done
done
printf '%s, %s cores, load %s; %s, %s\n\n' "$(uname -srm)" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)" \
    "$("$tracegrep" --version)" "$(rg --version 2>/dev/null | head -n 1)"
printf '| command | CPU seconds | peak MiB |\n|---|---|---|\n'
for at in "${!commands[@]}"; do
    median=$(awk '{ print $1 + $2 }' "$results/$at" | sort -n | sed -n "$((rounds / 2 + 1))p")
    kilobytes=$({ command time -f %M ${commands[$at]} >/dev/null; } 2>&1 | tail -n 1 || true)
    printf '| %s | %.3f | %s |\n' "${names[$at]}" "$median" "$((kilobytes / 1024))"
done
printf '\nbytes: %s as text, %s of gzip, %s with members, and %s of indexes\n' "$(cat "$folder"/plain/* | wc -c)" \
    "$(cat "$folder"/foreign/*.gz | wc -c)" "$(cat "$folder"/indexed/*.gz | wc -c)" "$(cat "$folder"/indexed/.*.trace-index | wc -c)"
