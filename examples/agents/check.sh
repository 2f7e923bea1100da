#!/usr/bin/env bash
# Runs the recipes of this folder whose agents are installed, against real servers, without root and without Docker: lines are
# written, the agent ships them, and they are asked for by trace id and compared byte for byte.
#
#   check.sh [RECIPE...]      rsyslog-elasticsearch, rsyslog-loki, syslog-ng-elasticsearch, syslog-ng-loki; all of them by default
#
# Each recipe as it is, but for paths, addresses and ports. What each is put through:
#   1. The server is down; the agent reads the lines and is killed (-9). A file is closed (renamed) and the next one begun.
#   2. The server starts; the agent is started again: all lines of both files are there, none of them twice.
#   3. To Elasticsearch: the agent loses its state and reads all again: still none of them twice.
#
# A recipe for Loki runs against VictoriaLogs, which takes Loki's push protocol below /insert. Of entries with equal labels, time and text
# one counts, as Loki keeps one.
#
# Needs tests/servers/opensearch.sh and victorialogs.sh installed, curl, jq, and the agents: Debian's rsyslog with rsyslog-elasticsearch,
# syslog-ng-core with syslog-ng-mod-http. Debian installs only one of both; another one that is unpacked somewhere (dpkg -x) is named
# by RSYSLOGD or SYSLOG_NG, and modules that are not in the usual folder, as omhttp, by RSYSLOG_MODULES.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../tests/servers/common.sh"
rsyslogd=${RSYSLOGD:-$(command -v rsyslogd || echo /usr/sbin/rsyslogd)}
rsyslog_modules=${RSYSLOG_MODULES:-/usr/lib/$(uname -m)-linux-gnu/rsyslog}
syslog_ng=${SYSLOG_NG:-$(command -v syslog-ng || echo /usr/sbin/syslog-ng)}

work=$(mktemp -d)
agent=
finish() {
    [[ -z $agent ]] || stop_agent KILL
    "$here/../../tests/servers/opensearch.sh" stop "$work/opensearch" || true
    "$here/../../tests/servers/victorialogs.sh" stop "$work/victorialogs" || true
    rm -rf "$work"
}
trap finish EXIT

# Ports are chosen here, as the servers come later than the configurations that name them.
read -r opensearch opensearch_transport victorialogs <<<"$(free_ports 3)"
export OPENSEARCH_PORTS="$opensearch $opensearch_transport" VICTORIALOGS_PORT=$victorialogs

# Two real lines, and one with all that an agent could change: quotes, escapes, signs of its own templates, integers beyond 2^53, a
# float without a fraction.
write_lines() { # SCHEMA SERVICE TRACE_ID SECOND
    local time="$(date -u +%Y-%m-%dT%H:%M):$4" time_key=timestamp level=level target=target trace=trace_id span=span_id
    if [[ $1 == ecs ]]; then
        time_key=@timestamp level=log.level target=log.logger trace=trace.id span=span.id
    fi
    cat <<LINES
{"$time_key":"$time.129402Z","$level":"INFO","message":"cart received","$target":"quickstart","$trace":"$3","$span":"6e809b5438bba3b1","trace_flags":"01","service.name":"$2","span_name":"checkout","order":1017,"items":3}
{"$time_key":"$time.129448Z","$level":"WARN","message":"the card needs a second look","$target":"quickstart","$trace":"$3","$span":"6e809b5438bba3b1","trace_flags":"01","service.name":"$2","span_name":"checkout","order":1017,"cents":129900}
{"$time_key":"$time.129449Z","$level":"ERROR","message":"\"quoted\" \\\\ \n \t \u0001 ü 世界 100% %msg% \${MESSAGE} \$(echo x) a/b '","$target":"quickstart","$trace":"$3","$span":"6e809b5438bba3b1","trace_flags":"01","service.name":"$2","order":9223372036854775807,"ratio":1.0,"tiny":1e-7,"paid":true,"coupon":null}
LINES
    printf '{"%s":"%s.129450Z","%s":"INFO","message":"%s","%s":"quickstart","%s":"%s","%s":"6e809b5438bba3b1","trace_flags":"01","service.name":"%s"}\n' \
        "$time_key" "$time" "$level" "$(head -c 200000 /dev/zero | tr '\0' x)" "$target" "$trace" "$3" "$span" "$2"
}

# `exec`, so that `agent` is the agent itself and not a shell around it.
start_agent() { # RECIPE FOLDER
    case $1 in
        rsyslog-*) exec "$rsyslogd" -n -f "$2/agent.conf" -i "$2/pid" -M "$rsyslog_modules" ;;
        syslog-ng-*) exec "$syslog_ng" -F -f "$2/agent.conf" -R "$2/state/persist" --pidfile "$2/pid" --control "$2/control" --no-caps ;;
    esac >>"$2/log" 2>&1 </dev/null &
    agent=$!
}

stop_agent() { # SIGNAL
    kill "-$1" "$agent" 2>/dev/null || true
    wait "$agent" 2>/dev/null || true
    agent=
}

