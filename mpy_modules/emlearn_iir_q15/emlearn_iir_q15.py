from array import array


def convert_coefficients(coefficients, scale=2**13 - 1):
    out = array("h", bytes(2 * len(coefficients)))
    for i, c in enumerate(coefficients):
        place = i % 6
        q = round(c * scale)
        if place > 3:
            q = -q
        if len(coefficients) % 6 or place == 3 and c != 1 or abs(q) > 32767:
            raise ValueError("coefficients")
        if place != 3:
            out[i + (0 < place < 3)] = q
    return out
