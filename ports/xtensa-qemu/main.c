// Runs a script: micropython [-X heapsize=N[k|m]] SCRIPT [ARGUMENT...], with MICROPYPATH as on the Unix port.

#include <stdlib.h>
#include <string.h>

#include "linux.h"
#include "py/builtin.h"
#include "py/compile.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/persistentcode.h"
#include "py/runtime.h"

#define STACK_SIZE (256 * 1024)
#define DEFAULT_HEAP_SIZE (1024 * 1024)

static char heap[64 * 1024 * 1024] __attribute__((aligned(16)));
static uintptr_t *stack_top;

void spill_windows(void);

void exit(int status) {
    for (;;) {
        system_call(SYS_EXIT_GROUP, status, 0, 0, 0);
    }
}

mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len) {
    system_call(SYS_WRITE, 1, (long)str, len, 0);
    return len;
}

void mp_hal_stdout_tx_strn_cooked(const char *str, size_t len) {
    mp_hal_stdout_tx_strn(str, len);
}

static NORETURN void die(const char *message) {
    system_call(SYS_WRITE, 2, (long)message, strlen(message), 0);
    exit(134);
}

void abort(void) {
    die("abort\n");
}

void nlr_jump_fail(void *val) {
    (void)val;
    die("uncaught NLR\n");
}

float nanf(const char *tag) {
    (void)tag;
    return __builtin_nanf("");
}

// ---- garbage collection ----

void gc_collect(void) {
    spill_windows();
    // The caller's a0 to a3 are the 16 bytes below.
    uintptr_t *start = (uintptr_t *)__builtin_frame_address(0) - 4;
    gc_collect_start();
    gc_collect_root((void **)start, stack_top - start);
    gc_collect_end();
}

// ---- native code ----

// As on the ESP32: written in whole words, and the original is of no use from then on.
void *commit_exec(void *code, size_t len, void *relocations) {
    static uint32_t exec_memory[64 * 1024];
    static size_t exec_used;

    size_t words = (len + 3) / 4;
    if (words > MP_ARRAY_SIZE(exec_memory) - exec_used) {
        m_malloc_fail(len);
    }
    uint32_t *to = &exec_memory[exec_used];
    exec_used += words;
    if (relocations != NULL) {
        mp_native_relocate(relocations, code, (uintptr_t)to);
    }
    const uint32_t *from = code;
    for (size_t i = 0; i < words; i++) {
        to[i] = from[i];
    }
    memset(code, 0xff, len);
    return to;
}

// QEMU's core de233_fpu has all that the modules use of an ESP32 but MULUH and MULSH, the high half of a product.

typedef struct {
    uint32_t head[5];
    uint32_t pc;
    uint32_t other[7];
    uint32_t a[16];
} signal_context_t;

static void illegal_instruction(int signal, void *info, signal_context_t *context) {
    (void)signal;
    (void)info;
    const uint32_t *words = (const uint32_t *)(context->pc & ~3); // instruction memory is read by words
    uint32_t instruction = ((uint64_t)words[1] << 32 | words[0]) >> (context->pc & 3) * 8;
    uint32_t operation = instruction & 0xff000f;
    bool is_signed = operation == 0xb20000;
    if (!is_signed && operation != 0xa20000) {
        die("illegal instruction\n");
    }
    uint32_t x = context->a[instruction >> 8 & 0xf], y = context->a[instruction >> 4 & 0xf];
    uint32_t high = (uint64_t)x * y >> 32;
    if (is_signed) {
        high -= ((int32_t)x < 0 ? y : 0) + ((int32_t)y < 0 ? x : 0);
    }
    context->a[instruction >> 12 & 0xf] = high;
    context->pc += 3;
}

static void emulate_multiply_high(void) {
    void signal_return(void);
    static const struct {
        void (*handler)(int, void *, signal_context_t *);
        uint32_t flags;
        void (*restorer)(void);
        uint32_t mask[2];
    } action = { illegal_instruction, 0x04000004 /* SA_RESTORER | SA_SIGINFO */, signal_return, { 0, 0 } };
    system_call(SYS_SIGACTION, 4 /* SIGILL */, (long)&action, 0, sizeof(action.mask));
}

// ---- running a script ----

static int run(const char *path) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_lexer_t *lexer = mp_lexer_new_from_file(qstr_from_str(path));
        qstr name = lexer->source_name;
        mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
        mp_call_function_0(mp_compile(&tree, name, false));
        nlr_pop();
        return 0;
    }
    mp_obj_t exception = MP_OBJ_FROM_PTR(nlr.ret_val);
    if (mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exception)), MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        mp_obj_t status = mp_obj_exception_get_value(exception);
        return status == mp_const_none ? 0 : mp_obj_is_small_int(status) ? MP_OBJ_SMALL_INT_VALUE(status) : 1;
    }
    mp_obj_print_exception(&mp_plat_print, exception);
    return 1;
}

static size_t parse_size(const char *text) {
    size_t size = 0;
    while (*text >= '0' && *text <= '9') {
        size = size * 10 + (*text++ - '0');
    }
    return *text == 'k' ? size << 10 : *text == 'm' ? size << 20 : size;
}

static void add_paths(const char *paths) {
    while (paths != NULL) {
        const char *end = strchr(paths, ':');
        mp_obj_list_append(mp_sys_path, mp_obj_new_str(paths, end ? (size_t)(end - paths) : strlen(paths)));
        paths = end ? end + 1 : NULL;
    }
}

static mp_obj_t folder_of(const char *path) {
    size_t len = strlen(path);
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    return mp_obj_new_str(path, len > 1 ? len - 1 : len);
}

// The stack as Linux hands it over: number of arguments, arguments, NULL, environment, NULL.
void start(uintptr_t *stack) {
    stack_top = stack;
    int argc = stack[0];
    char **argv = (char **)(stack + 1);
    char **environment = argv + argc + 1;

    size_t heap_size = DEFAULT_HEAP_SIZE;
    int script = 1;
    if (argc > 2 && strcmp(argv[1], "-X") == 0) {
        if (strncmp(argv[2], "heapsize=", 9) != 0) {
            die("unknown option\n");
        }
        heap_size = parse_size(argv[2] + 9);
        script = 3;
    }
    if (argc <= script || heap_size > sizeof(heap)) {
        die("usage: micropython [-X heapsize=N[k|m]] SCRIPT [ARGUMENT...]\n");
    }

    emulate_multiply_high();
    mp_cstack_init_with_top(stack_top, STACK_SIZE);
    gc_init(heap, heap + heap_size);
    mp_init();
    mp_obj_list_store(mp_sys_path, MP_OBJ_NEW_SMALL_INT(0), folder_of(argv[script]));
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, "MICROPYPATH=", 12) == 0) {
            add_paths(*environment + 12);
        }
    }
    for (int i = script; i < argc; i++) {
        mp_obj_list_append(mp_sys_argv, mp_obj_new_str(argv[i], strlen(argv[i])));
    }
    exit(run(argv[script]));
}
