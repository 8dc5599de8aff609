"""Good calls of emlearn_cnn_int8 and emlearn_cnn_fp32."""

from array import array

import cnn_cases
from hostile import Array, Object

IMAGE = range(0, 256, 16)


def table(module, number):
    model, _ = cnn_cases.small(number)

    def new():
        return module.new(model)

    def observe(net):
        dimensions = net.output_dimensions()
        out = array("f", [0] * dimensions[-1])
        net.run(bytes(IMAGE), out)
        return dimensions, out

    net = Object(new)
    return new, observe, {
        "new": [Array("B", model, any_length=True)],
        "Model.output_dimensions": [net],
        "Model.run": [net, Array("B", IMAGE), Array("f", (7, 11, 13), out=True)],
        "Model.__del__": [net],
    }
