# SPDX-License-Identifier: Apache-2.0
"""aoti_networks.py FOLDER: networks as AOTInductor packages and as TorchScript, and what PyTorch itself answers.

net.pt2, net.pt   an image of 1x28x28 becomes 8 features and its mean, any batch; images.f32 are 8 of them,
                  features.1.f32, mean.1.f32 PyTorch's answers one by one, features.8.f32, mean.8.f32 those of one batch
outside.pt2       the same, with its weights beside its code
without.pt2       the same, without its weights
add.pt2           adds two vectors of 3, any batch
usual.pt2         the same, exported in the usual way: its code refuses a batch of 1
fixed.pt2         the same for a batch of 4 only
"""

import pathlib
import sys
import warnings

import torch

ANY_BATCH = {"aot_inductor.check_lowerbound": False, "aot_inductor.metadata": {"torch_version": torch.__version__}}


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = torch.nn.Conv2d(1, 8, 3, stride=2, padding=1, bias=False)
        self.norm = torch.nn.GroupNorm(4, 8)
        torch.nn.init.normal_(self.norm.weight)
        torch.nn.init.normal_(self.norm.bias)

    def forward(self, x):
        y = torch.relu(self.norm(self.convolution(x)))
        return y.mean((2, 3)), x.mean((1, 2, 3))


class Add(torch.nn.Module):
    def forward(self, x, y):
        return x + y


def save(tensors, path):
    path.write_bytes(torch.cat(tensors).contiguous().numpy().tobytes())


def package(module, inputs, path, shapes=None, options=None):
    exported = torch.export.export(module, inputs, dynamic_shapes=shapes)
    torch._inductor.aoti_compile_and_package(exported, package_path=str(path), inductor_configs=options or {})


def main(folder):
    torch.set_num_threads(1)
    torch.manual_seed(9)
    network = Network().eval()
    images = torch.randn(8, 1, 28, 28)
    save([images], folder / "images.f32")
    for batch in (1, 8):
        features, means = zip(*(network(part) for part in images.split(batch)))
        save(features, folder / f"features.{batch}.f32")
        save(means, folder / f"mean.{batch}.f32")
    with warnings.catch_warnings(action="ignore"):  # TorchScript is deprecated
        torch.jit.script(network).save(str(folder / "net.pt"))
    batch = {0: torch.export.Dim("batch")}
    package(network, (images,), folder / "net.pt2", (batch,), ANY_BATCH)
    outside = {"aot_inductor.package_constants_in_so": False}
    package(network, (images,), folder / "without.pt2", (batch,), {**ANY_BATCH, **outside})
    outside["aot_inductor.package_constants_on_disk_format"] = "binary_blob"
    package(network, (images,), folder / "outside.pt2", (batch,), {**ANY_BATCH, **outside})
    four = (torch.zeros(4, 3), torch.zeros(4, 3))
    package(Add(), four, folder / "add.pt2", (batch, batch), ANY_BATCH)
    package(Add(), four, folder / "usual.pt2", (batch, batch))
    package(Add(), four, folder / "fixed.pt2")


if __name__ == "__main__":
    with torch.no_grad():
        main(pathlib.Path(sys.argv[1]))
