// What the glue of every module is made of. A module lists its functions and methods once; here they become a native
// module (tables filled when it is loaded) or a built-in one (constant tables). This is the only file that knows which.
//
// A module has one object type at most, with a block of memory, the state, that belongs to a kernel. MicroPython's heap
// has it and frees it.

#ifndef EMLEARN_GLUE_H
#define EMLEARN_GLUE_H

#if MICROPY_ENABLE_DYNRUNTIME
#include "py/dynruntime.h"
#include "table.h"
#else
#include "py/binary.h"
#include "py/runtime.h"
#endif

#include <string.h>

#include "emlearn.h"

// ---- exceptions ----

#if MICROPY_ENABLE_DYNRUNTIME

#ifdef EML_TABLE_FUNCTION
__asm__("    .text\n    .balign 4\n    .globl eml_table\n    .hidden eml_table\n" EML_TABLE_FUNCTION);
#endif

// clang would have it in each caller.
#if defined(__clang__)
#define EML_ONCE noinline
#else
#define EML_ONCE
#endif

static __attribute__((noreturn, EML_ONCE)) void eml_raise_type(qstr type, const char *message) {
    mp_fun_table.raise_msg(mp_load_global(type), message);
    __builtin_unreachable();
}

#define EML_RAISE(type, message) eml_raise_type(MP_QSTR_##type, message)
#define EML_RAISE_STATUS(status) eml_raise_type(MP_QSTR_ValueError, status)

// A message is no longer than this: error.rs sees to those of kernels, and EML_NAME to those with a name and two numbers.
typedef struct {
    mp_print_t print;
    char *end;
    char text[96];
} eml_text_t;

static void eml_text_add(void *data, const char *str, size_t len) {
    eml_text_t *text = data;
    memcpy(text->end, str, len);
    text->end += len;
}

// Raises a ValueError, or returns None if there is no message; the format takes up to three words.
static mp_obj_t eml_check_with(const char *format, uintptr_t a, uintptr_t b, uintptr_t c) {
    if (format == NULL) {
        return mp_const_none;
    }
    eml_text_t text;
    text.print.data = &text;
    text.print.print_strn = eml_text_add;
    text.end = text.text;
    mp_printf(&text.print, format, a, b, c);
    // The exception refers to its message: a copy on the heap, which ends in a zero.
    mp_obj_str_t *message = MP_OBJ_TO_PTR(mp_obj_new_bytes((const byte *)text.text, text.end - text.text));
    EML_RAISE(ValueError, (const char *)message->data);
}

#else

#define EML_RAISE(type, message) mp_raise_msg(&mp_type_##type, MP_ERROR_TEXT(message))
#define EML_RAISE_STATUS(status) mp_raise_ValueError((mp_rom_error_text_t)(status))

static inline mp_obj_t eml_check_with(const char *format, uintptr_t a, uintptr_t b, uintptr_t c) {
    if (format != NULL) {
        mp_raise_msg_varg(&mp_type_ValueError, (mp_rom_error_text_t)format, a, b, c);
    }
    return mp_const_none;
}

#endif

// A small integer as an object. Compilers set its lowest bit by `or`, which takes more code than `add` on some processors.
#if MICROPY_ENABLE_DYNRUNTIME && (defined(__arm__) || defined(__xtensa__))
static inline mp_obj_t eml_small_int(mp_int_t value) {
    uintptr_t bits = (uintptr_t)value << 1;
    __asm__("" : "+r"(bits));
    return (mp_obj_t)(bits + 1);
}
#else
#define eml_small_int(value) MP_OBJ_NEW_SMALL_INT(value)
#endif

// A word that need not be anything.
static inline uintptr_t eml_any(void) {
    uintptr_t any;
    __asm__("" : "=r"(any));
    return any;
}

// Raises what a kernel refused, or returns None; `place` is the line, index or the like that the message speaks of.
static inline mp_obj_t eml_check(eml_Status status, uintptr_t place) {
    return eml_check_with(status, place, eml_any(), eml_any());
}

