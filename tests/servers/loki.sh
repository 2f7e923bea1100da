#!/usr/bin/env bash
# Loki as one process, its data in a folder, without Docker. Needs Go and curl. Any number may run at once, each with its own
# folder and port.
#
#   loki.sh install
#       builds it from the Go module registry into target/servers/loki/ (minutes, once)
#   loki.sh start FOLDER [defaults]
#       Loki with the data that is in the folder already; FOLDER/env: LOKI_URL. Limits of rates and of lines in an answer are
#       raised, as a test pushes in seconds what others push in hours, unless `defaults` asks for Loki's own; those of a
#       line's length and age are Loki's own either way
#   loki.sh kill FOLDER
#       ends it as a crash would
#   loki.sh stop FOLDER
#
# LOKI_PORTS="http grpc" pins the ports, so that a server can be stopped and come back at the same address.
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

# settle FOLDER: lets Loki take what an earlier life left in its log of writes into a checkpoint. Where a kill has torn a
# record, Loki reads no further, and so would lose what it confirms from now on if it was killed once more before its next
# checkpoint. It is done at ports that nobody knows, so that nothing is confirmed meanwhile.
settle() {
    local folder=$1 end=$((SECONDS + 60)) segments ports http grpc
    segments=("$folder"/data/wal/0*)
    [[ -e ${segments[-1]} ]] || return 0
    ports=$(free_ports 2)
    read -r http grpc <<<"$ports"
    launch "$folder" "$binary" -config.file="$folder/config.yaml" -ingester.checkpoint-duration=100ms \
        -server.http-listen-port="$http" -server.grpc-listen-port="$grpc"
    disown # so that bash says nothing of its end
    while [[ -e ${segments[-1]} ]]; do # the checkpoint removes the segments that it covers
        if ! is_running "$folder" || ((SECONDS >= end)); then
            stop "$folder"
            cat "$folder/log" >&2
            fail "the server of $folder did not recover its data; its log is above"
        fi
        sleep 0.1
    done
    kill_hard "$folder"
}

# A section of the configuration.
raised_limits() {
    cat <<YAML
limits_config:
  ingestion_rate_mb: 1000
  ingestion_burst_size_mb: 1000
  per_stream_rate_limit: 1GB
  per_stream_rate_limit_burst: 1GB
  query_timeout: 5m
  max_entries_limit_per_query: 2000000
YAML
}

# start FOLDER raised|defaults
start() {
    local folder=$1 limits=$2 ports http grpc
    prepare "$folder"
    ports=$(ports_or_free 2 "${LOKI_PORTS:-}")
    read -r http grpc <<<"$ports"
    {
        # The querier asks the frontend itself for work: by way of the schedulers' ring, Loki is ready after ten seconds. Unless
        # told not to, it refuses lines while less than a tenth of the disk is free. Its log of writes can lack what two have
        # pushed to one stream at once, so a stop does not rely on it.
        cat <<YAML
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
  wal: {enabled: true, dir: $folder/data/wal, flush_on_shutdown: true, disk_full_threshold: 0}
frontend_worker: {frontend_address: "127.0.0.1:$grpc", dns_lookup_duration: 100ms}
schema_config:
  configs:
    - from: 2024-01-01
      store: tsdb
      object_store: filesystem
      schema: v13
      index: {prefix: index_, period: 24h}
analytics: {reporting_enabled: false}
ui: {enabled: false}
YAML
        if [[ $limits == raised ]]; then
            raised_limits
        fi
    } >"$folder/config.yaml"
    settle "$folder"
    launch "$folder" "$binary" -config.file="$folder/config.yaml"
    wait_for "$folder" "http://127.0.0.1:$http/ready"
    cat >"$folder/env" <<ENV
LOKI_URL=http://127.0.0.1:$http
LOKI_PORTS=$http $grpc
ENV
}

case "$# ${1:-} ${3:-}" in
    '1 install ') install ;;
    '2 start ') start "$2" raised ;;
    '3 start defaults') start "$2" defaults ;;
    '2 kill ') kill_hard "$2" ;;
    '2 stop ') stop "$2" ;;
    *) fail 'install | start FOLDER [defaults] | kill FOLDER | stop FOLDER' ;;
esac
