#!/usr/bin/env bash
# Unpacks rsyslog, without installing it, to compare it with traceship. Needs a Debian or Ubuntu system with apt-get.
#
#   rsyslog.sh install
#       downloads the packages into target/servers/rsyslog/ (takes seconds, once)
#   rsyslog.sh run FOLDER
#       becomes rsyslogd with FOLDER/rsyslog.conf; FOLDER/rsyslog.pid has its process id
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

root=$servers/rsyslog

install() {
    local needed
    if [[ -x $root/usr/sbin/rsyslogd ]]; then
        return
    fi
    needed=$(apt-get install --simulate --no-install-recommends --reinstall rsyslog rsyslog-elasticsearch)
    unpack_debian "$root" "$needed"
}

run() {
    local modules=("$root"/usr/lib/*/rsyslog)
    LD_LIBRARY_PATH=$(debian_libraries "$root") exec "$root/usr/sbin/rsyslogd" -n -f "$1/rsyslog.conf" -i "$1/rsyslog.pid" \
        -M "${modules[0]}"
}

case "$# ${1:-}" in
    '1 install') install ;;
    '2 run') run "$2" ;;
    *) fail 'usage: install | run FOLDER' ;;
esac
