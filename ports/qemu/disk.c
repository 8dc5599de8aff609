// Memory for a file system, which outlives a soft reset.

#include "py/objarray.h"
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"
#include "board.h"

#ifndef DISK_SIZE
#define DISK_SIZE (512 * 1024)
#endif

static uint8_t disk[DISK_SIZE];

static mp_obj_t board_disk(void) {
    return mp_obj_new_bytearray_by_ref(sizeof(disk), disk);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_disk_obj, board_disk);

static const mp_rom_map_elem_t board_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__board) },
    { MP_ROM_QSTR(MP_QSTR_disk), MP_ROM_PTR(&board_disk_obj) },
};
static MP_DEFINE_CONST_DICT(board_globals, board_globals_table);

const mp_obj_module_t board_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&board_globals };
MP_REGISTER_MODULE(MP_QSTR__board, board_module);

void board_boot(void) {
    pyexec_frozen_module("_boot.py", false);
}
