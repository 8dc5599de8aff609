"""Writes dist/mip, a static index for mip, from the modules in dist/mpy: a folder for each architecture, whose package.json
installs all modules, and in it one for each module. An argument is the address that it will be served at."""

import json
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
INDEX = ROOT / "dist/mip"
VERSION = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]


def write_package(folder, files, url):
    """A package of files, given by their paths below its folder, whose address is `url` or doesn't matter."""
    urls = [[file.rpartition("/")[2], f"{url}/{file}" if url else file] for file in files]
    (folder / "package.json").write_text(json.dumps({"urls": urls, "deps": [], "version": VERSION}, indent=1) + "\n")


def write_index(url="", index=INDEX):
    shutil.rmtree(index, ignore_errors=True)
    for source in sorted((ROOT / "dist/mpy").iterdir()):
        names = sorted(file.stem for file in source.glob("*.mpy"))
        for name in names:
            folder = index / source.name / name
            folder.mkdir(parents=True)
            shutil.copy(source / f"{name}.mpy", folder)
            write_package(folder, [f"{name}.mpy"], url and f"{url}/{source.name}/{name}")
        write_package(index / source.name, [f"{name}/{name}.mpy" for name in names], url and f"{url}/{source.name}")
    installer = (ROOT / "tools/emlearn_install.py").read_text()
    folders = [folder.name for folder in sorted(index.iterdir())]
    installer = installer.replace("FOLDERS = []", f"FOLDERS = {json.dumps(folders)}")
    if url:
        installer = installer.replace('URL = "dist/mip"', f"URL = {json.dumps(url)}")
    (index / "emlearn_install.py").write_text(installer)


if __name__ == "__main__":
    write_index(*(argument.rstrip("/") for argument in sys.argv[1:]))
