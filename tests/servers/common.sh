# Helpers that the scripts of this folder share; sourced after `set -euo pipefail`, not run.
#
# A server has a folder, which its caller names. `pid`, `log` and `env` in it are the process id,
# the output, and the addresses as lines NAME=http://127.0.0.1:PORT, written once they answer.

# What is downloaded or built goes below target/, which git ignores.
servers=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/target/servers

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# refuse_agpl PACKAGE: fails when a Go module that is compiled into the package, of the module in this folder, is under the AGPL. The
# GPL's own text names the AGPL too, so the heading of each licence file decides.
refuse_agpl() {
    local folder file refused=()
    while read -r folder; do
        for file in "$folder"/LICEN[CS]E* "$folder"/COPYING*; do
            [[ -f $file ]] || continue
            if head -n 5 "$file" | grep --quiet --ignore-case 'affero general public license'; then
                refused+=("$folder")
            fi
        done
    done < <(go list -mod=mod -deps -f '{{with .Module}}{{.Dir}}{{end}}' "$1" | sort -u)
    ((${#refused[@]} == 0)) || fail "these modules are under the AGPL: ${refused[*]}"
}

# Whether nobody listens on this loopback port.
is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# free_ports COUNT: prints different free ports, on one line. They lie below the range from which
# Linux takes the ports of outgoing connections (from 32768), so that no client gets in between.
free_ports() {
    local chosen=() port
    while ((${#chosen[@]} < $1)); do
        port=$((10000 + RANDOM % 22000))
        if [[ " ${chosen[*]} " != *" $port "* ]] && is_free "$port"; then
            chosen+=("$port")
        fi
    done
    echo "${chosen[*]}"
}

# ports_or_free COUNT PINNED: the pinned ports, which must be as many and free, or else free ones.
ports_or_free() {
    local port pinned
    read -ra pinned <<<"$2"
    if ((${#pinned[@]} == 0)); then
        free_ports "$1"
        return
    fi
    ((${#pinned[@]} == $1)) || fail "$1 ports are needed, not '$2'"
    # A server that was killed lets go of its ports a moment later.
    local end=$((SECONDS + 5))
    for port in "${pinned[@]}"; do
        until is_free "$port"; do
            ((SECONDS < end)) || fail "port $port is taken"
            sleep 0.1
        done
    done
    echo "${pinned[*]}"
}

# prepare FOLDER: makes the folder; a server that runs there already is left alone.
prepare() {
    mkdir -p "$1"
    if is_running "$1"; then
        fail "a server of $1 is running; stop it first"
    fi
    rm -f "$1/env"
}

# launch FOLDER COMMAND...: runs the command in the background.
launch() {
    local folder=$1
    shift
    nohup "$@" >"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
}

# Whether the server of the folder runs. One that has ended, but whose parent has not asked how
# (Z, common in containers), does not.
is_running() {
    local pid
    [[ -f $1/pid ]] || return 1
    pid=$(<"$1/pid")
    kill -0 "$pid" 2>/dev/null && [[ $(ps -o stat= -p "$pid") != Z* ]]
}

# wait_for FOLDER CURL-ARGUMENTS...: waits until the request succeeds. When the server ends before
# or three minutes pass (a JVM on a busy machine), stops it, prints its log and ends this script.
wait_for() {
    local folder=$1 end=$((SECONDS + 180))
    shift
    until curl --silent --fail --max-time 5 --noproxy '*' --output /dev/null "$@"; do
        if ! is_running "$folder" || ((SECONDS >= end)); then
            stop "$folder"
            cat "$folder/log" >&2
            fail "the server of $folder did not start; its log is above"
        fi
        sleep 0.1
    done
}

# stop FOLDER: ends the server and waits until it is gone, and so its ports are free again. One
# that does not end within ten seconds is killed. Nothing to stop is no error.
stop() {
    local end=$((SECONDS + 10))
    if is_running "$1"; then
        kill "$(<"$1/pid")" 2>/dev/null || true
    fi
    while is_running "$1"; do
        if ((SECONDS >= end)); then
            kill -9 "$(<"$1/pid")" 2>/dev/null || true
        fi
        sleep 0.1
    done
    rm -f "$1/pid" "$1/env"
}

# kill_hard FOLDER: ends the server as a crash would, and waits until it is gone. Its data stay.
kill_hard() {
    if is_running "$1"; then
        kill -9 "$(<"$1/pid")" 2>/dev/null || true
    fi
    while is_running "$1"; do
        sleep 0.05
    done
    rm -f "$1/pid"
}
