#!/usr/bin/env bash
# Counts the instructions of one operation with valgrind's callgrind. A long and a short run are compared, so that start-up and warm-up
# cancel out.
#
#   callgrind.sh [CARGO-ARGUMENTS]
#       prints the instructions of every contender, with arguments for cargo, for example `--no-default-features`
#   callgrind.sh one CONTENDER SCENARIO [COMMAND]
#       prints the number for one of them. The command is `run` by default, and `serve` for requests
#   callgrind.sh where [CONTENDER [SCENARIO [WITHOUT]]]
#       prints where the instructions go, by the phases of where.txt. The contender is `tracing-stamp` by default. Without a scenario, it
#       prints `event`, and `spans` beside another contender that is WITHOUT the layer, which is `otel`
#   callgrind.sh rest [CONTENDER [SCENARIO]]
#       prints the functions that belong to no phase
#
# FEATURES names features of the programs to build, for example `emit`.
set -euo pipefail
cd "$(dirname "$0")"

few=500
many=1500
binary="${CARGO_TARGET_DIR:-target}/release/tracing-stamp-peers"

# build [cargo-argument...]
build() { cargo build --release --quiet ${FEATURES:+--features "$FEATURES"} "$@"; }

# instructions <command> <contender> <n> <scenario>: prints the instructions of one run. Its details go to the file `out`, if that is set.
instructions() {
    local log collected
    log=$(valgrind --tool=callgrind --callgrind-out-file="${out:-/dev/null}" \
        "$binary" "$@" 2>&1 >/dev/null) || { printf '%s\n' "$log" >&2; return 1; }
    collected=$(awk '/Collected :/ { print $NF }' <<<"$log")
    [ -n "$collected" ] || { echo "callgrind counted nothing: $log" >&2; return 1; }
    echo "$collected"
}

# one <contender> <scenario> [command]: prints the instructions of one operation. The command is `run` by default.
one() {
    local short long
    short=$(instructions "${3:-run}" "$1" "$few" "$2")
    long=$(instructions "${3:-run}" "$1" "$many" "$2")
    printf '%.0f\n' "$(((long - short) * 1000 / (many - few)))e-3"
}

# row <contender> <scenario> [command]: prints them as a row of the table.
row() {
    printf '| %-26s | %-14s | %12d |\n' "$1" "$2" "$(one "$@")"
}

# where <scenario> <rest> <contender>...: prints the phases of one contender, or of two beside each other.
where() {
    local scenario=$1 rest=$2 contender n runs=()
    shift 2
    for contender in "$@"; do
        for n in "$few" "$many"; do
            runs+=("$outputs/$contender.$n")
            out=${runs[-1]} instructions run "$contender" "$n" "$scenario" >/dev/null
        done
    done
    awk -v operations=$((many - few)) -v root="$(cd ../.. && pwd)" -v rest="$rest" -f where.awk where.txt "${runs[@]}"
}

# table <scenario> <contender> [without]
table() {
    printf '\n%s, %s%s:\n\n' "$2" "$1" "${3:+, with and without the layer (\`$3\`)}"
    where "$1" "" "${@:2}"
}

case ${1:-} in
    one)
        build
        one "${@:2}"
        exit
        ;;
    where | rest)
        build
        outputs=$(mktemp --directory)
        trap 'rm -rf "$outputs"' EXIT
        contender=${2:-tracing-stamp}
        if [ "$1" = rest ]; then
            where "${3:-event}" 1 "$contender" | sort --numeric-sort --reverse | awk '$1 >= 1'
        elif [ $# -gt 2 ]; then
            table "$3" "$contender" ${4:+"$4"}
        else
            table event "$contender"
            table spans "$contender" otel
        fi
        exit
        ;;
esac

build "$@"

printf '| %-26s | %-14s | %12s |\n' contender scenario instructions
printf '| %s | %s | %s:|\n' -------------------------- -------------- ------------

for contender in $("$binary" list); do
    row "$contender" event
done
# An event with a secret key, without rules and with rules. Also measured only if the library is compiled in.
if "$binary" list | grep -x stamp-keys >/dev/null; then
    for contender in tracing-stamp stamp-keys stamp-patterns; do
        row "$contender" secret
    done
fi
# These too.
if "$binary" list | grep -x stamp-log >/dev/null; then
    row tracing-stamp three
    row stamp-log three
fi
# A span with a hundred events. In `hundred`, OpenTelemetry's layer sees only spans. In `copied`, it sees events too.
if "$binary" list | grep -x tracing-stamp >/dev/null; then
    row tracing-stamp hundred
    row tracing-stamp copied
fi
for contender in $("$binary" list swept); do
    row "$contender" depth=0
    row "$contender" depth=10
done
for contender in otel $("$binary" list swept); do
    row "$contender" spans
done
if "$binary" list | grep -x stamp-otel-layer >/dev/null; then
    row stamp-otel-layer spans
    # Requests with DEBUG events, which are written by the first and held and then dropped by the second.
    for contender in stamp-otel-layer stamp-hold; do
        row "$contender" request=20
        row "$contender" request=40
    done
fi
for contender in otel $("$binary" list swept); do
    row "$contender" disabled-outer
    row "$contender" disabled-inner
done
# Requests: `span` with only OpenTelemetry's layer, and `line` with lines too. Also measured only if the library is compiled in.
for layer in $("$binary" list requests 2>/dev/null || true); do
    row "$layer" span serve
    row "$layer" line serve
done
# As under `init`, and with a closing line or an access line for each request.
if "$binary" list | grep -x tracing-stamp >/dev/null; then
    for kind in reported closing access; do
        row tracing-stamp "$kind" serve
    done
fi
