// Where native modules have the address of MicroPython's table of functions from. Where it takes much code to load that
// from the global offset table, a function does it, which changes no register but that of the result, and callers know.
// On ARM a single word leads to the entry: mpy_ld adds the entry's place in the table to the table's distance.

#ifndef EMLEARN_TABLE_H
#define EMLEARN_TABLE_H

#if defined(__arm__)
#define EML_TABLE_REGISTER "r3"
#define EML_TABLE_LINK "lr"
#define EML_TABLE_CALL "bl eml_table"
#define EML_TABLE_FUNCTION \
    "    .thumb_func\n" \
    "eml_table:\n" \
    "    ldr r3, 1f\n" \
    "0:  add r3, pc\n" \
    "    ldr r3, [r3]\n" \
    "    bx lr\n" \
    "    .balign 4\n" \
    "1:  .word _GLOBAL_OFFSET_TABLE_ - (0b + 4)\n" \
    "    .reloc 1b, R_ARM_GOT32, mp_fun_table\n"
#elif defined(__riscv)
#define EML_TABLE_REGISTER "a5"
#define EML_TABLE_LINK "ra"
#define EML_TABLE_CALL "c.jal eml_table"
#define EML_TABLE_FUNCTION \
    "eml_table:\n" \
    "0:  auipc a5, %got_pcrel_hi(mp_fun_table)\n" \
    "    lw a5, %pcrel_lo(0b)(a5)\n" \
    "    ret\n"
#endif

#ifdef EML_TABLE_FUNCTION
static inline const mp_fun_table_t *eml_table(void) {
    register const mp_fun_table_t *table __asm__(EML_TABLE_REGISTER);
    __asm__(EML_TABLE_CALL : "=r"(table) : : EML_TABLE_LINK);
    return table;
}
#define mp_fun_table (*eml_table())
#endif

#endif
