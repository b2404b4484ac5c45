# SPDX-License-Identifier: Apache-2.0
"""Names of cases, as in bench/report/case_key.h, less what differs between the arms of one comparison. Pure."""

ORDER = ("shape", "g", "dtype", "layout", "stats", "trailing", "fused")
# Either says who computes it, or is a column of its own in the results.
DROPPED = ("impl", "dev", "cache", "threads", "data", "seed", "eps", "affine")
DEFAULTS = {"dtype": "f32", "layout": "nchw"}
SELDOM = {"stats": "running"}  # written only where they differ


def make(norm, parameters):
    """norm/group?shape=8x256x56x56&g=32&dtype=f32&layout=nchw, from the norm and a dict of texts."""
    unknown = set(parameters) - set(ORDER)
    if unknown:
        raise ValueError(f"unknown parameters of a case: {', '.join(sorted(unknown))}")
    given = {**DEFAULTS, **parameters}
    written = [f"{name}={given[name]}" for name in ORDER
               if given.get(name) and given[name] != SELDOM.get(name)]
    return f"norm/{norm}?" + "&".join(written)


def parse(key):
    """(norm, parameters) of a key, dropped ones left out."""
    kind, slash, rest = key.partition("/")
    norm, question, text = rest.partition("?")
    if kind != "norm" or not slash or not question:
        raise ValueError(f"'{key}' is no key of a kernel case")
    pairs = [part.partition("=")[::2] for part in text.split("&") if part]
    return norm, {name: value for name, value in pairs if name not in DROPPED}


def comparable(key):
    """The key that both programs give to the same work, whatever the order of its parameters."""
    norm, parameters = parse(key)
    rank = len(parameters.get("shape", "").split("x"))
    if rank == 2 and parameters.get("trailing") == "1":
        del parameters["trailing"]  # all but N, which is the default
    return make(norm, parameters)
