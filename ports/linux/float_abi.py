"""Checks that objects agree on how floats are passed and computed: linkers mix what does not fit, with a warning at most.

    float_abi.py LIBRARY.a OBJECTS...

compares each member of the library and each object, or each in a folder, with the first.
"""

import io
import pathlib
import sys

import ar
from elftools.elf.elffile import ELFFile

# Masks of e_flags. MIPS: ABI and kind of NaN; RISC-V: float registers.
FLAGS = {"EM_MIPS": 0xF400, "EM_RISCV": 0x0006}


def float_abi(file):
    """What an object says of its float ABI, and of its processor, of which some have only one."""
    elf = ELFFile(file)
    machine = elf["e_machine"]
    said = {"processor": f"{machine}, {elf.elfclass} bits, {'little' if elf.little_endian else 'big'}-endian"}
    if machine in FLAGS:
        said["flags"] = f"{elf['e_flags'] & FLAGS[machine]:#x}"
    if machine == "EM_MIPS":
        said["FP ABI"] = elf.get_section_by_name(".MIPS.abiflags").data()[7]  # 1: hard, 3: soft
    if machine == "EM_ARM":
        attributes = elf.get_section_by_name(".ARM.attributes").iter_subsections()
        tags = {a.tag: a.value for subsection in attributes for part in subsection.iter_subsubsections() for a in part.iter_attributes()}
        said["floats in FPU registers"] = tags.get("TAG_ABI_VFP_ARGS", 0)
    return said


def objects(paths):
    """Name and content of each object."""
    for path in map(pathlib.Path, paths):
        if path.suffix == ".a":
            with open(path, "rb") as file, ar.Archive(file) as archive:
                for member in archive:
                    yield f"{path}({member.name})", archive.open(member, "rb").read()
        else:
            for path in sorted(path.rglob("*.o")) if path.is_dir() else [path]:
                yield str(path), path.read_bytes()


def main(*paths):
    first = None
    for name, content in objects(paths):
        said = float_abi(io.BytesIO(content))
        first = first or (name, said)
        if said != first[1]:
            sys.exit(f"float ABIs differ:\n  {first[0]}: {first[1]}\n  {name}: {said}")


if __name__ == "__main__":
    main(*sys.argv[1:])
