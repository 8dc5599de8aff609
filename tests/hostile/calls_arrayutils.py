"""Good calls of emlearn_arrayutils."""

import emlearn_arrayutils
from hostile import Array, Real

MIXED = {}
CALLS = {
    "linear_map": [
        Array("h", (-100, 0, 50, 32767), typecodes="bBhHf"), Array("f", (0, 0, 0, 0), out=True, typecodes="bBhHf"),
        Real(-100.0), Real(200.0), Real(-1.0), Real(3.0),
    ],
}
