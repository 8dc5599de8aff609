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

typedef struct {
    size_t len;
    char text[96];
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
    text.len = 0;
    mp_print_t print = { &text, eml_text_add };
    mp_printf(&print, format, a, b, c);
    mp_raise_type_arg(&mp_type_ValueError, mp_obj_new_str(text.text, text.len));
}

// Raises what a kernel refused; `place` is the line, node or the like that the message speaks of.
static inline void eml_check(eml_Status status, uintptr_t place) {
    if (status != NULL) {
        eml_raise(status, place, 0, 0);
    }
}

// ---- arguments ----

// An integer between min and max.
static __attribute__((noinline)) mp_int_t eml_int(mp_obj_t obj, const char *name, mp_int_t min, mp_int_t max) {
    mp_int_t value = mp_obj_get_int(obj); // TypeError unless it is one; truncates a big one
    if (value < min || value > max || !(mp_obj_is_small_int(obj) || obj == mp_const_false || obj == mp_const_true)) {
        eml_raise("%s: expected %d to %d", (uintptr_t)name, min, max);
    }
    return value;
}

static inline size_t eml_item_size(char typecode) {
    return typecode == 'f' ? sizeof(float) : typecode == 'h' ? sizeof(int16_t) : 1;
}

// The items of a buffer of a typecode, and their number. Flags are MP_BUFFER_READ or MP_BUFFER_RW.
static __attribute__((noinline)) void *eml_array(mp_obj_t obj, const char *name, char typecode, mp_uint_t flags, size_t *len) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(obj, &info, flags);
    size_t item_size = eml_item_size(typecode);
    bool is_bytes = info.typecode == 'B' || info.typecode == BYTEARRAY_TYPECODE;
    if (!(is_bytes ? typecode == 'B' : info.typecode == typecode) || ((uintptr_t)info.buf & (item_size - 1)) != 0) {
        eml_raise("%s: expected array('%c')", (uintptr_t)name, typecode, 0);
    }
    *len = info.len / item_size;
    return info.buf;
}

static void eml_expect_len(const char *name, size_t expected, size_t len) {
    if (len != expected) {
        eml_raise("%s: expected %u, got %u", (uintptr_t)name, expected, len);
    }
}

// The items of a buffer that must have `expected` of them.
static inline void *eml_array_of(mp_obj_t obj, const char *name, char typecode, mp_uint_t flags, size_t expected) {
    size_t len;
    void *items = eml_array(obj, name, typecode, flags, &len);
    eml_expect_len(name, expected, len);
    return items;
}

// Numbers as float32. They pass through memory, since native modules and firmware may differ in the registers of floats.
static inline void eml_float(mp_obj_t obj, float *values, size_t index) {
    mp_binary_set_val_array('f', values, index, obj);
}

static inline mp_obj_t eml_float_obj(float *value) {
    return mp_binary_get_val_array('f', value, 0);
}

// ---- functions, methods and types ----

// A function is mp_obj_t f(size_t n_args, const mp_obj_t *args). A list of them is a macro
//     #define FUNCTIONS(F) F(MP_QSTR_*, function, min_args, max_args) ...

#if MICROPY_ENABLE_DYNRUNTIME

// qstrs are known at load time only: an entry keeps the index into the module's table of them.
typedef struct {
    mp_obj_fun_builtin_var_t function;
    uint16_t qstr;
} eml_entry_t;

#define EML_ENTRY(name, f, min_args, max_args) \
    { { { &mp_type_fun_builtin_var }, MP_OBJ_FUN_MAKE_SIG(min_args, max_args, false), { .var = f } }, &name - mp_native_qstr_table },

// What is filled at load time is not static: mpy_ld places only global variables.
mp_obj_full_type_t eml_type;

