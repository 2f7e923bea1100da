#!/usr/bin/env bash
# VictoriaLogs as one process, its data in a folder, without Docker. Needs Go and curl. Any number may run at once, each with its own
# folder and port.
#
#   victorialogs.sh install
#       builds it from the Go module registry into target/servers/victorialogs/ (a minute, once)
#   victorialogs.sh start FOLDER
#       VictoriaLogs with the data already in the folder; FOLDER/env: VICTORIALOGS_URL. It accepts Loki's push protocol below
#       $VICTORIALOGS_URL/insert/loki, Elasticsearch's bulk requests below /insert/elasticsearch and OTLP logs below
#       /insert/opentelemetry, and serves LogsQL queries at /select/logsql/query. It keeps every copy of a line that is sent twice
#   victorialogs.sh kill FOLDER
#       ends it as a crash would: it loses what it confirmed in the last five seconds (-inmemoryDataFlushInterval)
#   victorialogs.sh stop FOLDER
#
# VICTORIALOGS_PORT pins the port, so that a server can be stopped and come back at the same address.
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
    # Keeps the program among the dependencies of the module.
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
    # By default it keeps lines for a week, and splits a JSON line of Loki's protocol into fields; the tests compare lines to the byte,
    # in `_msg`.
    launch "$folder" "$binary" -storageDataPath="$folder/data" -httpListenAddr="127.0.0.1:$port" -retentionPeriod=100y \
        -loki.disableMessageParsing -loggerLevel=WARN
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
    *) fail 'install | start FOLDER | kill FOLDER | stop FOLDER' ;;
esac
