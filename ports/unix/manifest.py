# Nothing is frozen in: the plain interpreter finds Python files in its search path.
