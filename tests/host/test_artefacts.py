"""What is built and what belongs to each module, inspected."""

import ast
import re
import subprocess
import sys

import pytest
from bindings import bindings, calls, signature
from conftest import MODULES, ROOT
from elftools.elf.elffile import ELFFile

sys.path.insert(0, str(ROOT / "tools"))
import sizes

# What MicroPython's loader provides.
PROVIDED = re.compile(r"mp_fun_table|mp_native_qstr_table|mp_native_obj_table|mp_type_\w+|_GLOBAL_OFFSET_TABLE_|")
NATIVE = sorted((ROOT / "build/native").glob("*/emlearn_*.o"), key=str)
NATIVE = [o for o in NATIVE if not o.name.endswith((".glue.o", ".runtime.o"))]


@pytest.mark.parametrize("module", MODULES)
def test_module_is_complete(module):
    """A module has the same name in every layer, and a test of each kind."""
    folder = f"mpy_modules/emlearn_{module}"
    for path in (f"{folder}/emlearn_{module}.c", f"{folder}/emlearn_{module}.pyi", f"src/ffi/{module}.rs", f"tests/device/test_{module}.py"):
        assert (ROOT / path).is_file(), path
    glue = (ROOT / folder / f"emlearn_{module}.c").read_text()
    assert not re.search(r"^\s*#\s*if", glue, re.M), "glue has no #if"
    assert (ROOT / f"dist/mpy/x64_6.3/emlearn_{module}.mpy").is_file()


@pytest.mark.parametrize("path", NATIVE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_native_object(path):
    """A linked module has no writable data, no panic and nothing that MicroPython lacks."""
    with open(path, "rb") as file:
        elf = ELFFile(file)
        for section in elf.iter_sections():
            if section.name.startswith(".data") and not section.name.startswith(".data.rel.ro"):
                assert section["sh_size"] == 0, section.name
        for symbol in elf.get_section_by_name(".symtab").iter_symbols():
            assert "panic" not in symbol.name, symbol.name
            if symbol["st_shndx"] == "SHN_UNDEF":
                assert PROVIDED.fullmatch(symbol.name), symbol.name


def test_unsafe_code_is_in_ffi_only():
    """The compiler denies it in the whole crate; one place allows it."""
    sources = {str(path.relative_to(ROOT / "src")): path.read_text() for path in (ROOT / "src").rglob("*.rs")}
    assert re.search(r"^#!\[deny\(unsafe_code\)\]$", sources["lib.rs"], re.M)
    assert {path for path, source in sources.items() if "unsafe_code" in source} == {"lib.rs", "ffi.rs"}


@pytest.mark.parametrize("module", MODULES)
def test_stub_matches_bindings(module):
    """The type stub has exactly the functions and methods of the tables and of the Python part, with their arguments and a docstring."""
    folder = ROOT / f"mpy_modules/emlearn_{module}"
    stub = ast.parse((folder / f"emlearn_{module}.pyi").read_text())
    assert ast.get_docstring(stub)
    classes = [node for node in stub.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    described = {
        "FUNCTIONS": {f.name: f for f in stub.body if isinstance(f, ast.FunctionDef)},
        "METHODS": {f.name: f for c in classes for f in c.body if isinstance(f, ast.FunctionDef)},
    }
    bound = bindings(module)
    for table in bound:
        expected = {name for name in bound[table] if not name.startswith("_") or name == "__del__"}
        assert described[table].keys() - {"__init__"} == expected
        for name in expected:
            assert signature(described[table][name]) == bound[table][name], name
            assert ast.get_docstring(described[table][name]), name


@pytest.mark.parametrize("module", MODULES)
def test_low_memory_is_complete(module):
    """Every function and method is called while the heap runs out."""
    source = (ROOT / "tests/device/test_low_memory.py").read_text()
    function = ("cnn_calls" if module.startswith("cnn_") else f"test_{module}")
    body = re.search(rf"^def {function}\(.*?\n\n\n", source, re.M | re.S)[0]
    assert f'only("emlearn_{module}")' in source
    assert set(re.findall(r'^        (?:allocating|frugal)\("(.*?)"', body, re.M) or re.findall(r'frugal\("(.*?)"', body)) == calls(module).keys()


def test_sizes():
    """No module is larger than the committed table says; `make sizes` writes the table anew."""
    committed = sizes.read_table()
    for key, size in sizes.measure().items():
        assert key in committed, f"{key} is missing: make sizes"
        assert size <= committed[key], f"{key}: {size} bytes, {committed[key]} in the table: make sizes, if that is on purpose"


def test_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split()
    printed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(phony) == set(re.findall(r"^make (\S+)", printed, re.M))
