# SPDX-License-Identifier: Apache-2.0
"""One module for each library. prepare(problem, threads) gives what can be timed."""

from typing import Callable, NamedTuple


class Prepared(NamedTuple):
    calls: list  # one for each of the problem's tensors; without arguments, computes once
    output: Callable  # y of the first of them, as a tensor
