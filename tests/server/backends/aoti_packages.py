# SPDX-License-Identifier: Apache-2.0
"""aoti_packages.py TORCH_ROOT FOLDER: has aoti_networks.py run by the Python of that PyTorch, once for each PyTorch and
CPU: what FOLDER holds of a run before is kept. Exits with 77, and says why, where that LibTorch is without Python."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import nvidia_stand_ins

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent


def skip(why):
    print(f"skipped: {why}: no .pt2 files, so the tests of the backend aoti that need one are skipped")
    sys.exit(SKIPPED)


def made_for(torch_root):
    """Changes with what the packages depend on: their source, PyTorch and what the CPU can do."""
    flags = re.search(r"^(flags|Features)\s*:.*$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    parts = [(HERE / "aoti_networks.py").read_text(), (torch_root / "version.py").read_text(), flags and flags.group()]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def make(torch_root, folder):
    with tempfile.TemporaryDirectory(prefix="normbench-aoti-") as work:
        stand_ins = pathlib.Path(work) / "stand_ins"
        stand_ins.mkdir()
        nvidia_stand_ins.make(torch_root, stand_ins)
        # The compiler's own cache and temporary files, too, are gone afterwards.
        environment = {**os.environ, "PYTHONPATH": str(torch_root.parent), "LD_LIBRARY_PATH": str(stand_ins),
                       "TMPDIR": work, "TORCHINDUCTOR_CACHE_DIR": f"{work}/inductor", "CUDA_VISIBLE_DEVICES": ""}
        subprocess.run([sys.executable, HERE / "aoti_networks.py", folder], check=True, env=environment)


def main(torch_root, folder):
    if not (torch_root / "version.py").exists():
        skip(f"the LibTorch in {torch_root} has no Python part")
    if not list(torch_root.glob(f"_C.{sys.implementation.cache_tag}*")):
        skip(f"the PyTorch in {torch_root} is not for {sys.executable}")
    mark, wanted = folder / "made_for", made_for(torch_root)
    if mark.exists() and mark.read_text() == wanted:
        print(f"kept what is in {folder}")
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    make(torch_root, folder)
    mark.write_text(wanted)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
