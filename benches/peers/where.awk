# Prints where the instructions of one operation go: reads the patterns of where.txt, and callgrind's output of a short and of a long run. With
# two more runs, of a contender to compare with, it also prints what the operation costs there, and the difference.
#
#   awk -v operations=1000 -v root=/path/of/repository -f where.awk where.txt short long [short long]
#
# `operations` is by how many operations the long run is longer. With `-v rest=1`, it prints the code that no pattern matches instead.

FNR == 1 { part++ }

# where.txt: a phase, ` | ` and a regular expression.
part == 1 {
    if (!/^#/ && split($0, cells, / +\| /) == 2) {
        patterns++
        pattern[patterns] = cells[2]
        if (!(cells[1] in number)) {
            number[cells[1]] = ++phases
            title[phases] = cells[1]
        }
        phase[patterns] = number[cells[1]]
    }
    next
}

# callgrind writes a name once, as `(id) name`, and then as `(id)`. Callees share the ids.
match($0, /^c?(fl|fi|fe|fn)=\([0-9]+\)/) {
    equals = index($0, "=")
    key = substr($0, 1, equals - 1)
    id = part (key ~ /fn$/ ? " function " : " file ") substr($0, equals + 1, RLENGTH - equals)
    if (length($0) > RLENGTH) name[id] = short(substr($0, RLENGTH + 2))
    if (key == "fn") running = name[id]
    else if (key !~ /^c/) source = name[id]
    next
}

# The next line has the cost of a callee, which is counted where the callee runs.
/^calls=/ { getline; next }

# A position, and the instructions there.
/^[-+*0-9]/ && NF == 2 {
    code = source " " running
    seen[code]
    if (part <= 3) cost[code] += part == 2 ? -$2 : $2
    else base[code] += part == 4 ? -$2 : $2
}

# Shortens a path: of this repository to `tracing-stamp/…`, of a crate to `name-version/…`, and of the standard library to `std/…` or `core/…`.
function short(text) {
    if (index(text, root "/") == 1) return "tracing-stamp" substr(text, length(root) + 1)
    sub(/^.*\/registry\/src\/[^\/]*\//, "", text)
    sub(/^\/rustc\/[0-9a-f]*\/library\//, "", text)
    return text
}

function phase_of(code,    i) {
    for (i = 1; i <= patterns; i++)
        if (code ~ pattern[i]) return phase[i]
    return phases + 1
}

function line(text, here, there) {
    printf "| %-*s | %12d ", width, text, here
    if (part > 3) printf "| %12d | %12d ", there, here - there
    else printf "| %5.1f %% ", 100 * here * operations / total
    print "|"
}

END {
    for (code in seen) {
        at = phase_of(code)
        sum[at] += cost[code]
        base_sum[at] += base[code]
        total += cost[code]
        if (rest && at > phases) printf "%8.1f %s\n", cost[code] / operations, code
    }
    if (rest) exit
    title[phases + 1] = "other"
    for (i = 1; i <= phases + 1; i++) if (length(title[i]) > width) width = length(title[i])
    rule = sprintf("%*s", width, "")
    gsub(/ /, "-", rule)
    printf "| %-*s | %12s | %s |\n", width, "phase", "instructions", (part > 3 ? "     without |         more" : "  share")
    printf "| %s | -----------: | %s |\n", rule, (part > 3 ? "-----------: | -----------:" : "------:")
    # The sum after each phase is rounded, and not each phase, so that the rows add up to the total.
    for (i = 1; i <= phases + 1; i++) {
        sofar += sum[i] / operations
        base_sofar += base_sum[i] / operations
        here = int(sofar + 0.5) - printed
        there = int(base_sofar + 0.5) - base_printed
        printed += here
        base_printed += there
        if (here != 0 || there != 0) line(title[i], here, there)
    }
    line("total", printed, base_printed)
}
