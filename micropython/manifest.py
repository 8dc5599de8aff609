# The Python parts of modules, for firmware that has the modules built in; frozen.mk makes them.
import os

freeze(os.path.join(os.environ.get("EMLEARN_BUILD", os.path.abspath("../build")), "frozen"))
