# SPDX-License-Identifier: Apache-2.0
"""A run of the real client against a real server with everything that makes metrics, for tests that look at them."""

import json
import pathlib
import re
import subprocess

from support import CLIENT, ROOT, http_get, wait_for

SWEEP = {
    "version": 1,
    "name": "metrics",
    "kernel": [{"norm": ["group"], "groups": [4], "shape": ["8x4x4"], "seconds": 0.05}],
    "service": [
        {"norm": ["group"], "groups": [4], "shape": ["8x4x4"], "warmup_seconds": 0.05, "seconds": 0.5},
        {"norm": ["rms"], "shape": ["64"], "arrivals": ["poisson:200"], "warmup_seconds": 0.05, "seconds": 2},
    ],
    "model": [{"model": ["plain6_gn"], "data": "fmnist-wide", "images": 16, "request_batch": [8], "seconds": 0.1}],
}


# The results of a finished run are gauges with the label that everybody looks for.
ALLOWED = 'normbench_case_latency_seconds non-summary metrics should not have "quantile" label'


def check(text):
    """What promtool says of a page of metrics, but for what is ALLOWED; [] if nothing."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line != ALLOWED]
    return said if done.returncode in (0, 3) else [*said, f"exit {done.returncode}"]


class MetricsRun:
    """`folder` gets the results; `flags` are added. `live` is the last page that the running client served with
    metrics of its open loop; `done` is the completed process."""

    def __init__(self, server, folder, *flags, sweep=None):
        self.folder = pathlib.Path(folder)
        self.textfile = self.folder / "normbench.prom"
        path = self.folder / "sweep.json"
        path.write_text(json.dumps(sweep or SWEEP))
        command = [CLIENT, "run", str(path), "--server", server.grpc_address, "--out", str(self.folder / "out"),
                   "--metrics-port", "0", "--textfile", str(self.textfile), *flags]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        self.head = ""
        try:
            self.live = self._watch(process)
        finally:
            out, err = process.communicate(timeout=120)
        self.done = subprocess.CompletedProcess(command, process.returncode, self.head + out, err)

    def _watch(self, process):
        for line in process.stdout:  # until it says where
            self.head += line
            address = re.match(r"live +http://(\S+)/metrics", line)
            if address:
                break
        else:
            return ""

        def page():
            if process.poll() is not None:
                raise AssertionError("the run ended before its open loop was seen")
            text = http_get(address[1], "/metrics")[2]
            return text if 'from="scheduled"' in text and "normbench_case_latency_seconds{" in text else None

        return wait_for(page, "metrics of the open loop")
