#!/usr/bin/env bash
# Runs Zipkin as a backend, without Docker. Needs Java 17 or later, Maven for the download, and curl.
# Any number can run at once, each with its own folder and port.
#
#   zipkin.sh install
#       downloads it from Maven Central into target/servers/zipkin/ (130 MB, once)
#   zipkin.sh start FOLDER
#       starts Zipkin with its spans in memory; FOLDER/env: ZIPKIN
#   zipkin.sh stop FOLDER
#
# ZIPKIN_PORT pins the port, so that a server can be restarted at the same address (without its spans).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=3.5.1
jar=$servers/zipkin/zipkin-server-$version-exec.jar

install() {
    if [[ -f $jar ]]; then
        return
    fi
    local download=$servers/zipkin/download # so that an incomplete download does not count as installed
    mkdir -p "$download"
    cd "$download"
    mvn --batch-mode --quiet dependency:get \
        -Dartifact="io.zipkin:zipkin-server:$version:jar:exec" -Dtransitive=false
    mvn --batch-mode --quiet dependency:copy \
        -Dartifact="io.zipkin:zipkin-server:$version:jar:exec" -DoutputDirectory="$download"
    mv "$(basename "$jar")" "$jar"
    cd "$servers/zipkin"
    rm -rf "$download"
}

start() {
    local folder=$1 port
    prepare "$folder"
    port=$(ports_or_free 1 "${ZIPKIN_PORT:-}")
    # `server.port` alone would listen on every network interface.
    launch "$folder" java -Xmx256m -jar "$jar" --armeria.ports[0].ip=127.0.0.1 \
        --armeria.ports[0].port="$port" --armeria.ports[0].protocols[0]=http
    wait_for "$folder" "http://127.0.0.1:$port/health"
    echo "ZIPKIN=http://127.0.0.1:$port" >"$folder/env"
}

case "$# ${1:-}" in
    '1 install') install ;;
    '2 start') start "$2" ;;
    '2 stop') stop "$2" ;;
    *) fail 'usage: install | start FOLDER | stop FOLDER' ;;
esac