#define EML_TYPE(type_name, METHODS) \
    static const eml_entry_t eml_methods[] = { METHODS(EML_ENTRY) EML_ENTRY(MP_QSTR___del__, eml_del, 1, 1) }; \
    mp_map_elem_t eml_method_table[MP_ARRAY_SIZE(eml_methods)]; \
    static MP_DEFINE_CONST_DICT(eml_method_dict, eml_method_table); \
    static inline void eml_type_init(void) { \
        for (size_t i = 0; i < MP_ARRAY_SIZE(eml_methods); i++) { \
            eml_method_table[i].key = MP_OBJ_NEW_QSTR(mp_native_qstr_table[eml_methods[i].qstr]); \
            eml_method_table[i].value = MP_OBJ_FROM_PTR(&eml_methods[i].function); \
        } \
        eml_type.base.type = &mp_type_type; \
        eml_type.name = type_name; \
        MP_OBJ_TYPE_SET_SLOT(&eml_type, locals_dict, (void *)&eml_method_dict, 0); \
    }

#define EML_NO_TYPE static inline void eml_type_init(void) { }

#define EML_MODULE(module, FUNCTIONS) \
    static const eml_entry_t eml_functions[] = { FUNCTIONS(EML_ENTRY) }; \
    mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) { \
        MP_DYNRUNTIME_INIT_ENTRY \
        eml_type_init(); \
        for (size_t i = 0; i < MP_ARRAY_SIZE(eml_functions); i++) { \
            mp_store_global(mp_native_qstr_table[eml_functions[i].qstr], MP_OBJ_FROM_PTR(&eml_functions[i].function)); \
        } \
        MP_DYNRUNTIME_INIT_EXIT \
    }

// A module that has a part in Python, NAME.py, which sees these functions as its own globals.
#define EML_MODULE_WITH_PYTHON(module, FUNCTIONS) EML_MODULE(module, FUNCTIONS)

#else

static const mp_obj_type_t eml_type;

#define EML_FUNCTION(name, f, min_args, max_args) static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(f##_obj, min_args, max_args, f);
#define EML_ENTRY(name, f, min_args, max_args) { MP_ROM_QSTR(name), MP_ROM_PTR(&f##_obj) },

#define EML_TYPE(type_name, METHODS) \
    METHODS(EML_FUNCTION) \
    EML_FUNCTION(, eml_del, 1, 1) \
    static const mp_rom_map_elem_t eml_method_table[] = { METHODS(EML_ENTRY) EML_ENTRY(MP_QSTR___del__, eml_del, 1, 1) }; \
    static MP_DEFINE_CONST_DICT(eml_method_dict, eml_method_table); \
    static MP_DEFINE_CONST_OBJ_TYPE(eml_type, type_name, MP_TYPE_FLAG_NONE, locals_dict, &eml_method_dict);

#define EML_NO_TYPE

#define EML_MODULE_AS(module, FUNCTIONS) \
    FUNCTIONS(EML_FUNCTION) \
    static const mp_rom_map_elem_t eml_global_table[] = { \
        { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_##module) }, FUNCTIONS(EML_ENTRY) \
    }; \
    static MP_DEFINE_CONST_DICT(eml_globals, eml_global_table); \
    const mp_obj_module_t module##_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&eml_globals }; \
    MP_REGISTER_MODULE(MP_QSTR_##module, module##_module);

#define EML_MODULE(module, FUNCTIONS) EML_MODULE_AS(module, FUNCTIONS)
#define EML_MODULE_WITH_PYTHON(module, FUNCTIONS) EML_MODULE_AS(_##module, FUNCTIONS)

#endif

// ---- objects ----

// A new object whose state has `size` bytes, for the kernel to initialise.
static inline eml_object_t *eml_object(size_t size) {
    void *state = m_new(byte, size);
    eml_object_t *self = mp_obj_malloc(eml_object_t, (const mp_obj_type_t *)&eml_type);
    self->state = state;
    return self;
}

// The object that a method was called on.
static __attribute__((noinline)) eml_object_t *eml_self(mp_obj_t obj) {
    if (mp_obj_get_type(obj) != (const mp_obj_type_t *)&eml_type) {
        mp_raise_TypeError(MP_ERROR_TEXT("wrong type of object"));
    }
    eml_object_t *self = MP_OBJ_TO_PTR(obj);
    if (self->state == NULL) {
        eml_raise("object is deleted", 0, 0, 0);
    }
    return self;
}

static __attribute__((unused)) mp_obj_t eml_del(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
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
