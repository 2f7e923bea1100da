#!/usr/bin/env bash
# Makes the pictures of the README from the logs in docs/pictures/logs. Needs Chromium: tests/servers/chromium.sh install
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_PROFILE_DEV_DEBUG=0

cargo build --quiet --package tracegrep --bin tracegrep --example terminal_picture
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
tracegrep=$target/debug/tracegrep
page=$(mktemp --directory)
trap 'rm -rf "$page"' EXIT

COLUMNS=96 "$tracegrep" 4bf92f35 logs --tree --color always |
    "$target/debug/examples/terminal_picture" 'tracegrep 4bf92f35 /var/log/shop' >terminal.svg

"$tracegrep" 4bf92f35 logs --html "$page/trace.html"
# In a container, root has no sandbox.
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1.25 --window-size=1280,800 \
    --virtual-time-budget=2000 --screenshot="$PWD/page.png" "file://$page/trace.html" 2>/dev/null
ls -l page.png terminal.svg
