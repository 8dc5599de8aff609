# What users download, all in dist/: modules, firmware and the index from which mip installs modules.

# Where dist/mip will be served. Without it the index has relative addresses, which mip has known since MicroPython 1.25.
MIP_URL ?=

release: dist | $(PYTHON) ## all modules and firmware, mip's index and SHA256SUMS, in dist/
	@$(PYTHON) tools/mip_index.py $(MIP_URL)
	@cd dist && find mip mpy firmware -type f | LC_ALL=C sort | xargs sha256sum > SHA256SUMS
	@echo "dist: $$(wc -l < dist/SHA256SUMS) files"

flash: ## put the firmware of BOARD on a connected board
	@sh ports/rp2/flash.sh $(BOARD)
