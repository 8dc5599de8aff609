// What the glue of every module is made of. A module lists its functions and methods once; here they become a native
// module (tables filled when it is loaded) or a built-in one (constant tables). This is the only file that knows which.
//
// A module has one object type at most: a block of memory, the state, that belongs to a kernel. The block is NULL from
// when the object was deleted. Both lie on MicroPython's heap, which frees them.

#ifndef EMLEARN_GLUE_H
#define EMLEARN_GLUE_H

#if MICROPY_ENABLE_DYNRUNTIME
#include "py/dynruntime.h"
#else
#include "py/binary.h"
#include "py/runtime.h"
#endif

#include <string.h>

#include "emlearn.h"

typedef struct {
    mp_obj_base_t base;
    void *state;
} eml_object_t;

// ---- exceptions ----

#if MICROPY_ENABLE_DYNRUNTIME

static __attribute__((noreturn, noinline)) void eml_raise_type(qstr type, const char *message) {
    mp_fun_table.raise_msg(mp_load_global(type), message);
    __builtin_unreachable();
}

#define EML_RAISE(type, message) eml_raise_type(MP_QSTR_##type, message)
#define EML_RAISE_STATUS(status) eml_raise_type(MP_QSTR_ValueError, status)

typedef struct {
    mp_print_t print;
    size_t len;
    char text[104];
} eml_text_t;

static void eml_text_add(void *data, const char *str, size_t len) {
    eml_text_t *text = data;
    while (len-- && text->len < sizeof(text->text)) {
        text->text[text->len++] = *str++;
    }
}

// Raises a ValueError; the format takes up to three words.
static __attribute__((noreturn, noinline)) void eml_raise(const char *format, uintptr_t a, uintptr_t b, uintptr_t c) {
    eml_text_t text;
    text.print.data = &text;
    text.print.print_strn = eml_text_add;
    text.len = 0;
    mp_printf(&text.print, format, a, b, c);
    // The exception refers to its message: a copy on the heap, which ends in a zero.
    mp_obj_str_t *message = MP_OBJ_TO_PTR(mp_obj_new_bytes((const byte *)text.text, text.len));
    EML_RAISE(ValueError, (const char *)message->data);
}

#else

#define EML_RAISE(type, message) mp_raise_msg(&mp_type_##type, MP_ERROR_TEXT(message))
#define EML_RAISE_STATUS(status) mp_raise_ValueError((mp_rom_error_text_t)(status))

static inline __attribute__((noreturn)) void eml_raise(const char *format, uintptr_t a, uintptr_t b, uintptr_t c) {
    mp_raise_msg_varg(&mp_type_ValueError, (mp_rom_error_text_t)format, a, b, c);
}

#endif

// Raises what a kernel refused, or returns None; `place` is the line, index or the like that the message speaks of.
static __attribute__((noinline, unused)) mp_obj_t eml_check(eml_Status status, uintptr_t place) {
    if (status != NULL) {
        eml_raise(status, place, 0, 0);
    }
    return mp_const_none;
}

// The same for messages that speak of no place, in less code.
static __attribute__((noinline, unused)) mp_obj_t eml_check_plain(eml_Status status) {
    if (status != NULL) {
        EML_RAISE_STATUS(status);
    }
    return mp_const_none;
}

// ---- memory ----

#if MICROPY_ENABLE_DYNRUNTIME

// Makes m_malloc and all that is built on it one call of one function.
static __attribute__((noinline, unused)) void *eml_realloc(void *block, size_t size) {
    block = mp_fun_table.realloc_(block, size, true);
    if (block == NULL) {
        EML_RAISE(MemoryError, "out of memory");
    }
    return block;
}

#undef m_malloc
#define m_malloc(size) eml_realloc(NULL, size)
#undef m_realloc
#define m_realloc(block, size) eml_realloc(block, size)

#endif

// ---- arguments ----

// An integer between min and max.
static __attribute__((noinline, unused)) mp_int_t eml_int(mp_obj_t obj, const char *name, mp_int_t min, mp_int_t max) {
    mp_int_t value = mp_obj_get_int_truncated(obj); // TypeError unless it is one
    if (value < min || value > max || !(mp_obj_is_small_int(obj) || obj == mp_const_false || obj == mp_const_true)) {
        eml_raise("%s: expected %d to %d", (uintptr_t)name, min, max);
    }
    return value;
}

