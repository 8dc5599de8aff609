include("$(EMLEARN_DIR)/micropython/manifest.py")
