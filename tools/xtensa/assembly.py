"""LLVM's assembly for Xtensa, made right for a linker and smaller.

LLVM's own object files have literals in the wrong place, calls every function through a literal, has only the wide form of
most instructions, where GNU as would place, relax and narrow, and takes branches to reach less far than they then do.
"""

import re

LABEL = re.compile(r"([A-Za-z_.$][\w.$]*):")
DATA = re.compile(r"\.(byte|short|long|word|quad|asci[iz]|string|zero|space|fill|4byte|2byte|8byte|int)\b")


def instruction(line):
    """Name and operands, or None."""
    text = line.partition("#")[0].strip()
    if not text or text[0] in ".#" or LABEL.match(text):
        return None
    name, _, operands = text.partition("\t") if "\t" in text else text.partition(" ")
    return name, [operand.strip() for operand in operands.split(",")] if operands else []


class Function:
    """A function's literals (label and value of each) and lines."""

    def __init__(self, name):
        self.name = name
        self.literals = []
        self.lines = []


def call_directly(lines, literals, defined):
    """`l32r aN, literal; …; callx8 aN` becomes `call8 function` where the function is in the same section.

    That saves the literal and, in a native module, its relocation. Only a register that is loaded and called within one basic
    block counts; it then goes unless something else has read it. A call destroys a8 to a15.
    """
    value = dict(literals)
    lines = list(lines)
    loaded = {}  # register -> [line of its l32r, function, whether something else reads it]
    for i, line in enumerate(lines):
        if LABEL.match(line.strip()):
            loaded.clear()
        parsed = instruction(line)
        if parsed is None:
            continue
        name, operands = parsed
        if name == "callx8":
            at, function, shared = loaded.get(operands[0], (None, None, True))
            if function:
                lines[i] = f"\tcall8\t{function}"
                if not shared and int(operands[0][1:]) >= 8:
                    lines[at] = None
            for register in [r for r in loaded if int(r[1:]) >= 8]:
                del loaded[register]
        elif name == "l32r" and value.get(operands[1]) in defined:
            loaded[operands[0]] = [i, value[operands[1]], False]
        else:
            for operand in operands:
                if operand in loaded:
                    loaded[operand][2] = True
            if operands and operands[0] in loaded and not name.startswith(("s32", "s16", "s8", "b", "ssi", "j")):
                del loaded[operands[0]]
            if name.startswith(("b", "j", "ret")):
                loaded.clear()
    return [line for line in lines if line is not None]


def narrow(line):
    """The 16-bit form of an instruction that has one."""
    parsed = instruction(line)
    if parsed is None:
        return line
    name, operands = parsed

    def number(text):
        return int(text) if re.fullmatch(r"-?\d+", text) else None

    last = number(operands[-1]) if operands else None
    if name == "or" and operands[1] == operands[2]:
        name, operands = "mov.n", operands[:2]
    elif name == "addi" and last == 0:
        name, operands = "mov.n", operands[:2]
    elif name in ("l32i", "s32i") and last is not None and 0 <= last <= 60 and last % 4 == 0:
        name += ".n"
    elif name == "movi" and last is not None and -32 <= last <= 95:
        name = "movi.n"
    elif name == "addi" and last is not None and (last == -1 or 1 <= last <= 15):
        name = "addi.n"
    elif name == "add":
        name = "add.n"
    else:
        return line
    return f"\t{name}\t{', '.join(operands)}"


INVERSE = {"beq": "bne", "beqi": "bnei", "beqz": "bnez", "blt": "bge", "blti": "bgei", "bltz": "bgez", "bltu": "bgeu", "bltui": "bgeui", "bf": "bt"}
INVERSE |= {inverse: name for name, inverse in INVERSE.items()}