// Flags of a buffer argument are MP_BUFFER_READ or MP_BUFFER_RW, and whether any bytes will do that hold such items.
#define EML_OR_BYTES 8

// What an array must be, in one word: the typecode, log2 of an item's size, the size less 1, the flags.
#define EML_ITEM_BITS(typecode) ((typecode) == 'f' ? 0x3200 : (typecode) == 'h' ? 0x1100 : 0)
#define EML_ARRAY(typecode, flags) \
    ((typecode) | EML_ITEM_BITS(typecode) | ((flags) | ((typecode) == 'B' ? EML_OR_BYTES : 0) | MP_BUFFER_RAISE_IF_UNSUPPORTED) << 16)

// The items of a buffer and their number, or NULL if it is of another type or misaligned.
static void *eml_array_items(mp_obj_t obj, uint32_t array, size_t *len) {
    mp_buffer_info_t info;
    mp_get_buffer(obj, &info, array >> 16);
    byte found = info.typecode;
    bool is_bytes = found == 'B' || found == BYTEARRAY_TYPECODE;
    if ((found != (byte)array && !(is_bytes && array & EML_OR_BYTES << 16)) || ((uintptr_t)info.buf | info.len) & (array >> 12 & 3)) {
        return NULL;
    }
    *len = info.len >> (array >> 8 & 3);
    return info.buf != NULL ? info.buf : obj; // That of an empty array is NULL, but kernels are promised a pointer.
}

static __attribute__((noinline, unused)) void *eml_array_any(mp_obj_t obj, const char *name, uint32_t array, size_t *len) {
    void *items = eml_array_items(obj, array, len);
    if (items == NULL) {
        eml_raise("%s: expected array('%c')", (uintptr_t)name, (byte)array, 0);
    }
    return items;
}

static __attribute__((noinline, unused)) void *eml_array_exactly(mp_obj_t obj, const char *name, uint32_t array, size_t expected) {
    size_t len;
    void *items = eml_array_items(obj, array, &len);
    if (items == NULL || len != expected) {
        eml_raise("%s: expected array('%c') of %u", (uintptr_t)name, (byte)array, expected);
    }
    return items;
}

// The items of a buffer, and their number.
#define eml_array(obj, name, typecode, flags, len) eml_array_any(obj, name, EML_ARRAY(typecode, flags), len)

// The items of a buffer that must have `expected` of them.
#define eml_array_of(obj, name, typecode, flags, expected) eml_array_exactly(obj, name, EML_ARRAY(typecode, flags), expected)

// Refuses two arrays of which a kernel writes one or both, where they share memory.
static __attribute__((unused)) void eml_no_overlap(const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
    if ((uintptr_t)b < (uintptr_t)a + a_bytes && (uintptr_t)a < (uintptr_t)b + b_bytes) {
        EML_RAISE(ValueError, "arrays overlap");
    }
}

static inline void eml_expect_len(const char *name, size_t expected, size_t len) {
    if (len != expected) {
        eml_raise("%s: expected %u, got %u", (uintptr_t)name, expected, len);
    }
}

// Numbers as float32. An object's __float__ may do anything: what a state or array points to is fetched afterwards. They pass through memory, since native modules and firmware may differ in the registers of floats.
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

// qstrs are known at load time only, except for MicroPython's oldest. mpy_ld defines those as numbers, and others as
// (mp_native_qstr_table[INDEX]). From here on the table is a string whose characters are indices, out of the numbers' way,
// so that either is a constant; eml_qstr has the qstr.
#define EML_FIRST_INDEX 0300
static inline qstr eml_qstr(uint8_t constant) {
    return constant < EML_FIRST_INDEX ? constant : mp_native_qstr_table[constant - EML_FIRST_INDEX];
}
#define mp_native_qstr_table "\300\301\302\303\304\305\306\307\310\311\312\313\314\315\316\317\320\321\322\323\324\325\326\327"

