#!/usr/bin/env bash
# Runs Jaeger 2 as a backend, and the OpenTelemetry Collector on which it is based, without Docker.
# Needs Go and curl. Any number can run at once, each with its own folder and ports.
#
#   jaeger.sh install
#       builds it from the Go module proxy into target/servers/jaeger/ (takes minutes, once)
#   jaeger.sh start FOLDER
#       starts Jaeger with its spans in memory; FOLDER/env: JAEGER_OTLP_GRPC, JAEGER_OTLP_HTTP,
#       JAEGER_QUERY
#   jaeger.sh start-collector FOLDER OTLP_HTTP_ADDRESS
#       starts a collector that forwards traces and logs to the address; FOLDER/env: COLLECTOR_OTLP_GRPC,
#       COLLECTOR_OTLP_HTTP
#   jaeger.sh stop FOLDER
#
# JAEGER_PORTS="grpc http query" and COLLECTOR_PORTS="grpc http" pin the ports, so that a server can
# be restarted at the same address (Jaeger then has lost its spans).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=v1.76.0 # of the Go module, which has Jaeger 2.13.0 under cmd/jaeger
binary=$servers/jaeger/jaeger

# Builds Jaeger as a dependency of a module of our own. That module starts with copies of Jaeger's
# go.mod and go.sum, so that it uses the versions and replacements that Jaeger was tested with.
install() {
    if [[ -x $binary ]]; then
        return
    fi
    local build=$servers/jaeger/build module
    rm -rf "$build"
    mkdir -p "$build"
    cd "$build"
    module=$(go mod download -json "github.com/jaegertracing/jaeger@$version")
    path() { sed -n "s/^.*\"$1\": \"\(.*\)\".*$/\1/p" <<<"$module"; } # the JSON has one field on each line
    sed 's/^module .*/module jaeger_for_tests/' "$(path GoMod)" >go.mod
    cat "$(path Dir)/go.sum" >go.sum # not cp, which would copy the read-only mode
    go mod edit -require="github.com/jaegertracing/jaeger@$version"
    refuse_agpl github.com/jaegertracing/jaeger/cmd/jaeger
    CGO_ENABLED=0 go build -mod=mod -trimpath -ldflags '-s -w' -o jaeger \
        github.com/jaegertracing/jaeger/cmd/jaeger
    mv jaeger "$binary"
    cd "$servers/jaeger"
    rm -rf "$build"
}

# The parts of the configuration that both servers share. Extensions that listen on further ports
# (health, metrics, zpages, sampling, older receivers) are left out.
otlp_receiver() {
    cat <<YAML
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "127.0.0.1:$1"}
      http: {endpoint: "127.0.0.1:$2"}
processors:
  batch: {}
YAML
}
telemetry='telemetry: {metrics: {level: none}}'

# run FOLDER OTLP_HTTP_ADDRESS: starts the binary with FOLDER/config.yaml. The OTLP receiver starts
# last, HTTP after gRPC. It accepts an empty request without forwarding anything.
run() {
    launch "$1" "$binary" --config "$1/config.yaml"
    wait_for "$1" --header 'Content-Type: application/json' --data '{}' "$2/v1/traces"
}

start() {
    local folder=$1 ports grpc http query
    prepare "$folder"
    ports=$(ports_or_free 3 "${JAEGER_PORTS:-}")
    read -r grpc http query <<<"$ports"
    {
        otlp_receiver "$grpc" "$http"
        # The gRPC port of the query service cannot be left out, so the system chooses one (0). With
        # tracing, Jaeger would send its own spans to port 4317, and retry for long when it stops.
        cat <<YAML
exporters:
  jaeger_storage_exporter: {trace_storage: memory}
extensions:
  jaeger_storage: {backends: {memory: {memory: {max_traces: 100000}}}}
  jaeger_query:
    storage: {traces: memory}
    enable_tracing: false
    grpc: {endpoint: "127.0.0.1:0"}
    http: {endpoint: "127.0.0.1:$query"}
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter]}
  $telemetry
YAML
    } >"$folder/config.yaml"
    run "$folder" "http://127.0.0.1:$http"
    wait_for "$folder" "http://127.0.0.1:$query/api/services"
    cat >"$folder/env" <<ENV
JAEGER_OTLP_GRPC=http://127.0.0.1:$grpc
JAEGER_OTLP_HTTP=http://127.0.0.1:$http
JAEGER_QUERY=http://127.0.0.1:$query
ENV
}

start_collector() {
    local folder=$1 target=$2 ports grpc http
    prepare "$folder"
    ports=$(ports_or_free 2 "${COLLECTOR_PORTS:-}")
    read -r grpc http <<<"$ports"
    {
        otlp_receiver "$grpc" "$http"
        cat <<YAML
exporters:
  otlphttp: {endpoint: "$target"}
service:
  pipelines:
    traces: {receivers: [otlp], processors: [batch], exporters: [otlphttp]}
    logs: {receivers: [otlp], processors: [batch], exporters: [otlphttp]}
  $telemetry
YAML
    } >"$folder/config.yaml"
    run "$folder" "http://127.0.0.1:$http"
    cat >"$folder/env" <<ENV
COLLECTOR_OTLP_GRPC=http://127.0.0.1:$grpc
COLLECTOR_OTLP_HTTP=http://127.0.0.1:$http
ENV
}

case "$# ${1:-}" in
    '1 install') install ;;
    '2 start') start "$2" ;;
    '3 start-collector') start_collector "$2" "$3" ;;
    '2 stop') stop "$2" ;;
    *) fail 'usage: install | start FOLDER | start-collector FOLDER OTLP_HTTP_ADDRESS | stop FOLDER' ;;
esac
