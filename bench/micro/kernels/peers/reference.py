# SPDX-License-Identifier: Apache-2.0
"""What the outputs are held to: the norms in float64 (their definitions), and the error of an output."""

import numpy as np

from cases import EPS

ROUNDOFF = {"f32": 2.0**-24, "bf16": 2.0**-8}
# Above it a peer has computed something else, and its time is worth nothing. ATen's group norm channels-last is
# at 80 with data as easy as this; 16-bit peers may round more than once.
LIMIT = {"f32": 1024.0, "bf16": 8.0}


def grouped(case, array):
    """(groups, elements): one row for each set of elements that share their statistics."""
    if case.norm == "batch":
        return np.moveaxis(array, 1, 0).reshape(case.shape[1], -1)
    if case.norm in ("layer", "rms"):
        return array.reshape(-1, case.shape[-1])
    return array.reshape(case.shape[0] * (case.groups or case.shape[1]), -1)


def ungrouped(case, rows):
    if case.norm == "batch":
        n, c, *spatial = case.shape
        return np.moveaxis(rows.reshape(c, n, *spatial), 0, 1)
    return rows.reshape(case.shape)


def by_channel(case, parameter):
    """Shaped so that it broadcasts against x: layer and RMS norm have one for each last index."""
    if case.norm in ("layer", "rms"):
        return parameter
    return parameter.reshape(-1, *[1] * (len(case.shape) - 2))


def standardized(case, x, parameters):
    if case.stats == "running":
        mean, variance = (by_channel(case, parameters[name]) for name in ("mean", "variance"))
        return (x - mean) / np.sqrt(variance + EPS)
    rows = grouped(case, x)
    if case.norm != "rms":
        rows = rows - rows.mean(axis=1, keepdims=True)
    return ungrouped(case, rows / np.sqrt((rows * rows).mean(axis=1, keepdims=True) + EPS))


def normalize(case, x, parameters):
    """x and the parameters (gamma, beta, mean, variance) in float64 and logical order."""
    y = standardized(case, x, parameters) * by_channel(case, parameters["gamma"])
    if case.norm != "rms":
        y = y + by_channel(case, parameters["beta"])
    return y / (1 + np.exp(-y)) if case.fused == "silu" else y


def scaled_error(case, y, expected):
    """max |y - r| / (u * max(|r|, rms of r's group)); infinite where a number is missing."""
    if not np.isfinite(y).all():
        return float("inf")
    got, wanted = grouped(case, y), grouped(case, expected)
    rms = np.sqrt((wanted * wanted).mean(axis=1, keepdims=True))
    scale = ROUNDOFF[case.dtype] * np.maximum(np.abs(wanted), rms)
    return float((np.abs(got - wanted) / scale).max())
