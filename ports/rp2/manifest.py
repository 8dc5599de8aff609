# What is frozen in: the port's own parts, and those of our modules where they are built in.
import os

freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
if "EMLEARN_BUILD" in os.environ:
    include("../../micropython/manifest.py")
