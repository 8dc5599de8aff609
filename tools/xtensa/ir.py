"""What LLVM's Xtensa backend can't select, rewritten in its intermediate representation (text)."""

import re
import subprocess
import sys

import llvm

# ESP32, ESP32-S2 and ESP32-S3 all have what `esp32` means to LLVM, but for: the FPU and the boolean registers it compares into
# (not S2), hardware loops (not S2), compare-and-swap (not S2; kernels have no use for it).
FEATURES = {"hard": "-loop,-s32c1i", "soft": "-loop,-s32c1i,-fp,-bool"}

FLOAT = r"(?:0x[0-9A-Fa-f]+|[-+]?\d[\d.e+-]*)"
SOFT_ATTRIBUTES = "#99999"


def normalise(ir):
    """Drops what the compilers say about the processor, since the backend is told once for all, and frame pointers."""
    return re.sub(r'"(target-features|target-cpu|frame-pointer)"="[^"]*"', "", ir)


def avoid_float_selects(ir):
    """A choice between two float constants becomes a choice between their bits.

    The selector fails on the first ("Cannot select … TargetConstantPool [2 x float]"), into which it also turns the
    conversion of a truth value to float.
    """
    count = 0

    def choose(match, condition, a, b):
        nonlocal count
        count += 1
        indent, result = match["indent"], match["result"]
        return (
            f"{indent}%bits.{count} = select i1 {condition}, i32 bitcast (float {a} to i32), i32 bitcast (float {b} to i32)\n"
            f"{indent}{result} = bitcast i32 %bits.{count} to float"
        )

    def rewrite(function):
        text = function[0]
        unsigned = dict(re.findall(r"(%\S+) = zext(?: nneg)? i1 (\S+) to i\d+", text))
        signed = dict(re.findall(r"(%\S+) = sext i1 (\S+) to i\d+", text))

        def conversion(match):
            operation, kind, value = match["operation"], match["kind"], match["value"]
            true = "-1.0" if operation == "sitofp" else "1.0"
            if kind == "i1":
                return choose(match, value, true, "0.0")
            if value in unsigned:
                return choose(match, unsigned[value], "1.0", "0.0")
            if value in signed and operation == "sitofp":
                return choose(match, signed[value], true, "0.0")
            return match[0]

        return re.sub(
            r"^(?P<indent>\s*)(?P<result>%\S+) = (?P<operation>uitofp|sitofp)(?: nneg)? (?P<kind>i\d+) (?P<value>\S+) to float$",
            conversion, text, flags=re.M,
        )

    ir = re.sub(
        rf"^(?P<indent>\s*)(?P<result>%\S+) = select(?: [a-z]+)* i1 (\S+), float ({FLOAT}), float ({FLOAT})[^\n]*$",
        lambda match: choose(match, match[3], match[4], match[5]), ir, flags=re.M,
    )
    return re.sub(r"^define [\s\S]*?^}", rewrite, ir, flags=re.M)


def without_fpu(ir, functions):
    """Gives functions soft float. Calls stay as they are: floats are passed in integer registers either way."""
    for name in functions:
        definition = rf'^(define [^\n]*@"?{re.escape(name)}"?\([^\n]*?)((?: align \d+)?(?: personality [^\n]*)? \{{)$'
        ir, found = re.subn(definition, rf"\1 {SOFT_ATTRIBUTES}\2", ir, flags=re.M)
        if found != 1:
            sys.exit(f"{name}: {found} definitions")
    if functions:
        ir += f'\nattributes {SOFT_ATTRIBUTES} = {{ "target-features"="-fp" }}\n'
    return ir


def compile(bitcode, floats, without):
    """Assembly of a bitcode file, for `hard` or `soft` floats, without some more features."""
    features = ",".join([FEATURES[floats], *(f"-{feature}" for feature in without)])
    ir = normalise(llvm.run("llvm-dis", bitcode, "-o", "-"))
    if floats == "hard":
        ir = avoid_float_selects(ir)
    soft_functions = []
    while True:
        process = subprocess.run(
            # Position-independent code isn't implemented; the linkers place static code.
            [llvm.tool("llc"), "-mcpu=esp32", f"-mattr={features}", "-relocation-model=static", "-O2", "-", "-o", "-"],
            input=without_fpu(ir, soft_functions), capture_output=True, text=True,
        )
        if process.returncode == 0:
            return process.stdout
        # What still can't be selected is about floats, as far as known: let that function do without the FPU.
        failed = re.search(r"In function: (\S+)", process.stderr)
        if floats == "soft" or failed is None or failed[1] in soft_functions:
            sys.exit(f"llc failed\n{process.stderr[:2000]}")
        print(f"note: {failed[1]} does without the FPU, which LLVM can't compile it for", file=sys.stderr)
        soft_functions.append(failed[1])
