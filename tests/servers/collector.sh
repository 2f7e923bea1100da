#!/usr/bin/env bash
# Builds the OpenTelemetry Collector with the parts that follow log files, to compare it with traceship. Needs Go.
#
#   collector.sh install
#       builds it from the Go module proxy into target/servers/collector/ (takes minutes, once). It has the receiver `file_log`, the
#       extension `file_storage`, the processor `batch` and the exporter `otlp_http`
#   collector.sh run CONFIGURATION
#       becomes the collector
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=v0.165.0
contrib_version=v0.165.1
confmap_version=v1.71.0
binary=$servers/collector/collector

# The collector's own builder writes such a program too, but not all of its modules are on the proxy.
program() {
    cat <<GO
package main

import (
	"log"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/filelogreceiver"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

func factories() (otelcol.Factories, error) {
	storage, files, batch, otlp := filestorage.NewFactory(), filelogreceiver.NewFactory(), batchprocessor.NewFactory(), otlphttpexporter.NewFactory()
	return otelcol.Factories{
		Extensions: map[component.Type]extension.Factory{storage.Type(): storage},
		Receivers:  map[component.Type]receiver.Factory{files.Type(): files},
		Processors: map[component.Type]processor.Factory{batch.Type(): batch},
		Exporters:  map[component.Type]exporter.Factory{otlp.Type(): otlp},
		Telemetry:  otelconftelemetry.NewFactory(),
	}, nil
}

func main() {
	providers := []confmap.ProviderFactory{fileprovider.NewFactory()}
	command := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "collector", Version: "$version"},
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{DefaultScheme: "file", ProviderFactories: providers},
		},
	})
	if err := command.Execute(); err != nil {
		log.Fatal(err)
	}
}
GO
}

install() {
    if [[ -x $binary ]]; then
        return
    fi
    local build=$servers/collector/build
    rm -rf "$build"
    mkdir -p "$build"
    cd "$build"
    go mod init collector_for_tests 2>/dev/null
    program >main.go
    go get "github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage@$contrib_version" \
        "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/filelogreceiver@$contrib_version" \
        "go.opentelemetry.io/collector/confmap/provider/fileprovider@$confmap_version" \
        "go.opentelemetry.io/collector/exporter/otlphttpexporter@$version" \
        "go.opentelemetry.io/collector/otelcol@$version" \
        "go.opentelemetry.io/collector/processor/batchprocessor@$version"
    go mod tidy
    refuse_agpl .
    CGO_ENABLED=0 go build -mod=mod -trimpath -ldflags '-s -w' -o collector .
    mv collector "$binary"
    cd "$servers/collector"
    rm -rf "$build"
}

case "$# ${1:-}" in
    '1 install') install ;;
    '2 run') exec "$binary" --config "$2" ;;
    *) fail 'usage: install | run CONFIGURATION' ;;
esac
