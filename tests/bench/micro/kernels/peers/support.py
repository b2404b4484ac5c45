# SPDX-License-Identifier: Apache-2.0
"""Lets the tests import the modules that they test."""

import pathlib
import sys

PEERS = pathlib.Path(__file__).resolve().parents[5] / "bench" / "micro" / "kernels" / "peers"
sys.path.insert(0, str(PEERS))
