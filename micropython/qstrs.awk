# Orders the table of a native module's qstrs, from its source and the header that `mpy_ld --preprocess` made of that: first
# the names in its lists of functions, one for each function, in the order that glue.h relies on; then all others.
FNR == NR {
    if (/^#define METHODS/) has_methods = 1
    if (/^#define FUNCTIONS/ && has_methods) list("MP_QSTR___del__", "eml_del")
    if (match($0, /[FM]\(MP_QSTR_.*, /)) {
        split(substr($0, RSTART + 2), words, ", ")
        list(words[1], words[2])
    }
    next
}
/mp_native_qstr_table\[[0-9]/ { if (!($2 in listed)) others[++n_others] = $2; next }
{ print }
END {
    for (i = 1; i <= n; i++) print "#define " functions[i] "_qstr " i
    # This is for mpy_ld, which reads no other directives.
    print "#if 0"
    for (i = 1; i <= n; i++) print "#define " names[i] " (mp_native_qstr_table[" i "])"
    print "#endif"
    for (i = 1; i <= n_others; i++) print "#define " others[i] " (mp_native_qstr_table[" n + i "])"
}
function list(name, f) { names[++n] = name; functions[n] = f; listed[name] }
