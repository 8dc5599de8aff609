# gcc's position-independent code for ARM has the distance to a constant in a word behind each function, and adds the program
# counter to it: eight bytes. Constants that lie in the same section, behind all functions, are within reach of `adr`: four bytes, or two.
{ line[NR] = $0 }
/^\t\.(section|text|bss)/ { is_constant = /\t\.rodata/ }
is_constant && /^[A-Za-z_.].*:$/ { constants[$1] = 1 }
END {
    for (i = 1; i <= NR; i++) {
        if (line[i] ~ /^\.L[0-9]+:$/) { pool = substr(line[i], 1, length(line[i]) - 1); n = 0 }
        else if (line[i] !~ /^\t\.word\t/) pool = ""
        else if (pool) {
            place = pool (n ? "+" 4 * n : "")
            n++
            if (match(line[i], /-\(\.LPIC[0-9]+\+4\)$/) && (substr(line[i], 8, RSTART - 8) ":") in constants) {
                near[substr(line[i], RSTART + 2, RLENGTH - 5) ":"] = substr(line[i], 8, RSTART - 8)
                gone[place] = gone[i] = 1
            } else {
                line[i] = own_label(place) ":" line[i]
                kept[place] = kept[pool] = 1
            }
        }
    }
    for (i = 1; i <= NR; i++) {
        label = substr(line[i + 1], 1, length(line[i + 1]) - 1)
        if (line[i] ~ /^\tv?ldr/ && match(line[i], /\.L[0-9]+(\+[0-9]+)?$/)) {
            place = substr(line[i], RSTART)
            if (place in gone) continue
            if (place in kept) line[i] = substr(line[i], 1, RSTART - 1) own_label(place)
        } else if (line[i] in near) {
            register = line[i + 1]
            sub(/^\tadd\t/, "", register)
            sub(/,.*/, "", register)
            print "\tadr\t" register ", " near[line[i++]]
            continue
        } else if (i in gone || line[i] == "\t.align\t2" && label in gone && !(label in kept)) continue
        sub(/^\t\.section\t\.rodata.*/, "\t.text\t1", line[i])
        print line[i]
    }
}
function own_label(place) { sub(/\+/, "_", place); return place (place ~ /_/ ? "" : "_0") }
