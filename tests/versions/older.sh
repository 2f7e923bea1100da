#!/usr/bin/env bash
# Runs the tests of this crate on the oldest OpenTelemetry that `Cargo.toml` accepts, in a copy below target/.
set -euo pipefail
cd "$(dirname "$0")/../.."

copy=$PWD/target/older-opentelemetry
# Shares the crates that do not differ with other builds.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
mkdir -p "$copy"
git ls-files -z | tar c --null -T - | tar x -C "$copy"
cd "$copy"
# Each range becomes its lower end. So does the version that the migration tests compare with.
sed -i -e 's/">=0.32, <0.34"/"0.32"/; s/">=0.33, <0.35"/"0.33"/; s/">=0.20, <0.22"/"0.20"/' \
    -e 's/tracing-opentelemetry-0-34/tracing-opentelemetry-0-33/' Cargo.toml crates/*/Cargo.toml
cargo tree --quiet --invert opentelemetry --depth 0 | grep --quiet '^opentelemetry v0.32'
cargo test --package tracing-stamp --all-features --test identity --test carry --test w3c --test http --test bridges
# opentelemetry-otlp 0.32 reads OTEL_EXPORTER_OTLP_TRACES_COMPRESSION itself, and rejects the value `none`.
cargo test --package tracing-stamp --all-features --test setup -- --skip variables_set_protocol_compression_and_headers_of_requests
