"""Links LLVM bitcode of Rust and C into one Xtensa object, for mpy_ld (a native module) or GNU ld (a program).

Debian's Rust and clang have the Xtensa backend of LLVM proper, which is younger than Espressif's. What it can't do yet is worked
around in ir.py (selection), assembly.py (literals, calls, short instructions), object_file.py (calls, what mpy_ld expects) and
include/stdarg.h (variadic functions). Structures by value differ between clang and Rust: pass scalars and pointers.
"""

import argparse
import pathlib
import tempfile

import assembly
import ir
import llvm
import object_file

# Functions in assembly that use the FPU as LLVM can't, each in a file of its name.
HARD = pathlib.Path(__file__).parent / "hard"


def agree(inputs, folder):
    """The inputs, with functions of the C ABI in Rust made to take what C passes."""
    rust = [path for path in inputs if path.stem == "emlearn"]
    declared = {}
    for path in inputs:
        if path.stem.endswith(".glue"):
            declared |= ir.signatures(llvm.run("llvm-dis", path, "-o", "-"), "declare")
    for path in rust:
        (folder / "emlearn.ll").write_text(ir.take_by_value(llvm.run("llvm-dis", path, "-o", "-"), declared))
    return [folder / "emlearn.ll" if path in rust else path for path in inputs]


def link(inputs, roots, floats, without, output, folder):
    own = {path.stem: path.read_text() for path in inputs if path.suffix == ".s"}
    inputs = [path for path in inputs if path.suffix != ".s"]
    inputs = agree(inputs, folder)
    linked, reduced = folder / "linked.bc", folder / "reduced.bc"
    llvm.run("llvm-link", *inputs, "-o", linked)
    offered = llvm.symbols(linked, "--defined-only", "--extern-only")
    roots = set(roots)
    while True:
        llvm.run(
            "opt", "-passes=internalize,globaldce,default<Oz>,globaldce", f"-internalize-public-api-list={','.join(sorted(roots))}",
            linked, "-o", reduced,
        )
        source = output.with_suffix(".s")
        source.write_text(assembly.arrange(ir.compile(reduced, floats, without), own.keys()) + "".join(own.values()))
        # The assembler knows every instruction, whatever the compiler may use.
        llvm.run("llvm-mc", "-triple=xtensa", "-mcpu=esp32", "-filetype=obj", source, "-o", output)
        # The backend calls functions that no bitcode mentions (memcpy, arithmetic): they become roots, or are had in assembly.
        undefined = llvm.symbols(output, "--undefined-only")
        better = {path.stem: path.read_text() for path in HARD.glob("*.s") if path.stem in undefined} if floats == "hard" else {}
        called = undefined & offered - better.keys()
        if not better and called <= roots:
            return
        own |= better
        roots |= called


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--form", choices=["module", "program"], required=True)
    parser.add_argument("--float", choices=["hard", "soft"], required=True)
    parser.add_argument("--without", action="append", default=[], help="a feature of the processor that is not to be used")
    parser.add_argument("--root", action="append", required=True, help="a function to keep, with what it needs")
    parser.add_argument("-o", type=pathlib.Path, required=True, help="the object file; the assembly is put beside it")
    parser.add_argument("inputs", nargs="+", type=pathlib.Path, help="bitcode, or assembly (.s) to go with it")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        link(args.inputs, args.root, args.float, args.without, args.o, pathlib.Path(folder))
    object_file.resolve_calls(args.o, keep=args.form == "module")
    if args.form == "module":
        object_file.place_addends(args.o)
        object_file.check(args.o)


if __name__ == "__main__":
    main()