def shorten_branches(lines):
    """Less code for branches: they return at once, or branch themselves instead of around a jump, or are narrow.

    Distances are those before; after, nothing is further away.
    """
    places, labels, place = [], {}, 0
    for i, line in enumerate(lines):
        places.append(place)
        parsed = instruction(line)
        if label := LABEL.match(line.strip()):
            labels[label[1]] = i
        elif parsed:
            place += 2 if parsed[0].endswith(".n") else 3
        elif "align" in line:
            place += 3
    code = [i for i, line in enumerate(lines) if instruction(line)]
    following = dict(zip(code, code[1:]))

    def first_at(label):
        return next(i for i in code if i > labels[label])

    gone, result = set(), {}
    for i in code:
        name, operands = instruction(lines[i])
        label = operands[-1] if operands else None
        if i in gone or label not in labels:
            continue
        target, next_i = labels[label], following.get(i)
        if name == "j" and instruction(lines[first_at(label)])[0] == "retw.n":
            result[i] = "\tretw.n"
        elif name in INVERSE and next_i and lines[next_i].split()[0] == "j" and places[target] == places[next_i] + 3:
            # The jump may be branched to itself.
            further = instruction(lines[next_i])[1][0]
            distance = places[labels[further]] - places[i]
            reach = 2000 if name.endswith("z") else 120
            if not any(i < at <= next_i for at in labels.values()) and abs(distance) <= reach:
                result[i] = f"\t{INVERSE[name]}\t{', '.join([*operands[:-1], further])}"
                gone.add(next_i)
        if i not in result and name in ("beqz", "bnez") and 4 <= places[target] - places[i] <= 60:
            result[i] = f"\t{name}.n\t{', '.join(operands)}"
    return [result.get(i, line) for i, line in enumerate(lines) if i not in gone]


def parse(assembly):
    """The functions of an assembly file and the lines that belong to none."""
    functions, other, literals, function = [], [], [], None
    # A private function becomes an ordinary one, which has a symbol.
    for private in set(re.findall(r"^\s*\.type\s+\.(L\S+),@function", assembly, re.M)):
        assembly = re.sub(rf"\.{re.escape(private)}(?![\w.])", private, assembly)
    names = set(re.findall(r"^\s*\.type\s+(\S+),@function", assembly, re.M))
    aliases = dict(re.findall(r"^([\w.$]+) = ([\w.$]+)$", assembly, re.M))
    for line in assembly.splitlines():
        text = line.strip()
        if text.startswith(".literal_position"):
            continue
        if literal := re.match(r"\.literal\s+([^,\s]+)\s*,\s*(.+)$", text):
            literals.append((literal[1], aliases.get(literal[2], literal[2])))
            continue
        label = LABEL.match(text)
        if label and label[1] in names:
            function = Function(label[1])
            function.literals, literals = literals, []
            function.lines.append("\t.p2align\t2")
            functions.append(function)
        if function is None:
            other.append(line)
        else:
            function.lines.append(line)
            if text.startswith(f".size\t{function.name}"):
                function = None
    if literals or function:
        raise SystemExit("LLVM's assembly has an unknown form: literals without a function, or a function without end")
    return functions, other


def arrange(assembly, elsewhere):
    """Assembly with all code in `.text`, all literals in `.literal` and all constants in `.data.rel.ro`.

    elsewhere: functions that will be appended
    """
    functions, other = parse(assembly)
    defined = {function.name for function in functions}
    text, pool = [], {}  # pool: value -> label
    for function in functions:
        lines = [narrow(line) for line in call_directly(function.lines, function.literals, defined.union(elsewhere))]
        lines = shorten_branches(shorten_branches(lines))
        used = {parsed[1][1] for line in lines if (parsed := instruction(line)) and parsed[0] == "l32r"}
        shared = {label: pool.setdefault(value, label) for label, value in function.literals if label in used}
        for line in lines:
            if DATA.match(line.strip()):
                raise SystemExit(f"{function.name}: data among instructions: {line.strip()}")
            text.append(re.sub(r"(?<=[ \t])\.LCPI\w+", lambda match: shared[match[0]], line))
    rest, in_text = [], True
    for line in other:
        if (binding := re.match(r"\s*\.(?:globa?l|weak|hidden|protected|internal)\s+(\S+)", line)) and binding[1] in defined:
            continue
        if section := re.match(r"\s*(?:\.section\s+)?(\.(?:text|rodata|data|bss|comment|note)\b[^\s,]*)", line):
            in_text = section[1].startswith(".text")
        if section and section[1].startswith(".rodata"):
            # Constants must not share a section with code, since instruction memory allows 32-bit access only; mpy_ld takes
            # pointers among them in this section alone.
            line = '\t.section\t.data.rel.ro,"aw",@progbits'
        if in_text and DATA.match(line.strip()):
            raise SystemExit(f"data among instructions: {line.strip()}")
        if not (in_text and (section or ".p2align" in line)):
            rest.append(line)
    return "\n".join([
        *rest,
        '\t.section\t.literal,"ax",@progbits', "\t.p2align\t2", *(f"{label}:\t.long\t{value}" for value, label in pool.items()),
        # llvm-mc takes a call's address for that within a fragment of the section, whose start may be unaligned, and so gets some
        # calls wrong; it leaves those of global functions to relocations, which object_file.py resolves.
        *(f"\t.global\t{name}" for name in sorted(defined)),
        "\t.text", *text, "",
    ])
