# SPDX-License-Identifier: Apache-2.0
"""Two OpenMP libraries in one process fight for the cores: their times are worth nothing."""

import re


def warnings(maps="/proc/self/maps"):
    with open(maps, encoding="utf-8") as file:
        loaded = sorted(set(re.findall(r"/\S*lib(?:gomp|iomp5|omp)\b\S*\.so\S*", file.read())))
    if len(loaded) > 1:
        return [f"{len(loaded)} OpenMP libraries are loaded, times are wrong: {', '.join(loaded)}"]
    return []
