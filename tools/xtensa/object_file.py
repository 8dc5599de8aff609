"""An object file with calls resolved, made as mpy_ld reads it, and checked for what must not be in a native module."""

import struct
import sys

from elftools.elf.elffile import ELFFile

R_XTENSA_NONE = 0
R_XTENSA_32 = 1
R_XTENSA_SLOT0_OP = 20
RELA_SIZE = 12
RELA_INFO = 4
RELA_ADDEND = 8
CALL8 = 0x25  # the low six bits of the instruction
SECTIONS = (".text", ".literal", ".data.rel.ro", ".bss")


def resolve_calls(path, keep):
    """Fills in the offset of each `call8`, which neither the assembler nor the linkers do.

    Their relocations stay if `keep` (mpy_ld passes over them, but knows no empty relocation), or become empty.
    """
    with open(path, "rb") as file:
        data = bytearray(file.read())
        elf = ELFFile(file)
        symbols = elf.get_section_by_name(".symtab")
        relocations, text = elf.get_section_by_name(".rela.text"), elf.get_section_by_name(".text")
        for i, relocation in enumerate(relocations.iter_relocations()):
            at, address = text["sh_offset"] + relocation["r_offset"], relocation["r_offset"]
            if relocation["r_info_type"] != R_XTENSA_SLOT0_OP or data[at] & 0x3F != CALL8:
                continue
            symbol = symbols.get_symbol(relocation["r_info_sym"])
            if symbol["st_shndx"] == "SHN_UNDEF" or relocation["r_addend"] or symbol["st_value"] % 4:
                sys.exit(f"{path}: call8 of {symbol.name}")
            words = (symbol["st_value"] - (address & ~3)) // 4 - 1
            if not -0x20000 <= words < 0x20000:
                sys.exit(f"{path}: {symbol.name} is too far away for call8")
            data[at : at + 3] = (CALL8 | (words & 0x3FFFF) << 6).to_bytes(3, "little")
            if not keep:
                struct.pack_into("<I", data, relocations["sh_offset"] + i * RELA_SIZE + RELA_INFO, R_XTENSA_NONE)
    with open(path, "wb") as file:
        file.write(data)


def place_addends(path):
    """Puts addends where mpy_ld looks for them."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
        elf = ELFFile(file)
        symbols = elf.get_section_by_name(".symtab")
        for relocations in elf.iter_sections("SHT_RELA"):
            section = elf.get_section(relocations["sh_info"])
            if section.name not in SECTIONS:
                continue
            for i, relocation in enumerate(relocations.iter_relocations()):
                at = section["sh_offset"] + relocation["r_offset"]
                kind, addend = relocation["r_info_type"], relocation["r_addend"]
                symbol = symbols.get_symbol(relocation["r_info_sym"])
                if kind == R_XTENSA_SLOT0_OP and section.name == ".text" and data[at] & 0xF == 1:
                    # An L32R: mpy_ld adds to the operand, where LLVM leaves what should not count.
                    data[at + 1 : at + 3] = b"\0\0"
                elif kind == R_XTENSA_32 and section.name == ".literal" and addend:
                    # mpy_ld wants a section's addend in the literal, and takes mp_fun_table plus an addend for the function there.
                    if symbol["st_info"]["type"] != "STT_SECTION":
                        sys.exit(f"{path}: mpy_ld has no literal {symbol.name} + {addend}")
                    struct.pack_into("<I", data, at, addend & 0xFFFFFFFF)
                    struct.pack_into("<i", data, relocations["sh_offset"] + i * RELA_SIZE + RELA_ADDEND, 0)
                elif kind != R_XTENSA_32 and not (kind == R_XTENSA_SLOT0_OP and section.name == ".text" and data[at] & 0x3F == CALL8):
                    sys.exit(f"{path}: {section.name}+{relocation['r_offset']:#x}: relocation {kind} against {symbol.name}")
    with open(path, "wb") as file:
        file.write(data)


def check(path):
    """A module has no writable data, and no pointer into its code but to functions: instruction memory allows 32-bit access only."""
    with open(path, "rb") as file:
        elf = ELFFile(file)
        symbols = elf.get_section_by_name(".symtab")
        text = elf.get_section_by_name(".text")
        index = [s.name for s in elf.iter_sections()].index(".text")
        functions = set()
        for symbol in symbols.iter_symbols():
            if symbol["st_shndx"] == index and symbol["st_info"]["type"] == "STT_FUNC":
                functions.add(symbol["st_value"])
            if symbol["st_shndx"] == index and symbol["st_info"]["type"] == "STT_OBJECT":
                sys.exit(f"{path}: data among instructions: {symbol.name}")
        for section in elf.iter_sections():
            if section.name.startswith((".data", ".literal", ".text", ".bss", ".rodata")) and section["sh_size"]:
                if section.name not in SECTIONS:
                    sys.exit(f"{path}: unexpected section {section.name}")
        for relocations in elf.iter_sections("SHT_RELA"):
            section = elf.get_section(relocations["sh_info"])
            if section.name not in (".literal", ".data.rel.ro"):
                continue
            for relocation in relocations.iter_relocations():
                symbol = symbols.get_symbol(relocation["r_info_sym"])
                if symbol["st_shndx"] != index:
                    continue
                (existing,) = struct.unpack_from("<I", section.data(), relocation["r_offset"])
                target = symbol["st_value"] + relocation["r_addend"] + existing
                jump_table = section.name == ".data.rel.ro" and symbol["st_info"]["type"] == "STT_SECTION"
                if target not in functions and not jump_table:
                    sys.exit(f"{path}: {section.name} points into .text at {target:#x}, where no function starts")
        literals = elf.get_section_by_name(".literal")
        if text["sh_size"] + (literals["sh_size"] if literals else 0) > 0x3FFFC:
            sys.exit(f"{path}: code is too large for L32R to reach its literals")
