#!/usr/bin/env bash
# Runs VictoriaLogs as one process, with its data in a folder, without Docker. Needs Go and curl. Any number can run at once, each with
# its own folder and port.
#
#   victorialogs.sh install
#       builds it from the Go module proxy into target/servers/victorialogs/ (takes a minute, once)
#   victorialogs.sh start FOLDER
#       starts VictoriaLogs with the data that the folder has; FOLDER/env: VICTORIALOGS_URL. It accepts Loki's push protocol below
#       $VICTORIALOGS_URL/insert/loki, Elasticsearch's bulk requests below /insert/elasticsearch and OTLP logs below
#       /insert/opentelemetry, and serves LogsQL queries at /select/logsql/query. It keeps both copies of a line that
#       is sent twice
#   victorialogs.sh kill FOLDER
#       kills it like a crash: it loses the lines that it has confirmed in the last five seconds (-inmemoryDataFlushInterval)
#   victorialogs.sh stop FOLDER
#
# VICTORIALOGS_PORT pins the port, so that a server can be restarted at the same address.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=v1.52.1
package=github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs
binary=$servers/victorialogs/victorialogs

install() {
    if [[ -x $binary ]]; then
        return
    fi
    local build=$servers/victorialogs/build
    rm -rf "$build"
    mkdir -p "$build"
    cd "$build"
    go mod init victorialogs_for_tests 2>/dev/null
    # Makes the program a dependency of the module.
    printf '//go:build tools\n\npackage tools\n\nimport _ "%s"\n' "$package" >tools.go
    go get "github.com/VictoriaMetrics/VictoriaLogs@$version"
    go mod tidy -e
    refuse_agpl "$package"
    CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o victorialogs "$package"
    mv victorialogs "$binary"
    cd "$servers/victorialogs"
    rm -rf "$build"
}

start() {
    local folder=$1 port
    prepare "$folder"
    port=$(ports_or_free 1 "${VICTORIALOGS_PORT:-}")
    # By default VictoriaLogs keeps lines for a week, and splits a JSON line of Loki's protocol into fields. The tests compare whole lines,
    # byte by byte, in `_msg`. On a busy machine, a query of a million lines takes longer than the 30 seconds that are the default.
    launch "$folder" "$binary" -storageDataPath="$folder/data" -httpListenAddr="127.0.0.1:$port" -retentionPeriod=100y \
        -loki.disableMessageParsing -search.maxQueryDuration=1h -loggerLevel=WARN
    wait_for "$folder" "http://127.0.0.1:$port/health"
    cat >"$folder/env" <<ENV
VICTORIALOGS_URL=http://127.0.0.1:$port
VICTORIALOGS_PORT=$port
ENV
}

case "$# ${1:-}" in
    '1 install') install ;;
    '2 start') start "$2" ;;
    '2 kill') kill_hard "$2" ;;
    '2 stop') stop "$2" ;;
    *) fail 'usage: install | start FOLDER | kill FOLDER | stop FOLDER' ;;
esac
