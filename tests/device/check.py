"""Runs the tests of a file, on the device: every function of it whose name starts with `test_`."""

import gc
import sys


def raises(exception, function, *args, **kwargs):
    """The call must raise this exception, with a message; returns the message."""
    try:
        function(*args, **kwargs)
    except exception as e:
        message = str(e)
        assert message, "no message"
        return message
    raise AssertionError("%s not raised" % exception.__name__)


def close(actual, expected, tolerance):
    """Every value lies within `tolerance` of the expected one."""
    assert len(actual) == len(expected), "%d values instead of %d" % (len(actual), len(expected))
    for i, (a, e) in enumerate(zip(actual, expected)):
        assert abs(a - e) <= tolerance, "[%d]: %r instead of %r" % (i, a, e)


def heap_growth(function):
    """Bytes of heap that each call leaves allocated, a block at least; what old values on the stack keep alive is no growth."""
    calls = 15
    block = 16
    before, growth = 0, 1 << 29
    for _ in range(3):  # what is kept alive in one round more than in another is not in the next
        for _ in range(calls):
            function()
        gc.collect()
        after = gc.mem_alloc()
        growth = min(growth, after - before)
        before = after
    return max(0, growth) // (calls * block) * block


def allocated(function, *args):
    """Bytes of heap that a call with up to six arguments takes, kept or not. The call is made once before."""
    # A call with *args would allocate by itself.
    a, b, c, d, e, f = args + (None,) * (6 - len(args))
    n = len(args)
    for _ in range(2):
        gc.collect()
        before = gc.mem_alloc()
        if n == 0:
            function()
        elif n == 1:
            function(a)
        elif n == 2:
            function(a, b)
        elif n == 3:
            function(a, b, c)
        elif n == 4:
            function(a, b, c, d)
        elif n == 5:
            function(a, b, c, d, e)
        else:
            function(a, b, c, d, e, f)
        taken = gc.mem_alloc() - before
    return taken


def memory():
    """Bytes of free heap: from some 100 kB on the smallest board. A test that needs much is made to fit, say into half of it."""
    gc.collect()
    return gc.mem_free()


class Skipped(Exception):
    """Raised by a test that this board can't run, with the reason."""


def run(namespace):
    """Runs the tests and prints a line for each that fails or is skipped, then the number of each."""
    passed = failed = skipped = 0
    for name in sorted(namespace):
        if name.startswith("test_"):
            try:
                namespace[name]()
                passed += 1
            except Skipped as e:
                skipped += 1
                print("SKIPPED", name, e)
            except Exception as e:
                failed += 1
                print("FAILED", name)
                sys.print_exception(e)
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
