// Files of the host: open(), sys.stdin, stdout and stderr, and what import needs.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "linux.h"
#include "py/builtin.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"

// ---- what MicroPython's reader for scripts and .mpy files calls ----

static int error_number;

int *__errno(void) {
    return &error_number;
}

static long result(long value) {
    if (value < 0) {
        error_number = -value;
        return -1;
    }
    return value;
}

int open(const char *path, int flags, ...) {
    return result(system_call(SYS_OPEN, (long)path, flags, 0666, 0));
}

int close(int fd) {
    return result(system_call(SYS_CLOSE, fd, 0, 0, 0));
}

_ssize_t read(int fd, void *buffer, size_t size) {
    return result(system_call(SYS_READ, fd, (long)buffer, size, 0));
}

mp_import_stat_t mp_import_stat(const char *path) {
    int fd = open(path, LINUX_O_RDONLY);
    if (fd < 0) {
        return MP_IMPORT_STAT_NO_EXIST;
    }
    char c;
    bool is_file = read(fd, &c, 1) >= 0;
    close(fd);
    return is_file ? MP_IMPORT_STAT_FILE : MP_IMPORT_STAT_DIR;
}

// ---- file objects ----

typedef struct {
    mp_obj_base_t base;
    int fd; // negative when closed
} file_t;

static mp_uint_t stream_result(long value, int *error) {
    if (value < 0) {
        *error = -value;
        return MP_STREAM_ERROR;
    }
    return value;
}

static mp_uint_t file_read(mp_obj_t self, void *buffer, mp_uint_t size, int *error) {
    return stream_result(system_call(SYS_READ, ((file_t *)MP_OBJ_TO_PTR(self))->fd, (long)buffer, size, 0), error);
}

static mp_uint_t file_write(mp_obj_t self, const void *buffer, mp_uint_t size, int *error) {
    return stream_result(system_call(SYS_WRITE, ((file_t *)MP_OBJ_TO_PTR(self))->fd, (long)buffer, size, 0), error);
}

static mp_uint_t file_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error) {
    file_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_STREAM_FLUSH:
            return 0;
        case MP_STREAM_SEEK: {
            struct mp_stream_seek_t *seek = (void *)arg;
            long offset = system_call(SYS_LSEEK, self->fd, seek->offset, seek->whence, 0);
            if (offset >= 0) {
                seek->offset = offset;
                return 0;
            }
            return stream_result(offset, error);
        }
        case MP_STREAM_CLOSE:
            if (self->fd >= 0) {
                system_call(SYS_CLOSE, self->fd, 0, 0, 0);
                self->fd = -1;
            }
            return 0;
        default:
            *error = MP_EINVAL;
            return MP_STREAM_ERROR;
    }
}

static const mp_rom_map_elem_t file_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&mp_stream_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&mp_stream_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_readline), MP_ROM_PTR(&mp_stream_unbuffered_readline_obj) },
    { MP_ROM_QSTR(MP_QSTR_readlines), MP_ROM_PTR(&mp_stream_unbuffered_readlines_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&mp_stream_flush_obj) },
    { MP_ROM_QSTR(MP_QSTR_seek), MP_ROM_PTR(&mp_stream_seek_obj) },
    { MP_ROM_QSTR(MP_QSTR_tell), MP_ROM_PTR(&mp_stream_tell_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj) },
    { MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&mp_stream___exit___obj) },
};
static MP_DEFINE_CONST_DICT(file_locals, file_locals_table);

static const mp_stream_p_t binary_protocol = { .read = file_read, .write = file_write, .ioctl = file_ioctl };
static const mp_stream_p_t text_protocol = { .read = file_read, .write = file_write, .ioctl = file_ioctl, .is_text = true };

static MP_DEFINE_CONST_OBJ_TYPE(binary_type, MP_QSTR_FileIO, MP_TYPE_FLAG_ITER_IS_STREAM,
    protocol, &binary_protocol, locals_dict, &file_locals);
static MP_DEFINE_CONST_OBJ_TYPE(text_type, MP_QSTR_TextIOWrapper, MP_TYPE_FLAG_ITER_IS_STREAM,
    protocol, &text_protocol, locals_dict, &file_locals);

const file_t mp_sys_stdin_obj = { { &text_type }, 0 };
const file_t mp_sys_stdout_obj = { { &text_type }, 1 };
const file_t mp_sys_stderr_obj = { { &text_type }, 2 };

static mp_obj_t file_open(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    (void)kwargs;
    const char *mode = n_args > 1 ? mp_obj_str_get_str(args[1]) : "r";
    int flags = strchr(mode, 'w') ? LINUX_O_WRONLY | LINUX_O_CREAT | LINUX_O_TRUNC
        : strchr(mode, 'a') ? LINUX_O_WRONLY | LINUX_O_CREAT | LINUX_O_APPEND : LINUX_O_RDONLY;
    if (strchr(mode, '+')) {
        flags = (flags & ~LINUX_O_WRONLY) | LINUX_O_RDWR;
    }
    int fd = open(mp_obj_str_get_str(args[0]), flags);
    if (fd < 0) {
        mp_raise_OSError_with_filename(error_number, mp_obj_str_get_str(args[0]));
    }
    file_t *file = mp_obj_malloc(file_t, strchr(mode, 'b') ? &binary_type : &text_type);
    file->fd = fd;
    return MP_OBJ_FROM_PTR(file);
}
MP_DEFINE_CONST_FUN_OBJ_KW(mp_builtin_open_obj, 1, file_open);
