# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes a server under load and answers what an operator asks."""

import json
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

from contract import Contract
from support import START_TIMEOUT, ServerTest, wait_for

CONFIG = """\
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: normbench
    static_configs: [{{targets: ['{target}']}}]
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Prometheus:
    """Scrapes `target`; data and port are its own. Use as a context manager."""

    def __init__(self, target):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="normbench-prometheus-"))
        self.address = f"127.0.0.1:{free_port()}"
        config = self.folder / "prometheus.yml"
        config.write_text(CONFIG.format(target=target))
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder / 'data'}",
                 f"--web.listen-address={self.address}"], stdout=log, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=START_TIMEOUT)
        if kind is not None:
            print((self.folder / "log").read_text(errors="replace")[-4000:], flush=True)
        shutil.rmtree(self.folder)

    def query(self, expression):
        """The values of an instant query; none while Prometheus starts or has too few samples."""
        url = f"http://{self.address}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                result = json.load(answer)["data"]["result"]
        except (urllib.error.URLError, ConnectionError):
            if self.process.poll() is not None:
                raise
            return []
        return [float(series["value"][1]) for series in result]


class Load:
    """Calls Normalize from two threads until it is left."""

    def __init__(self, contract):
        self.call = contract.method("normbench.v1.Normalization", "Normalize")
        self.request = contract.normalize_request(shape=(4, 16, 16, 16), groups=4)
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._run) for _ in range(2)]

    def _run(self):
        while not self.over.is_set():
            self.call(self.request, timeout=30)

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, kind, error, trace):
        self.over.set()
        for thread in self.threads:
            thread.join()


class UnderLoad(ServerTest):
    def test_rates_and_quantiles(self):
        p99 = "histogram_quantile(0.99, sum by (le) (rate({}_bucket[10s])))"
        questions = {
            "up": (1, 1),
            'sum(rate(normbench_server_requests_total{code="OK",rpc="Normalize"}[10s]))': (1, 1e6),
            'sum(rate(normbench_server_norm_requests_total{norm="group",impl="torch"}[10s]))': (1, 1e6),
            "sum(rate(normbench_server_network_bytes_total[10s]))": (65536, 1e12),
            # Between the edges of the buckets, so at least above 0 and below the last edge.
            p99.format("normbench_server_request_duration_seconds"): (1e-5, 26),
            p99.format("normbench_server_queue_duration_seconds"): (1e-7, 26),
            p99.format("normbench_server_compute_duration_seconds"): (1e-7, 4.2),
            "normbench_server_admitted_bytes_limit": (1e6, 1e15),
            "normbench_build_info": (1, 1),
        }
        with Load(Contract(self.server.channel)), Prometheus(self.server.http_address) as prometheus:
            for question, (low, high) in questions.items():
                with self.subTest(question=question):
                    def answer(expression=question, low=low):
                        values = prometheus.query(expression)
                        return values if values and values[0] >= low else None

                    values = wait_for(answer, question)
                    self.assertEqual(len(values), 1)
                    self.assertLessEqual(values[0], high)


if __name__ == "__main__":
    unittest.main(verbosity=2)