# The lines that the server has of a trace, each once for each time that it is there.
ask() { # RECIPE TRACE_ID
    case $1 in
        *-elasticsearch)
            curl -sS --noproxy '*' -XPOST "http://127.0.0.1:$opensearch/$index/_refresh" >/dev/null
            # The raw text of each _source, as jq, and the server with `filter_path`, would print numbers in their own way.
            curl -sS --noproxy '*' "http://127.0.0.1:$opensearch/$index/_search?size=100" \
                -H 'Content-Type: application/json' -d "{\"query\":{\"match\":{\"trace.id\":\"$2\"}}}" |
                sed -e 's/,"_source":/\n/g' -e 's/}\]}}$//' | sed -e 1d -e 's/},{"_index":.*$//'
            ;;
        *-loki)
            # Loki keeps an entry of one stream, time and text once; VictoriaLogs keeps each repeat.
            curl -sS --noproxy '*' "http://127.0.0.1:$victorialogs/select/logsql/query" \
                --data-urlencode "query={service_name=\"$index\", level=~\"INFO|WARN|ERROR\"} trace_id:=\"$2\" span_id:=\"6e809b5438bba3b1\"" |
                jq -c '[._stream, ._time, ._msg]' | sort -u | jq -r '.[2]'
            ;;
    esac
}

# Waits until the server has exactly these lines.
expect() { # RECIPE TRACE_ID FILE WHAT
    local end=$((SECONDS + 60))
    until ask "$1" "$2" 2>/dev/null | sort | cmp -s - <(sort "$3"); do
        if ((SECONDS >= end)); then
            diff <(ask "$1" "$2" | sort) <(sort "$3") | cut -c 1-300 >&2 || true
            tail -n 20 "$work/$1/log" >&2
            fail "$1: $4: not the lines that were written, after a minute"
        fi
        sleep 0.5
    done
    echo "$1: $4: $(wc -l <"$3") lines by trace id $2, byte for byte, none twice"
}

check() { # RECIPE
    local recipe=$1 folder=$work/$1 schema=otel server=victorialogs trace
    index=check-$recipe
    mkdir -p "$folder/logs" "$folder/state"
    if [[ $recipe == *-elasticsearch ]]; then
        schema=ecs server=opensearch
    fi
    trace=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    # Names of its own for each recipe, as the servers are for all of them.
    sed -e "s#/var/log/orders#$folder/logs#g" -e "s#/var/lib/\(rsyslog-orders\|syslog-ng\)\"#$folder/state\"#g" \
        -e "s#/var/lib/\(rsyslog-orders\|syslog-ng\)/#$folder/state/#g" \
        -e "s#localhost:9200#127.0.0.1:$opensearch#g" -e "s#localhost:3100#127.0.0.1:$victorialogs#g" \
        -e "s#loki/api/v1/push#insert/loki/api/v1/push#g" -e "s#checkpath=\"ready\"#checkpath=\"health\"#g" \
        -e "s#server=\"localhost\" serverport=\"3100\"#server=\"127.0.0.1\" serverport=\"$victorialogs\"#g" \
        -e "s#searchIndex=\"orders\"#searchIndex=\"$index\"#g" -e "s#\\\\\"_index\\\\\":\\\\\"orders\\\\\"#\\\\\"_index\\\\\":\\\\\"$index\\\\\"#" \
        "$here/$recipe.conf" >"$folder/agent.conf"

    "$here/../../tests/servers/$server.sh" stop "$work/$server"
    write_lines "$schema" "$index" "$trace" 01 >"$folder/logs/orders.jsonl"
    start_agent "$recipe" "$folder"
    sleep 4
    stop_agent KILL
    rm -f "$folder/pid"
    mv "$folder/logs/orders.jsonl" "$folder/logs/orders.20261122T110400.123456Z.jsonl"
    write_lines "$schema" "$index" "$trace" 02 >"$folder/logs/orders.jsonl"
    cat "$folder"/logs/*.jsonl >"$folder/wanted"

    start_agent "$recipe" "$folder"
    "$here/../../tests/servers/$server.sh" start "$work/$server"
    expect "$recipe" "$trace" "$folder/wanted" 'server down, agent killed, file closed'
    # What comes late would come twice.
    sleep 8
    expect "$recipe" "$trace" "$folder/wanted" 'and after a while'
    stop_agent TERM

    if [[ $recipe == *-elasticsearch ]]; then
        rm -rf "$folder/state" "$folder/pid"
        mkdir "$folder/state"
        start_agent "$recipe" "$folder"
        sleep 8
        expect "$recipe" "$trace" "$folder/wanted" 'state lost, all read again'
        stop_agent TERM
    fi
    ask "$recipe" "$trace" >"$folder/found"
    grep -m 2 -e cart -e card "$folder/found"
}

{ "$rsyslogd" -v || true; } 2>/dev/null | sed -n '/^rsyslogd/p'
{ "$syslog_ng" --version || true; } 2>/dev/null | sed -n 1p
if (($# == 0)); then
    set -- rsyslog-elasticsearch rsyslog-loki syslog-ng-elasticsearch syslog-ng-loki
fi
for recipe; do
    case $recipe in
        rsyslog-loki)
            IFS=: read -ra folders <<<"$rsyslog_modules"
            if ! find "${folders[@]}" -name omhttp.so 2>/dev/null | grep -q .; then
                echo "$recipe: left out, as there is no omhttp.so in $rsyslog_modules"
                continue
            fi
            ;;
    esac
    program=$rsyslogd
    [[ $recipe != syslog-ng-* ]] || program=$syslog_ng
    if [[ ! -x $program ]]; then
        echo "$recipe: left out, as there is no $program"
        continue
    fi
    check "$recipe"
done