// The same for messages that speak of no place, in less code.
static __attribute__((unused)) mp_obj_t eml_check_plain(eml_Status status) {
    if (status != NULL) {
        EML_RAISE_STATUS(status);
    }
    return mp_const_none;
}

// ---- arguments ----

// The name of an argument, in messages.
#define EML_NAME(name) ((void)sizeof(char[sizeof(name) <= 32 ? 1 : -1]), (name))

static __attribute__((unused)) mp_int_t eml_int_between(mp_obj_t obj, const char *name, mp_int_t min, mp_int_t max) {
    mp_int_t value = mp_obj_get_int_truncated(obj); // TypeError unless it is one
    if (value < min || value > max || mp_obj_is_obj(obj)) { // what was truncated is an object
        eml_check_with("%s: expected %d to %d", (uintptr_t)name, min, max);
    }
    return value;
}

// An integer between min and max.
#define eml_int(obj, name, min, max) eml_int_between(obj, EML_NAME(name), min, max)

// Flags of a buffer argument are MP_BUFFER_READ or MP_BUFFER_RW, and whether any bytes will do that hold such items.
#define EML_OR_BYTES 8
#define EML_ANY_LEN 16
// From this bit on there is log2 of an item's size.
#define EML_ITEM_BITS 5

// The items of a buffer; `len` is the number that there must be, or with EML_ANY_LEN where to put it.
static __attribute__((unused)) void *eml_array_items(mp_obj_t obj, const char *message, size_t flags, uintptr_t len, uint32_t typecode) {
    mp_buffer_info_t info;
    mp_get_buffer(obj, &info, flags);
    uint32_t found = info.typecode;
    if (found == typecode || ((found == 'B' || found == BYTEARRAY_TYPECODE) && flags & EML_OR_BYTES)) {
        size_t bits = flags >> EML_ITEM_BITS;
        size_t n = info.len >> bits;
        // A size is 1, 2 or 4.
        if (!(((uintptr_t)info.buf | info.len) & (bits + (bits >> 1)))) {
            if (flags & EML_ANY_LEN) {
                *(size_t *)len = n;
                goto good;
            }
            if (n == len) {
                goto good;
            }
        }
    }
    EML_RAISE_STATUS(message);
good:
    return info.buf != NULL ? info.buf : obj; // That of an empty array is NULL, but kernels are promised a pointer.
}

#define EML_BUFFER(typecode, flags) \
    (((flags) & 15) | ((typecode) == 'B' ? EML_OR_BYTES : 0) | ((typecode) == 'f' ? 2 : (typecode) == 'h' ? 1 : 0) << EML_ITEM_BITS \
        | MP_BUFFER_RAISE_IF_UNSUPPORTED)

// The items of a buffer, and their number.
#define eml_array(obj, name, typecode, flags, len) \
    eml_array_items(obj, name ": not array(" #typecode ")", EML_BUFFER(typecode, flags) | EML_ANY_LEN, (uintptr_t)(len), typecode)

// The items of a buffer that must have `expected` of them; that expression is in the message.
#define eml_array_of(obj, name, typecode, flags, expected) \
    eml_array_items(obj, name ": not array(" #typecode ") of " #expected, EML_BUFFER(typecode, flags), expected, typecode)

// Refuses two arrays of which a kernel writes one or both, where they share memory.
static __attribute__((unused)) void eml_no_overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
    if ((uintptr_t)b < (uintptr_t)a + a_bytes && (uintptr_t)a < (uintptr_t)b + b_bytes) {
        EML_RAISE(ValueError, "arrays overlap");
    }
}

static inline void eml_expect_len_of(const char *name, size_t expected, size_t len) {
    if (len != expected) {
        eml_check_with("%s: expected %u, got %u", (uintptr_t)name, expected, len);
    }
}

#define eml_expect_len(name, expected, len) eml_expect_len_of(EML_NAME(name), expected, len)

// Numbers as float32. An object's __float__ may do anything: what a state or array points to is fetched afterwards. They pass
// through memory, since native modules and firmware may differ in the registers of floats.
static inline void eml_float(mp_obj_t obj, float *values, size_t index) {
    mp_binary_set_val_array('f', values, index, obj);
}

static inline mp_obj_t eml_float_obj(float *value) {
    return mp_binary_get_val_array('f', value, 0);
}

// ---- functions, methods and types ----

// A function is mp_obj_t f(size_t n_args, const mp_obj_t *args). A list of them is a macro
//     #define FUNCTIONS(F) F(qstr, function, min_args, max_args) ...

#define EML_DEL(F) F(MP_QSTR___del__, eml_del, 1, 1)

#define EML_MAKE_NEW(f, min_args, max_args) \
    static mp_obj_t eml_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) { \
        mp_arg_check_num(n_args, n_kw, min_args, max_args, false); \
        return f(n_args, args); \
    }

