# RISC-V's `call` reaches everywhere and takes eight bytes; `jal` takes four or two and reaches all of a native module.
/^\t(call|tail)\t/ { sub(/call/, "jal"); sub(/tail/, "j"); sub(/@plt/, "") }
# What compilers say of the instruction set, which may be in newer words than the assembler knows.
/^\t\.attribute\t/ { next }
{ print }
