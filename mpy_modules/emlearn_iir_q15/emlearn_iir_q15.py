from array import array


def convert_coefficients(coefficients, scale=2**13 - 1):
    q = [round(c * scale) for c in coefficients]
    out = array("h")
    for i in range(0, len(q), 6):
        b0, b1, b2, a0, a1, a2 = q[i : i + 6]
        out.extend(array("h", (b0, 0, b1, b2, -a1, -a2)))
        if coefficients[i + 3] != 1 or max(abs(c) for c in q[i : i + 6]) > 32767:
            raise ValueError("coefficients")
    return out
