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


def split(parameters):
    """A list of parameters, split at its own commas."""
    found, depth, current = [], 0, ""
    for character in parameters:
        depth += (character in "([{<") - (character in ")]}>")
        if character == "," and depth == 0:
            found.append(current.strip())
            current = ""
        else:
            current += character
    return [*found, current.strip()] if current.strip() else found


BLOCK = "; first block\n"
HEADER = re.compile(r'^(define|declare)([^\n]*? )@"?([\w.$]+)"?\(([^\n]*?)\)((?: [^\n()]*)?(?: \{)?)$', re.M)


def signatures(ir, kind):
    """Types of the parameters of the functions that a module defines or declares."""
    return {m[3]: [p.split()[0] for p in split(m[4])] for m in HEADER.finditer(ir) if m[1] == kind}


def take_by_value(ir, callers):
    """Makes Rust's C functions take arguments on the stack as clang passes them, and compares all types of parameters.

    What finds no place in the six registers Rust's compiler takes as a pointer `byval`. In memory that is the same; but when
    both sides meet in one module, LLVM copies at the call what the argument points to. `callers` has the types in C.
    """

    unread = set(re.findall(r'^define [^\n]*?@"?([\w.$]+)"?\(', ir, re.M)) - signatures(ir, "define").keys()
    if unread & callers.keys():
        sys.exit(f"can't read the definition of {', '.join(unread & callers.keys())}")

    def rewrite(match):
        kind, before, name, parameters, after = match.groups()
        if kind == "declare" or name not in callers:
            return match[0]
        new, prologue = [], ""
        for parameter, expected in zip(split(parameters), callers[name]):
            if "byval(" in parameter:
                variable = parameter.split()[-1]
                new.append(f"{expected} {variable}.value")
                prologue += f"  {variable} = alloca {expected}, align 8\n  store {expected} {variable}.value, ptr {variable}, align 8\n"
            else:
                new.append(parameter)
        if [p.split()[0] for p in new] != callers[name] or len(new) != len(split(parameters)):
            sys.exit(f"{name}: called with ({', '.join(callers[name])}), takes ({parameters})")
        return f'{kind}{before}@{name}({", ".join(new)}){after}' + (f"\n{BLOCK}{prologue}" if prologue else "")

    ir = HEADER.sub(rewrite, ir)
    # The prologue goes behind the label of the first block.
    return re.sub(rf"{BLOCK}((?:  %[^\n]*\n  store [^\n]*\n)+)\n?([\w.]+:[^\n]*\n)", r"\2\1", ir)


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


# A constant in a loop, or an address that goes through one, is not worth a register that must be saved and restored.
SMALLER = ["-disable-machine-licm", "-disable-postra-machine-licm", "-disable-lsr"]


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
            [llvm.tool("llc"), "-mcpu=esp32", f"-mattr={features}", "-relocation-model=static", "-O2", *SMALLER, "-", "-o", "-"],
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
