"""The functions and methods of a module, as its glue's tables and its Python part bind them."""

import ast
import re

from devices import ROOT


def signature(function):
    """The numbers of arguments that a parsed function takes: the least and the most."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return positional - len(arguments.defaults), positional


def functions_of(path):
    """The functions at the top of a Python file, by name."""
    return {f.name: f for f in ast.parse(path.read_text()).body if isinstance(f, ast.FunctionDef)} if path.exists() else {}


def bindings(module):
    """Name and numbers of arguments of each function and method: FUNCTIONS, METHODS and, if the module has it as a name, TYPE."""
    folder = ROOT / f"mpy_modules/emlearn_{module}"
    glue = (folder / f"emlearn_{module}.c").read_text()
    tables = {}
    for table, body in re.findall(r"^#define (METHODS|FUNCTIONS)\(\w\)((?:.*\\\n)*.*)$", glue, re.M):
        entries = re.findall(r"\w\(MP_QSTR_(\w+), \w+, (\d+), (\d+)\)", body)
        tables[table] = {name: (int(low), int(high)) for name, low, high in entries}
    if "METHODS" in tables:
        tables["METHODS"]["__del__"] = (1, 1)
    for name, function in functions_of(folder / f"emlearn_{module}.py").items():
        if not name.startswith("_"):
            tables["FUNCTIONS"][name] = signature(function)
    return tables


def keywords(module):
    """The arguments of each function that only keywords give."""
    functions = functions_of(ROOT / f"mpy_modules/emlearn_{module}/emlearn_{module}.py")
    names = {name: [a.arg for a in f.args.kwonlyargs] for name, f in functions.items() if not name.startswith("_")}
    return {name: found for name, found in names.items() if found}


def calls(module):
    """The same as one table, with the names by which a program finds them: `new`, `Model.predict`."""
    glue = (ROOT / f"mpy_modules/emlearn_{module}/emlearn_{module}.c").read_text()
    tables = bindings(module)
    found = {name: counts for name, counts in tables["FUNCTIONS"].items() if not name.startswith("_")}
    for owner, arguments in re.findall(r"^EML_MODULE\w*\(\w+, FUNCTIONS, MP_QSTR_(\w+), METHODS(?:, \w+, (\d+, \d+))?\)", glue, re.M):
        found |= {f"{owner}.{name}": counts for name, counts in tables["METHODS"].items()}
        if arguments:
            found[owner] = tuple(map(int, arguments.split(", ")))
    return found
