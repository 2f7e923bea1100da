#!/usr/bin/env bash
# Runs the recipes of this folder against real servers, without root and without Docker. Skips recipes if their agent is not installed.
# The script writes lines, the agent ships them, and the script queries them by trace id and compares them byte for byte.
#
#   check.sh [RECIPE...]      rsyslog-elasticsearch, rsyslog-loki, syslog-ng-elasticsearch, syslog-ng-loki; default: all of them
#
# Each recipe is run unchanged, except for paths, addresses and ports. Steps:
#   1. The server is down. The agent reads the lines and is killed (-9). The log file is renamed, and a new one is started.
#   2. The server and the agent start. The server must have all lines of both files, and none twice.
#   3. For Elasticsearch, the agent's state is removed, so that it reads everything again. The server must still have no line twice.
#
# A recipe for Loki runs against VictoriaLogs, which accepts Loki's push protocol below /insert. Entries with equal labels, time and text count
# once, because Loki keeps one of them.
#
# Requires the servers that tests/servers/opensearch.sh and victorialogs.sh install, curl, jq, and the agents: Debian's rsyslog with
# rsyslog-elasticsearch, and syslog-ng-core with syslog-ng-mod-http. Debian installs only one of both agents. The other one can be unpacked
# anywhere (dpkg -x).
#
# Environment variables:
#   RSYSLOGD          path of rsyslogd; default: from PATH, or /usr/sbin/rsyslogd
#   SYSLOG_NG         path of syslog-ng; default: from PATH, or /usr/sbin/syslog-ng
#   RSYSLOG_MODULES   folders of rsyslog's modules, separated by colons; needed for modules in other folders, such as omhttp
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

# Ports are chosen here, because the configurations name them before the servers start.
read -r opensearch opensearch_transport victorialogs <<<"$(free_ports 3)"
export OPENSEARCH_PORTS="$opensearch $opensearch_transport" VICTORIALOGS_PORT=$victorialogs

# Writes two realistic lines, one with everything that an agent could change (quotes, escapes, characters of its own templates, integers beyond
# 2^53, a float without a fraction), and one of 200 KB.
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

# Uses `exec`, so that `agent` is the process id of the agent and not of a shell around it.
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

# Prints the lines of a trace that the server has. A line that is stored twice is printed twice.
query() { # RECIPE TRACE_ID
    case $1 in
        *-elasticsearch)
            curl -sS --noproxy '*' -XPOST "http://127.0.0.1:$opensearch/$index/_refresh" >/dev/null
            # Extracts the raw text of each _source. jq, and the server with `filter_path`, would format numbers in their own way.
            curl -sS --noproxy '*' "http://127.0.0.1:$opensearch/$index/_search?size=100" \
                -H 'Content-Type: application/json' -d "{\"query\":{\"match\":{\"trace.id\":\"$2\"}}}" |
                sed -e 's/,"_source":/\n/g' -e 's/}\]}}$//' | sed -e 1d -e 's/},{"_index":.*$//'
            ;;
        *-loki)
            # Loki stores entries with the same stream, time and text once. VictoriaLogs stores each repeat.
            curl -sS --noproxy '*' "http://127.0.0.1:$victorialogs/select/logsql/query" \
                --data-urlencode "query={service_name=\"$index\", level=~\"INFO|WARN|ERROR\"} trace_id:=\"$2\" span_id:=\"6e809b5438bba3b1\"" |
                jq -c '[._stream, ._time, ._msg]' | sort -u | jq -r '.[2]'
            ;;
    esac
}

# Waits until the server has exactly these lines.
expect() { # RECIPE TRACE_ID FILE WHAT
    local end=$((SECONDS + 60))
    until query "$1" "$2" 2>/dev/null | sort | cmp -s - <(sort "$3"); do
        if ((SECONDS >= end)); then
            diff <(query "$1" "$2" | sort) <(sort "$3") | cut -c 1-300 >&2 || true
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
    # Each recipe gets names of its own, because all recipes share the servers.
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
    # A late line would be a repeat.
    sleep 8
    expect "$recipe" "$trace" "$folder/wanted" 'after a while'
    stop_agent TERM

    if [[ $recipe == *-elasticsearch ]]; then
        rm -rf "$folder/state" "$folder/pid"
        mkdir "$folder/state"
        start_agent "$recipe" "$folder"
        sleep 8
        expect "$recipe" "$trace" "$folder/wanted" 'state lost, all read again'
        stop_agent TERM
    fi
    query "$recipe" "$trace" >"$folder/found"
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
                echo "$recipe: skipped, because there is no omhttp.so in $rsyslog_modules"
                continue
            fi
            ;;
    esac
    program=$rsyslogd
    [[ $recipe != syslog-ng-* ]] || program=$syslog_ng
    if [[ ! -x $program ]]; then
        echo "$recipe: skipped, because there is no $program"
        continue
    fi
    check "$recipe"
done
