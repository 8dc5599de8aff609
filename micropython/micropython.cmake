# All modules as user C modules of a CMake-based port: USER_C_MODULES points at this file, EMLEARN_TARGET names the Rust target,
# which follows from the chip on ESP-IDF. `make kernels TARGET=...` builds what is needed.
get_filename_component(EMLEARN_DIR ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
if(NOT EMLEARN_BUILD)
    set(EMLEARN_BUILD ${EMLEARN_DIR}/build)
endif()

if(NOT EMLEARN_TARGET AND IDF_TARGET)
    set(EMLEARN_TARGET riscv32imc-unknown-none-elf)
    if(IDF_TARGET MATCHES "^esp32(s3)?$")
        set(EMLEARN_TARGET xtensa-esp32-none-elf)
    elseif(IDF_TARGET STREQUAL esp32s2)
        set(EMLEARN_TARGET xtensa-esp32s2-none-elf)
    endif()
endif()

set(EMLEARN_LIB ${EMLEARN_BUILD}/lib/${EMLEARN_TARGET}/libemlearn.a)
if(NOT EXISTS ${EMLEARN_LIB})
    message(FATAL_ERROR "${EMLEARN_LIB} is missing: make -C ${EMLEARN_DIR} kernels TARGET=${EMLEARN_TARGET}")
endif()

# The list of modules is that of the Makefiles.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/modules.mk EMLEARN_MODULES REGEX "^EMLEARN_MODULES :=")
string(REGEX REPLACE "^EMLEARN_MODULES := *" "" EMLEARN_MODULES "${EMLEARN_MODULES}")
separate_arguments(EMLEARN_MODULES)
list(TRANSFORM EMLEARN_MODULES REPLACE "(.+)" "${EMLEARN_DIR}/mpy_modules/emlearn_\\1/emlearn_\\1.c" OUTPUT_VARIABLE EMLEARN_SOURCES)

# No module uses all of glue.h.
set_source_files_properties(${EMLEARN_SOURCES} PROPERTIES COMPILE_OPTIONS -Wno-unused-function)

add_library(usermod_emlearn INTERFACE)
target_sources(usermod_emlearn INTERFACE ${EMLEARN_SOURCES})
target_include_directories(usermod_emlearn INTERFACE ${CMAKE_CURRENT_LIST_DIR} ${EMLEARN_BUILD}/include)
target_link_libraries(usermod_emlearn INTERFACE ${EMLEARN_LIB})
target_link_libraries(usermod INTERFACE usermod_emlearn)