#if MICROPY_ENABLE_DYNRUNTIME

// The names of functions are qstrs, which are known at load time only: in the module's table of them, behind the name of
// its file, are those of METHODS, __del__ and FUNCTIONS, one for each, and then the type's. qstrs.awk puts them there; where it
// has put that of a function f is f_qstr.

#define EML_PLACE(name, f, min_args, max_args) f##_place,
#define EML_CHECK_PLACE(name, f, min_args, max_args) _Static_assert(f##_qstr == f##_place, "");
#define EML_COUNT(name, f, min_args, max_args) + 1
#define EML_CODE(name, f, min_args, max_args) f,
#define EML_MIN_ARGS(name, f, min_args, max_args) min_args,
#define EML_MORE_ARGS(name, f, min_args, max_args) max_args - min_args,
#define EML_SUM_MORE_ARGS(name, f, min_args, max_args) + max_args - min_args

// What is filled at load time is not static: mpy_ld places only global variables.
mp_obj_full_type_t eml_type;

#if defined(__arm__)
// Its address takes less code from here than from the global offset table.
__attribute__((section(".data.rel.ro.eml_type"), visibility("hidden"))) mp_obj_full_type_t *eml_type_address = &eml_type;
#define EML_TYPE eml_type_address
#else
#define EML_TYPE (&eml_type)
#endif

// For clang, which would rather keep what a loop uses in memory than compute it again, and choose than branch.
#if defined(__clang__)
#define EML_RENEW(pointer) __asm__ volatile("" : "+r"(pointer))
#else
#define EML_RENEW(pointer)
#endif

#define EML_MODULE_AS(METHODS, FUNCTIONS, MORE) \
    enum { eml_file_place, METHODS(EML_PLACE) EML_DEL(EML_PLACE) FUNCTIONS(EML_PLACE) eml_type_place }; \
    METHODS(EML_CHECK_PLACE) EML_DEL(EML_CHECK_PLACE) FUNCTIONS(EML_CHECK_PLACE) \
    static const mp_fun_var_t eml_code[] = { METHODS(EML_CODE) EML_DEL(EML_CODE) FUNCTIONS(EML_CODE) }; \
    static const uint8_t eml_min_args[] = { METHODS(EML_MIN_ARGS) EML_DEL(EML_MIN_ARGS) FUNCTIONS(EML_MIN_ARGS) }; \
    static const uint8_t eml_more_args[] = { METHODS(EML_MORE_ARGS) EML_DEL(EML_MORE_ARGS) FUNCTIONS(EML_MORE_ARGS) }; \
    mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) { \
        const mp_module_context_t *context = self->context; \
        mp_obj_full_type_t *type = EML_TYPE; \
        type->base.type = &mp_type_type; \
        type->name = context->constants.qstr_table[eml_type_place]; \
        MP_OBJ_TYPE_SET_SLOT(type, locals_dict, MP_OBJ_TO_PTR(mp_obj_new_dict(0)), 0); \
        MORE; \
        mp_obj_t owner = MP_OBJ_FROM_PTR(type); \
        size_t i = 0; \
        do { \
            const mp_fun_table_t *table = &mp_fun_table; \
            EML_RENEW(table); \
            mp_obj_t object = table->new_tuple(1, (mp_obj_t *)&eml_code[i]); \
            mp_obj_fun_builtin_var_t *function = MP_OBJ_TO_PTR(object); \
            function->base.type = table->type_fun_builtin_var; \
            function->sig = eml_min_args[i] * MP_OBJ_FUN_MAKE_SIG(1, 1, false); \
            if (0 /* constant */ METHODS(EML_SUM_MORE_ARGS) EML_DEL(EML_SUM_MORE_ARGS) FUNCTIONS(EML_SUM_MORE_ARGS)) { \
                function->sig += eml_more_args[i] * MP_OBJ_FUN_MAKE_SIG(0, 1, false); \
            } \
            i++; \
            table->store_attr(owner, context->constants.qstr_table[i], object); \
            if (i == 0 METHODS(EML_COUNT) EML_DEL(EML_COUNT)) { \
                owner = MP_OBJ_FROM_PTR(context); \
                EML_RENEW(owner); \
            } \
        } while (i != MP_ARRAY_SIZE(eml_code)); \
        return MP_OBJ_FROM_PTR(context); /* which nobody looks at */ \
    }

