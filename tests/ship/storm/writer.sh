# Appends lines of text, each by an `echo` of its own. Each tenth line is one of fifty texts that come again and again, except where
# files are copied again and again: there nobody could tell how often a text was written.
writer=20 copy=7
incarnation=$1 lines=$2 rate=$3 progress=$4
shift 4
written=0 turn=0 noted=0
while [ $written -lt "$lines" ]; do
    for place in "$@"; do
        number=${place%%:*} file=${place#*:}/jobs.log count=$turn
        if [ "$number" = $copy ]; then
            [ $((turn % 4)) = 0 ] || continue
            count=$((turn / 4))
        elif [ $((turn % 10)) = 0 ]; then
            echo "waiting for job e=$writer.$number.$((turn / 10 % 50)); as before" >>"$file"
            written=$((written + 1))
        fi
        echo "the job with n=$writer.$number.$incarnation.$count; is done" >>"$file"
        written=$((written + 1))
    done
    turn=$((turn + 1))
    if [ $((written - noted)) -ge $((rate / 10)) ]; then
        noted=$written
        echo $written >"$progress"
        sleep 0.1
    fi
done
