# RISC-V's `call` reaches everywhere and takes eight bytes. `c.jal` reaches all of a native module: it takes two, or four where
# the assembler finds that two are too few.
/^\t(call|tail)\t/ { sub(/call/, "c.jal"); sub(/tail/, "j"); sub(/@plt/, "") }
# What compilers say of the instruction set, which may be in newer words than the assembler knows.
/^\t\.attribute\t/ { next }
{ print }
