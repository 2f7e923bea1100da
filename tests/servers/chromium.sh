#!/usr/bin/env bash
# Installs Chromium and its WebDriver server, for the tests of the page that tracegrep writes. Needs a Debian or Ubuntu system with apt-get.
#
#   chromium.sh install
#       installs the packages, unless both programs exist
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install() {
    if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
        return
    fi
    apt-get update
    apt-get install --yes --no-install-recommends chromium chromium-driver fonts-dejavu-core
}

case "$# ${1:-}" in
    '1 install') install ;;
    *) fail 'usage: install' ;;
esac