#define EML_MODULE(module, FUNCTIONS, type_name, METHODS) EML_MODULE_AS(METHODS, FUNCTIONS, )

// A module that has the type as an attribute. Calling that calls `f`, a function like all others, which makes an object.
#define EML_MODULE_WITH_TYPE(module, FUNCTIONS, type_name, METHODS, f, min_args, max_args) \
    EML_MAKE_NEW(f, min_args, max_args) \
    EML_MODULE_AS(METHODS, FUNCTIONS, MP_OBJ_TYPE_SET_SLOT(type, make_new, eml_make_new, 1); \
        mp_store_attr(MP_OBJ_FROM_PTR(context), context->constants.qstr_table[eml_type_place], MP_OBJ_FROM_PTR(type)))

// A module of a few functions and no type: constant objects take less than the code that makes them.
#define EML_FUNCTION(name, f, min_args, max_args) \
    static const mp_obj_fun_builtin_var_t f##_obj = { { &mp_type_fun_builtin_var }, MP_OBJ_FUN_MAKE_SIG(min_args, max_args, false), { .var = f } };
#define EML_STORE(name, f, min_args, max_args) \
    mp_store_attr(MP_OBJ_FROM_PTR(context), context->constants.qstr_table[f##_qstr], MP_OBJ_FROM_PTR(&f##_obj));
#define EML_MODULE_WITHOUT_TYPE(module, FUNCTIONS) \
    FUNCTIONS(EML_FUNCTION) \
    mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) { \
        const mp_module_context_t *context = self->context; \
        FUNCTIONS(EML_STORE) \
        return mp_const_none; \
    }

// A module that has a part in Python, NAME.py, which sees these functions as its own globals.
#define EML_MODULE_WITH_PYTHON EML_MODULE
#define EML_MODULE_WITHOUT_TYPE_WITH_PYTHON EML_MODULE_WITHOUT_TYPE

#else

static const mp_obj_type_t eml_type;
#define EML_TYPE (&eml_type)

#define EML_FUNCTION(name, f, min_args, max_args) static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(f##_obj, min_args, max_args, f);
#define EML_ENTRY(name, f, min_args, max_args) { MP_ROM_QSTR(name), MP_ROM_PTR(&f##_obj) },

#define EML_TYPE_AS(type_name, METHODS, ...) \
    METHODS(EML_FUNCTION) \
    EML_DEL(EML_FUNCTION) \
    static const mp_rom_map_elem_t eml_method_table[] = { METHODS(EML_ENTRY) EML_DEL(EML_ENTRY) }; \
    static MP_DEFINE_CONST_DICT(eml_method_dict, eml_method_table); \
    static MP_DEFINE_CONST_OBJ_TYPE(eml_type, type_name, MP_TYPE_FLAG_NONE, __VA_ARGS__ locals_dict, &eml_method_dict);

#define EML_MODULE_AS(module, FUNCTIONS, ...) \
    FUNCTIONS(EML_FUNCTION) \
    static const mp_rom_map_elem_t eml_global_table[] = { \
        { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_##module) }, FUNCTIONS(EML_ENTRY) __VA_ARGS__ \
    }; \
    static MP_DEFINE_CONST_DICT(eml_globals, eml_global_table); \
    const mp_obj_module_t module##_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&eml_globals }; \
    MP_REGISTER_MODULE(MP_QSTR_##module, module##_module);

#define EML_MODULE(module, FUNCTIONS, type_name, METHODS) \
    EML_TYPE_AS(type_name, METHODS, ) \
    EML_MODULE_AS(module, FUNCTIONS, )
#define EML_MODULE_WITH_PYTHON(module, FUNCTIONS, type_name, METHODS) EML_MODULE(_##module, FUNCTIONS, type_name, METHODS)
#define EML_MODULE_WITH_TYPE(module, FUNCTIONS, type_name, METHODS, f, min_args, max_args) \
    EML_MAKE_NEW(f, min_args, max_args) \
    EML_TYPE_AS(type_name, METHODS, make_new, eml_make_new, ) \
    EML_MODULE_AS(module, FUNCTIONS, { MP_ROM_QSTR(type_name), MP_ROM_PTR(&eml_type) })
#define EML_MODULE_WITHOUT_TYPE(module, FUNCTIONS) EML_MODULE_AS(module, FUNCTIONS, )
#define EML_MODULE_WITHOUT_TYPE_WITH_PYTHON(module, FUNCTIONS) EML_MODULE_AS(_##module, FUNCTIONS, )

#endif

// ---- objects ----

// What is before an object's state: that of a tuple, as which it is allocated, since that raises MemoryError by itself.
typedef struct {
    mp_obj_base_t base;
    size_t exists; // 0 from when it was deleted
} eml_object_t;

// A block of `size` bytes and some more, which may be half of all that can be addressed: then that raises MemoryError.
static inline void *eml_block(size_t size) {
    return MP_OBJ_TO_PTR(mp_obj_new_tuple(size / sizeof(mp_obj_t) + 1, NULL));
}

// The state of a new object, of `size` bytes for the kernel to initialise.
static inline void *eml_new_state(size_t size) {
    eml_object_t *self = eml_block(size);
    self->base.type = (const mp_obj_type_t *)EML_TYPE;
    return self + 1;
}

// A block for a new object whose state is in use already. The collector knows an object by its beginning, which compilers need
// not keep: here they do.
static inline void *eml_block_beside(void *state, size_t size) {
    void *self = (eml_object_t *)state - 1;
    __asm__ volatile("" : "+r"(self));
    void *block = eml_block(size);
    __asm__ volatile("" : : "r"(self));
    return block;
}

// The object that has a state.
static inline mp_obj_t eml_object(void *state) {
    return MP_OBJ_FROM_PTR((eml_object_t *)state - 1);
}

// The state of the object that a method was called on.
static __attribute__((unused)) void *eml_state(mp_obj_t obj) {
    eml_object_t *self = MP_OBJ_TO_PTR(obj);
    if (!mp_obj_is_obj(obj) || self->base.type != (const mp_obj_type_t *)EML_TYPE || self->exists == 0) {
        EML_RAISE(TypeError, "wrong or deleted object");
    }
    return self + 1;
}

static __attribute__((unused)) mp_obj_t eml_del(size_t n_args, const mp_obj_t *args) {
    ((eml_object_t *)eml_state(args[0]) - 1)->exists = 0;
    return mp_const_none;
}

// ---- iteration over any iterable ----

#if MICROPY_ENABLE_DYNRUNTIME
#define eml_call_method(n_args, method) (mp_fun_table.call_method_n_kw((n_args), 0, (method)))
#define eml_getiter(obj, iter) ((void)mp_fun_table.getiter((obj), (iter)))
#define eml_iternext(iter) (mp_fun_table.iternext(iter))
#else
#define eml_call_method(n_args, method) (mp_call_method_n_kw((n_args), 0, (method)))
static inline void eml_getiter(mp_obj_t obj, mp_obj_iter_buf_t *iter) {
    iter->buf[0] = mp_getiter(obj, NULL);
}
static inline mp_obj_t eml_iternext(mp_obj_iter_buf_t *iter) {
    return mp_iternext(iter->buf[0]);
}
#endif

#endif