typedef struct {
    uint8_t qstr;
    uint8_t min_args;
    uint8_t max_args;
} eml_entry_t;

#define EML_NO_MORE(F)
#define EML_COUNT(name, f, min_args, max_args) + 1
#define EML_CODE(name, f, min_args, max_args) f,
#define EML_ENTRY(name, f, min_args, max_args) { (uint8_t)name, min_args, max_args },

// Pointers are apart from the rest, so that they are relocated as one run.
#define EML_TABLE(table, LIST, MORE) \
    static const struct { \
        mp_fun_var_t code[0 LIST(EML_COUNT) MORE(EML_COUNT)]; \
        eml_entry_t entries[0 LIST(EML_COUNT) MORE(EML_COUNT)]; \
    } table = { { LIST(EML_CODE) MORE(EML_CODE) }, { LIST(EML_ENTRY) MORE(EML_ENTRY) } };

// Makes functions attributes of a module or type.
static __attribute__((noinline)) void eml_store(mp_obj_t owner, const mp_fun_var_t *code, size_t n) {
    const eml_entry_t *entry = (const eml_entry_t *)(code + n);
    do {
        mp_obj_fun_builtin_var_t *function = m_malloc(sizeof(*function));
        function->base.type = mp_fun_table.type_fun_builtin_var;
        function->sig = MP_OBJ_FUN_MAKE_SIG(entry->min_args, entry->max_args, false);
        function->fun.var = *code++;
        mp_store_attr(owner, eml_qstr(entry->qstr), MP_OBJ_FROM_PTR(function));
        entry++;
    } while (--n != 0);
}

// What is filled at load time is not static: mpy_ld places only global variables.
mp_obj_full_type_t eml_type;

#define EML_TYPE(type_name, METHODS) EML_TYPE_AS(type_name, METHODS, (void)0)
#define EML_TYPE_AS(type_name, METHODS, MORE) \
    EML_TABLE(eml_methods, METHODS, EML_DEL) \
    static inline void eml_type_init(void) { \
        eml_type.base.type = &mp_type_type; \
        eml_type.name = eml_qstr(type_name); \
        MP_OBJ_TYPE_SET_SLOT(&eml_type, locals_dict, MP_OBJ_TO_PTR(mp_obj_new_dict(0)), 0); \
        eml_store(MP_OBJ_FROM_PTR(&eml_type), eml_methods.code, MP_ARRAY_SIZE(eml_methods.code)); \
        MORE; \
    }

// A type that the module has as an attribute. Calling it calls `f`, a function like all others, which makes an object.
#define EML_TYPE_NEW(type_name, METHODS, f, min_args, max_args) \
    EML_MAKE_NEW(f, min_args, max_args) \
    EML_TYPE_AS(type_name, METHODS, MP_OBJ_TYPE_SET_SLOT(&eml_type, make_new, eml_make_new, 1); \
        mp_store_global(eml_qstr(type_name), MP_OBJ_FROM_PTR(&eml_type)))

#define EML_NO_TYPE static inline void eml_type_init(void) { }

#define EML_MODULE(module, FUNCTIONS) \
    EML_TABLE(eml_functions, FUNCTIONS, EML_NO_MORE) \
    mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) { \
        eml_type_init(); \
        eml_store(MP_OBJ_FROM_PTR(self->context), eml_functions.code, MP_ARRAY_SIZE(eml_functions.code)); \
        return mp_const_none; \
    }

// A module of a few functions and no type: constant objects take less than the code that makes them.
#define EML_FUNCTION(name, f, min_args, max_args) \
    static const mp_obj_fun_builtin_var_t f##_obj = { { &mp_type_fun_builtin_var }, MP_OBJ_FUN_MAKE_SIG(min_args, max_args, false), { .var = f } };
