#!/usr/bin/env bash
# Unpacks syslog-ng, without installing it, to compare it with traceship. Needs a Debian or Ubuntu system with apt-get. It is unpacked because
# Debian installs only one of syslog-ng and rsyslog.
#
#   syslog-ng.sh install
#       downloads the packages into target/servers/syslog-ng/ (takes seconds, once)
#   syslog-ng.sh run FOLDER
#       becomes syslog-ng with FOLDER/syslog-ng.conf, which also has its state
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

root=$servers/syslog-ng

install() {
    local needed
    if [[ -x $root/usr/sbin/syslog-ng ]]; then
        return
    fi
    needed=$(apt-get install --simulate --no-install-recommends --reinstall syslog-ng-core syslog-ng-mod-http)
    unpack_debian "$root" "$needed"
}

run() {
    local modules=("$root"/usr/lib/syslog-ng/[0-9]*)
    LD_LIBRARY_PATH=$(debian_libraries "$root"):$root/usr/lib/syslog-ng exec "$root/usr/sbin/syslog-ng" -F --no-caps \
        --module-path="${modules[0]}" -f "$1/syslog-ng.conf" -R "$1/persist" -p "$1/syslog-ng.pid" -c "$1/control"
}

case "$# ${1:-}" in
    '1 install') install ;;
    '2 run') run "$2" ;;
    *) fail 'usage: install | run FOLDER' ;;
esac
