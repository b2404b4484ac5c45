# SPDX-License-Identifier: Apache-2.0
"""Empty stand-ins for NVIDIA's libraries, so that `import torch` works where only the CPU part is installed.

PyTorch's CUDA build names ten of them, 3 GB, and cannot be imported without; on a CPU it calls none. One shared
object has every symbol that is asked of them, under its version, and goes by each of their names. Only for tests.
"""

import pathlib
import re
import subprocess

NVIDIA = re.compile(r"(cu|nccl|nvrtc|nvshmem)")
TORCH_LIBRARIES = ("libtorch_cuda.so", "libtorch_python.so", "libtorch_nvshmem.so", "libc10_cuda.so")  # of the import


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def missing(torch_root):
    """Names of the libraries of NVIDIA's that PyTorch names and that are not installed beside it."""
    installed = {file.name for file in torch_root.parent.glob("nvidia/**/lib*.so*")}
    named = set()
    for library in present(torch_root):
        named |= set(re.findall(r"\(NEEDED\).*\[lib(.*)\]", output_of("readelf", "-dW", library)))
    return sorted(f"lib{name}" for name in named if NVIDIA.match(name) and f"lib{name}" not in installed)


def present(torch_root):
    return [file for file in (torch_root / "lib" / name for name in TORCH_LIBRARIES) if file.exists()]


def symbols(torch_root):
    """{version: names} of what is asked of NVIDIA's libraries; version "" where it has none."""
    found = {"": set()}
    for library in present(torch_root):
        for line in output_of("nm", "-D", "--undefined-only", library).splitlines():
            name, _, version = line.split()[-1].partition("@")
            if NVIDIA.match(name):
                found.setdefault(version.lstrip("@"), set()).add(name)
    return found


def make(torch_root, folder):
    """Fills `folder`, which is to go into LD_LIBRARY_PATH. Makes nothing where nothing is missing."""
    names = missing(torch_root)
    if not names:
        return
    versions = symbols(torch_root)
    source, script = folder / "stand_in.cc", folder / "stand_in.map"
    source.write_text("".join(f'extern "C" int {name}() {{ return 1; }}\n'
                              for name in sorted(set().union(*versions.values()))))
    script.write_text("".join(f"{version} {{ {' '.join(f'{name};' for name in sorted(group))} }};\n"
                              for version, group in versions.items() if version))
    library = folder / "stand_in.so"
    subprocess.run(["c++", "-shared", "-fPIC", "-w", f"-Wl,--version-script={script}", "-o", library, source],
                   check=True)
    for name in names:
        pathlib.Path(folder / name).symlink_to(library.name)
