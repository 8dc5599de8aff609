# What is frozen in: what the port has for its boards, and the Python parts of our modules.
include("$(PORT_DIR)/boards/manifest.py")
include("../../micropython/manifest.py")
