# SPDX-License-Identifier: Apache-2.0
"""The tensors of a case, shared by all contenders, and the check of an output."""

import torch

import memory
import reference

DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16}
ORDERS = {"nchw": torch.contiguous_format, "nhwc": torch.channels_last}


class Problem:
    """xs: inputs; ys: memory for contenders that can be told where to write. More than one of each when cold."""

    def __init__(self, case, cache):
        self.case = case
        self.generator = torch.Generator().manual_seed(1)
        count = memory.lanes(case.tensor_bytes, cache, memory.last_level_cache_bytes())
        self.xs = [self._input() for _ in range(count)]
        self.ys = [torch.empty_like(x) for x in self.xs]
        width = case.shape[-1] if case.norm in ("layer", "rms") else case.shape[1]
        self.parameters = {"gamma": 1 + self._small(width), "beta": self._small(width),
                           "mean": self._small(width), "variance": 1 + self._small(width)}
        exact = {name: value.double().numpy() for name, value in self.parameters.items()}
        self.expected = reference.normalize(case, self.xs[0].double().numpy(), exact)

    def _input(self):
        x = torch.randn(self.case.shape, generator=self.generator)
        return x.to(DTYPES[self.case.dtype]).contiguous(memory_format=ORDERS[self.case.layout])

    def _small(self, width):
        """From -0.5 to 0.5, exact in 16 bits too."""
        return torch.randint(-64, 64, (width,), generator=self.generator) / 128

    def forget_outputs(self):
        for y in self.ys:
            y.fill_(float("nan"))

    def error(self, y):
        return reference.scaled_error(self.case, y.double().numpy(), self.expected)
