# Nothing is frozen in: the Unix port finds Python files in its search path.
