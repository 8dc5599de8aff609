include("manifest.py")
include("../../micropython/manifest.py")
