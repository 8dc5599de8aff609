# The Python parts of modules, for firmware that has the modules built in. `micropython/frozen.mk` makes them.
freeze("$(EMLEARN_BUILD)/frozen")
