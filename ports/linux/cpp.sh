#!/bin/sh
# cpp.sh COMMAND ARGUMENT...: preprocesses one source after the other, `-` from a file, too: zig finds its headers only for one file.
set -eu

file=$(mktemp --suffix .c)
trap 'rm "$file"' EXIT
sources=
for argument; do
    shift
    case $argument in
    *.c) sources="$sources $argument" ;;
    -) cat > "$file" && sources=$file ;;
    *) set -- "$@" "$argument" ;;
    esac
done
for source in $sources; do
    "$@" "$source"
done
