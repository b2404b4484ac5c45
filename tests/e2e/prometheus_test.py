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
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import grpc

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
    """Calls Normalize from two threads until it is left; an error of a call is one of the test."""

    def __init__(self, contract):
        self.call = contract.method("normbench.v1.Normalization", "Normalize")
        self.request = contract.normalize_request(shape=(4, 16, 16, 16), groups=4)
        self.over = threading.Event()
        self.seconds, self.sizes = [], []  # of each call until it was answered; of each answer in bytes
        self.errors = []
        self.threads = [threading.Thread(target=self._run) for _ in range(2)]

    def _run(self):
        try:
            while not self.over.is_set():
                start = time.monotonic()
                answer = self.call(self.request, timeout=30)
                self.seconds.append(time.monotonic() - start)
                self.sizes.append(answer.ByteSize())
        except grpc.RpcError as error:
            self.errors.append(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if kind is None and self.errors:
            raise self.errors[0]


class UnderLoad(ServerTest):
    def wait_for_value(self, prometheus, expression, enough=lambda value: value > 0):
        """The one value of `expression`, once it is `enough`."""
        def answer():
            values = prometheus.query(expression)
            return values if values and enough(values[0]) else None

        values = wait_for(answer, expression)
        self.assertEqual(len(values), 1, expression)
        return values[0]

    def wait_for_scrape(self, prometheus):
        """Returns when Prometheus has seen all that has happened until now."""
        wait_for(lambda: self.server.metric("normbench_server_in_flight_requests", rpc="Normalize") == 0, "idle")
        now = time.time()
        self.wait_for_value(prometheus, "timestamp(up)", lambda value: value > now)

    def test_what_an_operator_asks(self):
        p99 = "histogram_quantile(0.99, sum by (le) (rate(normbench_server_{}_duration_seconds_bucket[10s])))"
        with Prometheus(self.server.http_address) as prometheus:
            with Load(Contract(self.server.channel)) as load:
                self.wait_for_value(prometheus, "sum(rate(normbench_server_network_bytes_total[10s]))")
                quantiles = {part: self.wait_for_value(prometheus, p99.format(part))
                             for part in ("request", "queue", "compute")}
            self.wait_for_scrape(prometheus)
            self.wait_for_value(prometheus, "up", lambda value: value == 1)
            # No part of a call takes longer than the slowest call did for its caller. What Prometheus says
            # lies within a bucket, whose upper edge is at most twice the lower.
            for part, value in quantiles.items():
                self.assertLess(value, 2 * max(load.seconds), part)

            count = len(load.seconds)
            for total, expected in {
                    "up": 1,
                    'sum(normbench_server_requests_total{rpc="Normalize"})': count,
                    'sum(normbench_server_requests_total{rpc="Normalize",code="OK"})': count,
                    'sum(normbench_server_norm_requests_total{norm="group",impl="native",code="OK"})': count,
                    'sum(normbench_server_request_duration_seconds_count{rpc="Normalize"})': count,
                    'sum(normbench_server_compute_duration_seconds_count{norm="group"})': count,
                    'sum(normbench_server_network_bytes_total{direction="received"})': count * load.request.ByteSize(),
                    'sum(normbench_server_network_bytes_total{direction="sent"})': sum(load.sizes),
                    "sum(normbench_build_info)": 1}.items():
                with self.subTest(total=total):
                    self.assertEqual(prometheus.query(total), [expected])


if __name__ == "__main__":
    unittest.main(verbosity=2)
