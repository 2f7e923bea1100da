#!/usr/bin/env bash
# Loki as one process, its data in a folder, without Docker. Needs Go and curl. Any number may run at once, each with its own
# folder and port.
#
#   loki.sh install
#       builds it from the Go module registry into target/servers/loki/ (minutes, once)
#   loki.sh start FOLDER
#       Loki with the data that is in the folder already; FOLDER/env: LOKI_URL
#   loki.sh kill FOLDER
#       ends it as a crash would
#   loki.sh stop FOLDER
#
# LOKI_PORTS="http grpc" pins the ports, so that a server can be stopped and come back at the same address. Limits of rates are
# raised, as a test pushes in seconds what others push in hours; that of a line is Loki's own.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=v3.7.8
binary=$servers/loki/loki

# Loki's `replace` lines are repeated, but for a path inside of its repository: the published module fits.
install() {
    if [[ -x $binary ]]; then
        return
    fi
    local build=$servers/loki/build module
    rm -rf "$build"
    mkdir -p "$build"
    cd "$build"
    module=$(go mod download -json "github.com/grafana/loki/v3@$version")
    path() { sed -n "s/^.*\"$1\": \"\(.*\)\".*$/\1/p" <<<"$module"; } # of the JSON, a field a line
    {
        echo 'module loki_for_tests'
        grep '^go ' "$(path GoMod)"
        echo "require github.com/grafana/loki/v3 $version"
        sed -n '/^replace (/,/^)/p; /^replace [^(]/p' "$(path GoMod)" | grep -v '=> \./'
    } >go.mod
    printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/grafana/loki/v3/cmd/loki"\n' >tools.go
    GOFLAGS=-mod=mod go mod tidy -e
    CGO_ENABLED=0 go build -mod=mod -trimpath -ldflags '-s -w' -tags noasm,netgo -o loki \
        github.com/grafana/loki/v3/cmd/loki
    mv loki "$binary"
    cd "$servers/loki"
    rm -rf "$build"
}

start() {
    local folder=$1 ports http grpc
    prepare "$folder"
    ports=$(ports_or_free 2 "${LOKI_PORTS:-}")
    read -r http grpc <<<"$ports"
    cat >"$folder/config.yaml" <<YAML
auth_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: $http
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: $grpc
  log_level: warn
  http_server_write_timeout: 5m
  grpc_server_max_recv_msg_size: 104857600
  grpc_server_max_send_msg_size: 104857600
common:
  instance_addr: 127.0.0.1
  path_prefix: $folder/data
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage:
    filesystem:
      chunks_directory: $folder/data/chunks
      rules_directory: $folder/data/rules
ingester:
  lifecycler: {min_ready_duration: 0s, final_sleep: 0s}
  wal: {enabled: true, dir: $folder/data/wal}
schema_config:
  configs:
    - from: 2024-01-01
      store: tsdb
      object_store: filesystem
      schema: v13
      index: {prefix: index_, period: 24h}
limits_config:
  ingestion_rate_mb: 1000
  ingestion_burst_size_mb: 1000
  per_stream_rate_limit: 1GB
  per_stream_rate_limit_burst: 1GB
  query_timeout: 5m
  max_entries_limit_per_query: 2000000
analytics: {reporting_enabled: false}
ui: {enabled: false}
YAML
    launch "$folder" "$binary" -config.file="$folder/config.yaml"
    wait_for "$folder" "http://127.0.0.1:$http/ready"
    cat >"$folder/env" <<ENV
LOKI_URL=http://127.0.0.1:$http
LOKI_PORTS=$http $grpc
ENV
}

case "$# ${1:-}" in
    '1 install') install ;;
    '2 start') start "$2" ;;
    '2 kill') kill_hard "$2" ;;
    '2 stop') stop "$2" ;;
    *) fail 'install | start FOLDER | kill FOLDER | stop FOLDER' ;;
esac