#define EML_STORE(name, f, min_args, max_args) \
    mp_store_attr(MP_OBJ_FROM_PTR(self->context), eml_qstr(name), MP_OBJ_FROM_PTR(&f##_obj));
#define EML_MODULE_WITHOUT_TYPE(module, FUNCTIONS) \
    FUNCTIONS(EML_FUNCTION) \
    mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) { \
        FUNCTIONS(EML_STORE) \
        return mp_const_none; \
    }

// A module that has a part in Python, NAME.py, which sees these functions as its own globals.
#define EML_MODULE_WITH_PYTHON(module, FUNCTIONS) EML_MODULE(module, FUNCTIONS)
#define EML_MODULE_WITHOUT_TYPE_WITH_PYTHON(module, FUNCTIONS) EML_MODULE_WITHOUT_TYPE(module, FUNCTIONS)

// A module whose type was made by EML_TYPE_NEW.
#define EML_MODULE_WITH_TYPE(module, type_name, FUNCTIONS) EML_MODULE(module, FUNCTIONS)

#else

static const mp_obj_type_t eml_type;

#define EML_FUNCTION(name, f, min_args, max_args) static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(f##_obj, min_args, max_args, f);
#define EML_ENTRY(name, f, min_args, max_args) { MP_ROM_QSTR(name), MP_ROM_PTR(&f##_obj) },

#define EML_TYPE(type_name, METHODS) EML_TYPE_AS(type_name, METHODS, )
#define EML_TYPE_AS(type_name, METHODS, ...) \
    METHODS(EML_FUNCTION) \
    EML_DEL(EML_FUNCTION) \
    static const mp_rom_map_elem_t eml_method_table[] = { METHODS(EML_ENTRY) EML_DEL(EML_ENTRY) }; \
    static MP_DEFINE_CONST_DICT(eml_method_dict, eml_method_table); \
    static MP_DEFINE_CONST_OBJ_TYPE(eml_type, type_name, MP_TYPE_FLAG_NONE, __VA_ARGS__ locals_dict, &eml_method_dict);

#define EML_TYPE_NEW(type_name, METHODS, f, min_args, max_args) \
    EML_MAKE_NEW(f, min_args, max_args) \
    EML_TYPE_AS(type_name, METHODS, make_new, eml_make_new, )

#define EML_NO_TYPE

#define EML_MODULE_AS(module, FUNCTIONS, ...) \
    FUNCTIONS(EML_FUNCTION) \
    static const mp_rom_map_elem_t eml_global_table[] = { \
        { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_##module) }, FUNCTIONS(EML_ENTRY) __VA_ARGS__ \
    }; \
    static MP_DEFINE_CONST_DICT(eml_globals, eml_global_table); \
    const mp_obj_module_t module##_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&eml_globals }; \
    MP_REGISTER_MODULE(MP_QSTR_##module, module##_module);

#define EML_MODULE(module, FUNCTIONS) EML_MODULE_AS(module, FUNCTIONS, )
#define EML_MODULE_WITH_PYTHON(module, FUNCTIONS) EML_MODULE_AS(_##module, FUNCTIONS, )
#define EML_MODULE_WITH_TYPE(module, type_name, FUNCTIONS) \
    EML_MODULE_AS(module, FUNCTIONS, { MP_ROM_QSTR(type_name), MP_ROM_PTR(&eml_type) })
#define EML_MODULE_WITHOUT_TYPE EML_MODULE
#define EML_MODULE_WITHOUT_TYPE_WITH_PYTHON EML_MODULE_WITH_PYTHON

#endif

// ---- objects ----

// A new object whose state has `size` bytes, for the kernel to initialise.
static inline eml_object_t *eml_object(size_t size) {
    void *state = m_malloc(size);
    eml_object_t *self = m_malloc(sizeof(*self));
    self->base.type = (const mp_obj_type_t *)&eml_type;
    self->state = state;
    return self;
}

// The object that a method was called on.
static __attribute__((noinline, unused)) eml_object_t *eml_self(mp_obj_t obj) {
    eml_object_t *self = MP_OBJ_TO_PTR(obj);
    if (!mp_obj_is_obj(obj) || self->base.type != (const mp_obj_type_t *)&eml_type || self->state == NULL) {
        EML_RAISE(TypeError, "wrong or deleted object");
    }
    return self;
}

static __attribute__((unused)) mp_obj_t eml_del(size_t n_args, const mp_obj_t *args) {
    eml_self(args[0])->state = NULL;
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
