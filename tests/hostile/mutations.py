"""Loads and runs models of which some bytes are others, on the Unix port: MODULE FILE STEP.

Every `STEP`th of all changes of one byte (of a .tmdl: of its header, and of its layers what is not an array), of all truncations and
of 10,000 random mutations. A model may raise ValueError, or MemoryError if it asks for much; or it runs, and again when
its bytes have become others. A good model still works after each."""

import gc
import io
import sys
from array import array

RANDOM = 10_000
module, name, step = sys.argv[1], sys.argv[2], int(sys.argv[3])
seed = 1
with open(name, "rb") as file:
    MODEL = file.read()
emlearn = __import__("emlearn_" + module)


def random(n):
    """0 to n - 1, of up to 2^15."""
    global seed
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    return (seed >> 15) * n >> 16


NOISE = bytes(random(256) for _ in MODEL)


class Network:
    """A .tmdl file."""

    def __init__(self):
        self.model = emlearn.new(MODEL)
        self.expected = self.run(self.model, MODEL)
        # The header, and of each layer the head and what comes before its arrays.
        self.places = list(range(64))
        start = 64
        while start < len(MODEL):
            size = int.from_bytes(MODEL[start + 4 : start + 8], "little")
            self.places.extend(range(start, start + min(size, 48 + 32)))
            start += size

    def run(self, net, model):
        image = 1
        for at in (22, 24, 26):
            image *= model[at] | model[at + 1] << 8
        length = 1
        for dim in net.output_dimensions():
            length *= dim
        out = array("f", bytes(4 * length))
        net.run(NOISE * (image // len(NOISE)) + NOISE[: image % len(NOISE)], out)
        return bytes(out)

    def attempt(self, changed):
        model = bytearray(changed)
        net = emlearn.new(model)
        self.run(net, model)
        model[64:] = NOISE[: len(model)][64:]
        self.run(net, model)

    def works(self):
        return self.run(self.model, MODEL) == self.expected


class Forest:
    """A text of decision trees."""

    SAMPLES = [array("h", sample) for sample in ((0, 0, 0), (32767, -32768, 1), (-4, 1000, -1))]

    def __init__(self):
        self.model = emlearn.new(3, 8, 8)
        self.places = range(len(MODEL))
        emlearn.load_model(self.model, io.BytesIO(MODEL))
        self.expected = self.run(self.model)

    def run(self, model):
        results = []
        out = array("f", bytes(4 * model.outputs()))
        for sample in self.SAMPLES:
            model.predict(sample, out)
            results.extend(out)
        return results

    def attempt(self, changed):
        model = emlearn.new(3, 8, 8)
        try:
            emlearn.load_model(model, io.BytesIO(changed))
        except ValueError:
            # It is as empty as before.
            emlearn.load_model(model, io.BytesIO(MODEL))
            assert self.run(model) == self.expected
            raise
        try:
            self.run(model)
        except ValueError:
            # Of another number of features.
            out = array("f", bytes(4 * model.outputs()))
            for n in range(1, 10):
                try:
                    model.predict(array("h", [0] * n), out)
                    return
                except ValueError:
                    pass
            raise

    def works(self):
        return self.run(self.model) == self.expected


def mutate(data):
    """Changes up to eight bytes or runs of bytes."""
    for _ in range(1 + random(8)):
        at, run, what = random(len(data)), 1 + random(4), random(5)
        if what == 0:
            data[at] ^= 1 << random(8)
        elif what == 1:
            data[at] = random(256)
        elif what == 2:
            data[at] = b"\x00\x01\x7f\x80\xff,\n9"[random(8)]
        elif what == 3 and len(data) > run:
            data[at:] = data[at + run :]
        else:
            start = random(len(data))
            data[at:] = data[start : start + run] + data[at:]
        if not data:
            break
    return data


def mutations(places):
    for place in places:
        changed = bytearray(MODEL)
        for flip in range(1, 256):
            changed[place] = MODEL[place] ^ flip
            yield changed
    for length in range(len(MODEL)):
        yield MODEL[:length]
    for _ in range(RANDOM):
        yield mutate(bytearray(MODEL))


subject = Forest() if module == "trees" else Network()
n = accepted = 0
for i, changed in enumerate(mutations(subject.places)):
    if i % step == 0:
        n += 1
        try:
            subject.attempt(changed)
            accepted += 1
        except (ValueError, MemoryError) as e:
            assert str(e), "an exception without a message"
        assert subject.works(), "mutation %d broke another model" % i
gc.collect()
print("MODELS", n, accepted)
