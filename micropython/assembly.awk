# What LLVM's assembly for x86 could do better in a native module. The float constants of all functions are in one section,
# of which a linker keeps all or nothing: those of each function get a section of their own. And a call that goes through
# a table of addresses can be direct.
/\.section\t\.rodata\.cst/ { sub(/,.*/, "." NR ",\"a\",@progbits") }
/@GOTPCREL\(%rip\)/ { sub(/jmpq/, "jmp"); sub(/\*/, ""); sub(/@GOTPCREL\(%rip\)/, "") }
{ print }
