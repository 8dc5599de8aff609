"""Runs hostile calls, on the Unix port: MODULE FUNCTION [FIRST CASE [ONE MORE THAN THE LAST]].

The exit status is 4 if one failed, 3 if there is no such case."""

import sys

import hostile

module, name = sys.argv[1:3]
total, ran, failed = hostile.run(module, name, *map(int, sys.argv[3:]))
sys.exit(4 if failed else 0 if ran else 3)
