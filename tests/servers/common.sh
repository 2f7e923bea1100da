# Functions that the scripts of this folder share. It is sourced after `set -euo pipefail`, not run.
#
# The caller names a folder for each server. In it, `pid` has the process id, `log` the output, and
# `env` the addresses as lines NAME=http://127.0.0.1:PORT. `env` is written once the server responds.

# Downloads and builds go below target/, which git ignores.
servers=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/target/servers

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# refuse_agpl PACKAGE: fails if a Go module that is compiled into the package is under the AGPL. The working directory must be the module
# that requires the package. The text of the GPL names the AGPL too, so only the heading of each licence file is read.
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

# is_free PORT: succeeds if no process listens on this loopback port.
is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# free_ports COUNT: prints this many different free ports on one line. They are below the range that
# Linux uses for outgoing connections (from 32768), so that no client takes one of them meanwhile.
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

# ports_or_free COUNT PINNED: prints the pinned ports, or free ports if none are pinned. Fails if the
# pinned ports are not COUNT ports that are free.
ports_or_free() {
    local port pinned
    read -ra pinned <<<"$2"
    if ((${#pinned[@]} == 0)); then
        free_ports "$1"
        return
    fi
    ((${#pinned[@]} == $1)) || fail "$1 ports are needed, not '$2'"
    # A killed server releases its ports a moment later.
    local end=$((SECONDS + 5))
    for port in "${pinned[@]}"; do
        until is_free "$port"; do
            ((SECONDS < end)) || fail "port $port is in use"
            sleep 0.1
        done
    done
    echo "${pinned[*]}"
}

# prepare FOLDER: creates the folder. Fails if a server is already running there.
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

# is_running FOLDER: succeeds if the server of the folder is running. A zombie process (state Z,
# common in containers) does not count.
is_running() {
    local pid
    [[ -f $1/pid ]] || return 1
    pid=$(<"$1/pid")
    kill -0 "$pid" 2>/dev/null && [[ $(ps -o stat= -p "$pid") != Z* ]]
}

# wait_for FOLDER CURL-ARGUMENTS...: waits until the request succeeds. If the server ends before, or
# three minutes have passed (a JVM on a busy machine), it stops the server, prints its log and exits.
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

# stop FOLDER: ends the server and waits until it is gone, so that its ports are free again. A server
# that does not end within ten seconds is killed. It is not an error if no server is running.
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

# kill_hard FOLDER: kills the server like a crash, and waits until it is gone. Its data are kept.
kill_hard() {
    if is_running "$1"; then
        kill -9 "$(<"$1/pid")" 2>/dev/null || true
    fi
    while is_running "$1"; do
        sleep 0.05
    done
    rm -f "$1/pid"
}

# unpack_debian FOLDER SIMULATION: downloads the packages that a simulated `apt-get install` would install, and unpacks them into the folder.
# The folder is complete or absent.
unpack_debian() {
    local root=$1 new=$1.new packages package
    mapfile -t packages < <(sed -n 's/^Inst \([^ ]*\) .*/\1/p' <<<"$2")
    rm -rf "$new"
    mkdir -p "$new/packages"
    (cd "$new/packages" && apt-get --quiet --quiet download "${packages[@]}")
    for package in "$new"/packages/*.deb; do
        dpkg --extract "$package" "$new"
    done
    rm -rf "$root"
    mv "$new" "$root"
}

# debian_libraries FOLDER: prints the folders of the libraries of unpacked packages, separated by a colon.
debian_libraries() {
    local folders=("$1"/usr/lib/*-linux-gnu "$1"/lib/*-linux-gnu)
    (IFS=: && echo "${folders[*]}")
}
