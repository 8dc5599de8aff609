"""Hostile calls: from one good call of each function, its arguments replaced in turn by all that they should not be.

A table, calls_MODULE.py, has a list of parameters for each function. A parameter makes a good value, knows hostile ones, and what
else is as good as the good one. Whatever is called must give the right result, that of the plainest value that means the same,
or raise an exception with a message; and the object, if there is one, must do afterwards what it did before.

This part runs inside MicroPython, on every device.
"""

import gc
import sys
from array import array

try:
    import uctypes
except ImportError:
    uctypes = None

TYPECODES = "bBhHiIlLqQfd"
# Longer arrays are not made; a board has no room for them.
MOST = 100_000
SIZES = {"b": 1, "B": 1, "h": 2, "H": 2, "f": 4}
INTEGERS = {"b": (-128, 127), "B": (0, 255), "h": (-32768, 32767), "H": (0, 65535)}
FLOATS = ("nan", "inf", "-inf", "1e-45", "-1e-40", "3.4e38", "-3.4e38", "-0.0")


class Thing:
    pass


class Nothing:
    """In place of a plain value where there is none."""


class Failure(Exception):
    """What no call may do."""


# ---- parameters ----


class Parameter:
    """`good()` makes a good value. It may be left out if `optional`."""

    def __init__(self, good, optional=False):
        self.good = good
        self.optional = optional

    def is_good(self, plain):
        """Whether a plain value is taken instead of raising an exception."""
        return False

    def hostile(self):
        """Labels, values, and the plain values that mean the same. Those whose label is in brackets may be refused."""
        for label, value in (
            ("None", None), ("a string", "text"), ("bytes", b"bytes"), ("a list", [1, 2]), ("a dict", {}), ("an object", Thing()), ("a type", Thing),
            ("a module", sys), ("a function", print), ("a generator", (i for i in (1, 2))), ("an array", array("q", [1])),
            ("an array of objects", array("O", [None] * 3)), ("Ellipsis", ...), ("an exception", ValueError("x")),
        ):
            yield label, value, Nothing


DELETED = []


class Object(Parameter):
    """An object that `good` makes, and no other."""

    def hostile(self):
        yield from super().hostile()
        good = self.good()
        yield "0", 0, Nothing
        yield "a float", 1.5, Nothing
        yield "its type", type(good), Nothing
        yield "a method", good.__del__, Nothing
        deleted = self.good()
        deleted.__del__()
        DELETED.append(deleted)
        yield "deleted", deleted, Nothing
        for name, other in others(type(good)):
            yield "an object of " + name, other, Nothing


class Int(Parameter):
    """An integer from `low` to `high`."""

    def __init__(self, value, low, high, optional=False):
        super().__init__(lambda: value, optional)
        self.low = low
        self.high = high

    def is_good(self, plain):
        return self.low <= plain <= self.high

    def hostile(self):
        yield from super().hostile()
        good = self.good()
        values = {-1, 0, 1, 2, 3, self.low - 1, self.low, self.high, self.high + 1}
        for power in (8, 15, 16, 30, 31, 32, 33, 62, 63, 64, 70):
            values |= {2**power - 1, 2**power, 2**power + good, -(2**power), good - 2**power}
        for value in sorted(values):
            yield repr(value), value, value
        for value in (True, False):
            yield "[%r]" % value, value, int(value)
        for value in (float(good), good + 0.5, float("nan"), float("inf"), 1e30, "1", 1j):
            yield repr(value), value, Nothing


class Real(Parameter):
    """A real number."""

    def __init__(self, value, optional=False):
        super().__init__(lambda: value, optional)

    def is_good(self, plain):
        return True

    def hostile(self):
        yield from super().hostile()
        for value in (0, 1, -1, True, False, 2**31, -(2**63), 2**64, 2**70, 10**38):
            yield repr(value), value, float(value)
        for text in FLOATS + ("5e-324", "1e39", "-1e308"):
            yield text, float(text), float(text)
        for value in ("1.0", 1j):
            yield repr(value), value, Nothing


class Flag(Parameter):
    """Anything that is true or false."""

    def __init__(self, value, optional=False):
        super().__init__(lambda: value, optional)

    def is_good(self, plain):
        return True

    def hostile(self):
        for label, value, _ in super().hostile():
            yield label, value, bool(value)


