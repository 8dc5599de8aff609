// A plugin of QEMU that counts the instructions a program executes and watches the memory that native modules run from, which
// on an ESP32 allows aligned 32-bit access only. At the end it writes to a file:
//
//     instructions N
//     narrow accesses N, first by ADDRESS
//
// QEMU_PLUGIN=file=watch.so,out=FILE,start=ADDRESS,end=ADDRESS (of that memory, hexadecimal)

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The part of QEMU's plugin interface, version 1, that is used here; Debian's package has no header of it.
typedef uint64_t plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { INLINE_ADD_U64 = 0, NO_REGISTERS = 0, READ_AND_WRITE = 3 };
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
unsigned qemu_plugin_mem_size_shift(uint32_t info);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id_t, void (*)(plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, void (*)(unsigned, uint32_t, uint64_t, void *), int, int, void *);
void qemu_plugin_register_atexit_cb(plugin_id_t, void (*)(plugin_id_t, void *), void *);

int qemu_plugin_version = 1;

static const char *out;
static uint64_t start, end;
static uint64_t instructions, narrow, first;

static void on_access(unsigned cpu, uint32_t info, uint64_t address, void *by) {
    (void)cpu;
    if (address >= start && address < end && (qemu_plugin_mem_size_shift(info) != 2 || address % 4 != 0)) {
        if (narrow++ == 0) {
            first = (uintptr_t)by;
        }
    }
}

static void on_translation(plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &instructions, 1);
        if (end > start) {
            void *by = (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn);
            qemu_plugin_register_vcpu_mem_cb(insn, on_access, NO_REGISTERS, READ_AND_WRITE, by);
        }
    }
}

static void at_end(plugin_id_t id, void *unused) {
    (void)id;
    (void)unused;
    FILE *file = fopen(out, "w");
    if (file != NULL) {
        fprintf(file, "instructions %" PRIu64 "\nnarrow accesses %" PRIu64 ", first by %#" PRIx64 "\n", instructions, narrow, first);
        fclose(file);
    }
}

int qemu_plugin_install(plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL) {
            return -1;
        }
        value++;
        if (strncmp(argv[i], "out=", 4) == 0) {
            out = strdup(value);
        } else if (strncmp(argv[i], "start=", 6) == 0) {
            start = strtoull(value, NULL, 16);
        } else if (strncmp(argv[i], "end=", 4) == 0) {
            end = strtoull(value, NULL, 16);
        } else {
            return -1;
        }
    }
    if (out == NULL) {
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