class OrNone(Parameter):
    """None, or what another parameter takes."""

    def __init__(self, other):
        super().__init__(lambda: None, True)
        self.other = other

    def is_good(self, plain):
        return plain is None or self.other.is_good(plain)

    def hostile(self):
        yield "good", self.other.good(), self.other.good()
        for label, value, plain in self.other.hostile():
            if value is not None:
                yield label, value, plain


class Array(Parameter):
    """An array of these values and typecode, or of one of `typecodes`, of any length if `any_length`, or its bytes if `or_bytes`. It
    must be writable if `out`."""

    def __init__(self, typecode, values, out=False, any_length=False, or_bytes=False, typecodes=None, optional=False):
        values = list(values)
        super().__init__(lambda: array(typecode, values), optional)
        self.typecode = typecode
        self.values = values
        self.out = out
        self.any_length = any_length
        self.or_bytes = or_bytes
        self.typecodes = typecodes or typecode

    def is_good(self, plain):
        typecode, n = typecode_of(plain), len(plain)
        return typecode in self.typecodes and (self.any_length or n == len(self.values))

    def takes_bytes(self):
        return self.or_bytes or "B" in self.typecodes

    def from_bytes(self, content):
        """What bytes mean."""
        if self.or_bytes and len(content) % SIZES[self.typecode] == 0:
            return array(self.typecode, content)
        return array("B", content)

    def hostile(self):
        for label, value, plain in super().hostile():
            if self.takes_bytes() and not self.out and isinstance(value, (str, bytes)):
                plain = self.from_bytes(bytes(value, "utf-8") if isinstance(value, str) else value)
                label = "[%s]" % label
            yield label, value, plain
        t, n, size = self.typecode, len(self.values), SIZES[self.typecode]
        for value in (0, 1, 1.5, 2**70):
            yield repr(value), value, Nothing
        yield "a list of the values", list(self.values), Nothing
        yield "a tuple of the values", tuple(self.values), Nothing
        text = "x" * n
        yield "[a string as long]", text, Nothing if self.out else self.from_bytes(text.encode())
        for c in TYPECODES:
            for length in (n, n * size):
                items = array(c, [1] * length)

                def plain():
                    return self.from_bytes(bytes(items)) if c == "B" else array(c, items)

                yield "array(%r, %d items)" % (c, length), array(c, items), plain()
                yield "memoryview(array(%r, %d items))" % (c, length), memoryview(array(c, items)), plain()
        for c, fill in (("O", None), ("P", 0)):
            yield "array(%r) as long" % c, array(c, [fill] * n), Nothing
        for length in {n, n * size, n * size + 1, n * size - 1}:
            if length >= 0:
                zeros = bytes(length)
                yield "bytes(%d)" % length, zeros, Nothing if self.out else self.from_bytes(zeros)
                yield "bytearray(%d)" % length, bytearray(length), self.from_bytes(zeros)
                yield "memoryview(bytes(%d))" % length, memoryview(zeros), Nothing if self.out else self.from_bytes(zeros)
                yield "[misaligned bytearray(%d)]" % length, memoryview(bytearray(length + 1))[1:], self.from_bytes(zeros)
        if not self.out:
            content = bytes(self.good())
            yield "[its bytes, misaligned]", memoryview(b"x" + content)[1:], self.from_bytes(content)
        for length in (0, 1, n - 1, n + 1, 2 * n, 256 + n, 65536 + n, 100000):
            if length != n and 0 <= length <= MOST:
                plain = array(t, (self.values * (length // (n or 1) + 1))[:length] if length < 1000 else bytes(length * size))
                yield "%d items" % length, array(t, bytes(plain)), array(t, bytes(plain))
                yield "%d guarded items" % length, guarded(plain), plain
        yield "a memoryview", memoryview(self.good()), self.good()
        yield "a guarded memoryview", guarded(self.good()), self.good()
        for fill in [float(x) for x in FLOATS] if t == "f" else sorted({0, 1} | set(INTEGERS[t])):
            for label, values in (("all", [fill] * n), ("first", [fill] + self.values[1:]), ("last", self.values[:-1] + [fill])):
                yield "%s %r" % (label, fill), array(t, values[:n]), array(t, values[:n])


class Sequence(Array):
    """Numbers in anything that has a length and items."""

    def __init__(self, typecode, values):
        super().__init__(typecode, values, any_length=True, typecodes=TYPECODES)

    def hostile(self):
        for label, value, plain in super().hostile():
            yield label, value, self.good() if "of the values" in label else array("f") if label == "a dict" else plain


def typecode_of(plain):
    return str(plain[:0])[7] if isinstance(plain, array) else None


GUARD = 16
guards = []


def guarded(items):
    """A view of a copy within a longer array, whose ends must stay as they are."""
    typecode = typecode_of(items)
    longer = array(typecode, [7] * GUARD)
    longer.extend(items)
    longer.extend(array(typecode, [7] * GUARD))
    guards.append((longer, len(items)))
    return memoryview(longer)[GUARD : GUARD + len(items)]


def check_guards():
    while guards:
        longer, n = guards.pop()
        ends = longer[:GUARD], longer[GUARD + n :]
        if any(value != 7 for end in ends for value in end):
            raise Failure("wrote out of bounds")


# ---- tables ----


def table_of(module):
    try:
        return __import__("calls_" + module)
    except ImportError as e:
        if "emlearn_" in str(e) or "calls_" in str(e):
            return None
        raise


def others(own):
    """An object of each other type."""
    for name in ("trees", "neighbors", "fft", "iir", "linreg", "cnn_int8"):
        table = table_of(name)
        if table is not None:
            other = table.make()
            if type(other) is not own:
                yield name, other


# ---- calls ----

Generator = type((lambda: (yield))())
Builtin = (type(print), type(isinstance), type(len), type(min), type)

# MicroPython raises an OverflowError where an integer fits no machine word.
ALLOWED = ValueError, TypeError, MemoryError, IndexError, OverflowError


class Call:
    """A function by the name that the table has for it."""

    def __init__(self, module, name):
        self.module = module
        self.table = table_of(module)
        self.name = name
        self.parameters = self.table.CALLS[name]
        self.type = type(self.table.make()) if hasattr(self.table, "make") else None
        owner = self.type if "." in name else __import__("emlearn_" + module)
        self.function = getattr(owner, name.split(".")[-1])
        self.has_object = self.parameters and isinstance(self.parameters[0], Object)

    def good(self):
        return [p.good() for p in self.parameters]

    def outcome(self, arguments, keywords={}):
        """What comes of a call: the exception and None, or None and all that it gave and changed."""
        try:
            result = self.function(*arguments, **keywords)
            if isinstance(result, Generator):
                result = list(result)
            if type(result) is self.type:
                result = self.table.use(result)
        except Exception as e:
            return e, None
        return None, [self.freeze(result), self.state(arguments, True)]

    def state(self, arguments, out):
        """The content of the arguments that the call may change, or of the others."""
        return [
            self.freeze(a) if (type(a) is self.type or getattr(p, "out", False)) == out and type(a) in (self.type, array, bytearray, memoryview) else None
            for p, a in zip(self.parameters, arguments)
        ]

    def freeze(self, value):
        """What can be compared of a value."""
        if isinstance(value, float):
            return "%.17g" % value
        if isinstance(value, (tuple, list)):
            return [self.freeze(v) for v in value]
        if isinstance(value, (array, memoryview, bytearray)):
            return [self.freeze(v) for v in value] if len(value) < 2000 else hash(bytes(value))
        if type(value) is self.type:
            try:
                return self.freeze(self.table.observe(value))
            except (ValueError, TypeError) as e:
                return "%s: %s" % (type(e).__name__, e)
        return value


def check_exception(e):
    if not isinstance(e, ALLOWED):
        raise Failure("raised %r" % e)
    if not str(e) and not isinstance(e, MemoryError):
        raise Failure("raised %s without a message" % type(e).__name__)


def check_case(call, arguments, plain, keywords={}, may_refuse=False, plain_keywords={}):
    """A call must come to the same as with `plain` arguments, or if there are none raise an exception. Returns what to print."""
    before, inputs = call.state(arguments, True), call.state(arguments, False)
    e, outcome = call.outcome(arguments, keywords)
    check_guards()
    if call.state(arguments, False) != inputs:
        raise Failure("changed an input")
    if e and (may_refuse or isinstance(e, MemoryError)):
        plain = None
    if plain is None and e is None:
        raise Failure("accepted: %r" % outcome)
    if plain is not None:
        expected_e, expected = call.outcome(plain, plain_keywords)
        if outcome != expected:
            raise Failure("gave %r instead of %r" % (e or outcome, expected_e or expected))
    if e is not None:
        check_exception(e)
        after = call.state(arguments, True)
        # What a function in Python has done to arrays before it failed is done.
        if not isinstance(call.function, Builtin):
            before, after = before[:1], after[:1]
        if not call.has_object and not isinstance(call.function, Builtin):
            before = after
        if after != before:
            raise Failure("%r changed %r to %r" % (e, before, after))
    if call.has_object and arguments and type(arguments[0]) is call.type and arguments[0] not in DELETED:
        # The object does what it did before, or what one does that was called with plain arguments.
        again, expected = call.good(), call.good()
        again[0] = arguments[0]
        if e is None:
            expected[0] = plain[0]
        (e2, again), (expected_e, expected) = call.outcome(again), call.outcome(expected)
        if again != expected:
            raise Failure("afterwards a good call gave %r instead of %r" % (e2 or again, expected_e or expected))
    return describe(e) if e else str(outcome)


def describe(e):
    # Who runs out of memory says so in words of their own.
    return "MemoryError" if isinstance(e, MemoryError) else "%s: %s" % (type(e).__name__, e)


def cases(call):
    """Labels and thunks of all cases of a function."""
    n = len(call.parameters)
    yield "good", lambda: check_case(call, call.good(), call.good())
    required = len([p for p in call.parameters if not p.optional])
    for count in range(n):
        plain = call.good()[:count] if count >= required else None
        yield "%d arguments" % count, lambda: check_case(call, call.good()[:count], plain)
    yield "%d arguments" % (n + 1), lambda: check_case(call, call.good() + [None], None)
    yield "an unknown keyword", lambda: check_case(call, call.good(), None, {"unknown": 1})
    for i, parameter in enumerate(call.parameters):
        for label, value, plain in parameter.hostile():
            yield "argument %d: %s" % (i, label), lambda: replaced(call, i, value, plain, label[0] == "[")
        if isinstance(parameter, (Real, Int, Flag)):
            for method in ("extend", "__del__"):
                yield "argument %d: calls %s of the others" % (i, method), lambda: meddled(call, i, method)
        if isinstance(parameter, Array):
            yield "argument %d: resized afterwards" % i, lambda: resized(call, i)
            for j, other in enumerate(call.parameters):
                if i != j and isinstance(other, Array):
                    yield from shared(call, i, j)
    for name, parameter in getattr(call.table, "KEYWORDS", {}).get(call.name, {}).items():
        for label, value, plain in parameter.hostile():
            yield "%s: %s" % (name, label), lambda: keyword(call, name, parameter, value, plain)
    if call.has_object:
        for other in sorted(call.table.CALLS):
            if isinstance(call.table.CALLS[other][0], Object):
                yield "after " + other, lambda: in_order(call, other)
    for label, case in getattr(call.table, "EXTRA", {}).get(call.name, ()):
        yield label, lambda: extra(case)


def extra(case):
    try:
        return str(case())
    except Failure:
        raise
    except Exception as e:
        check_exception(e)
        return describe(e)


def replaced(call, i, value, plain, may_refuse):
    arguments = call.good()
    arguments[i] = value
    if plain is Nothing or not call.parameters[i].is_good(plain):
        return check_case(call, arguments, None)
    plains = call.good()
    plains[i] = plain
    return check_case(call, arguments, plains, may_refuse=may_refuse)


def keyword(call, name, parameter, value, plain):
    if plain is Nothing or not parameter.is_good(plain):
        return check_case(call, call.good(), None, {name: value})
    return check_case(call, call.good(), call.good(), {name: value}, plain_keywords={name: plain})


class Meddler:
    """A number that moves arrays elsewhere, or deletes objects, when its value is asked for."""

    def __init__(self, others, method):
        self.others = others
        self.method = method

    def __bool__(self):
        for other in self.others:
            if self.method == "extend" and isinstance(other, array):
                reuse(other)
            elif self.method == "__del__" and hasattr(type(other), "__del__"):
                other.__del__()
        gc.collect()
        JUNK.extend([bytearray(b"\xff" * (16 * k)) for k in range(20)])
        return True

    def __int__(self):
        return int(bool(self))

    def __float__(self):
        return float(bool(self))


def meddled(call, i, method):
    arguments = call.good()
    arguments[i] = Meddler(arguments[:i] + arguments[i + 1 :], method)
    # With no room behind them, arrays can't grow where they are.
    JUNK.extend([bytearray(16) for _ in range(300)])
    e, outcome = call.outcome(arguments)
    JUNK.clear()
    if e is not None:
        check_exception(e)
        return describe(e)
    return str(outcome)


def shared(call, i, j):
    """Two arrays in the same memory: refused, or the result is that of separate ones."""
    a, b = call.parameters[i], call.parameters[j]

    def check(one, two, plain_one, plain_two):
        arguments, plains = call.good(), call.good()
        arguments[i], arguments[j] = one, two
        plains[i], plains[j] = plain_one, plain_two
        if not (a.is_good(plain_one) and b.is_good(plain_two)):
            return check_case(call, arguments, None)
        e, outcome = call.outcome(arguments)
        if e is not None:
            check_exception(e)
            return describe(e)
        if (i, j) in call.table.MIXED.get(call.name, ()):
            return "no harm"
        # What is written to one is seen in the other, which is not compared.
        _, expected = call.outcome(plains)
        for k in (i, j):
            if not call.parameters[k].out:
                outcome[1][k] = expected[1][k] = None
        if outcome != expected:
            raise Failure("gave %r instead of %r" % (outcome, expected))
        return str(outcome)

    def one_array():
        value = a.good()
        return check(value, value, a.good(), a.good())

    yield "arguments %d and %d: one array" % (i, j), one_array
    m, n = len(a.values), len(b.values)
    if a.typecode == b.typecode:
        for shift in sorted({0, 1, max(0, m - 1), m}):
            def views():
                items = array(a.typecode, a.values + b.values)
                one, two = memoryview(items)[:m], memoryview(items)[shift : shift + n]
                return check(one, two, items[:m], items[shift : shift + n])
            yield "arguments %d and %d: views %d apart" % (i, j, shift), views
    if uctypes is not None and b.takes_bytes():
        size = n * SIZES[b.typecode]
        for shift in (0, 1, 2, 4):
            def view():
                items = array(a.typecode, (a.values * (size // m + 9)))
                content = uctypes.bytearray_at(uctypes.addressof(items) + shift, size)
                said = check(memoryview(items)[:m], content, items[:m], b.from_bytes(bytes(content)))
                return said if len(items) else ""
            yield "arguments %d and %d: bytes %d apart" % (i, j, shift), view


JUNK = []


def reuse(value):
    """Makes an array larger and another, and has others take the memory that it leaves."""
    typecode = typecode_of(value) or "B"
    value.extend(array(typecode, bytes(3000 * SIZES[typecode])))
    for k in range(len(value)):
        value[k] = 1
    gc.collect()
    JUNK.extend([bytearray(b"\xff" * (16 * k)) for k in range(40)])


def resized(call, i):
    arguments = call.good()
    value = bytearray(arguments[i]) if call.parameters[i].typecode == "B" else arguments[i]
    arguments[i] = value
    if call.has_object:
        e, _ = call.outcome(arguments)
        made = arguments[0]
    else:
        made = call.function(*arguments)
        if type(made) is not call.type:
            made = None
    del arguments
    alive = call.freeze(made)
    reuse(value)
    now = call.freeze(made)
    if now != alive and not str(now).startswith("ValueError: "):
        raise Failure("then gave %r instead of %r" % (now, alive))
    return str(now)


def in_order(call, other):
    """On a new object that nothing else was done with, another function, then this one."""
    subject = call.table.new()
    for each in (Call(call.module, other), call):
        arguments = each.good()
        arguments[0] = subject
        e, _ = each.outcome(arguments)
        if e is not None:
            check_exception(e)
    return describe(e) if e else "no harm"


def run(module, name, first=0, last=None, step=1):
    """Runs every `step`th case from `first` to before `last`; returns how many there are of all, how many ran and how many failed."""
    call = Call(module, name)
    n = ran = failed = 0
    for label, case in cases(call):
        if n >= first and (last is None or n < last) and n % step == 0:
            # Before it is run, in case it is the last.
            print("%s.%s %d, %s: " % (module, name, n, label), end="")
            try:
                said = case()
            except Failure as e:
                failed += 1
                said = "FAILED: %s" % e
            print(said[:300])
            ran += 1
            gc.collect()
        n += 1
    return n, ran, failed
