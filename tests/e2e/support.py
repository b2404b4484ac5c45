# SPDX-License-Identifier: Apache-2.0
"""A normbench-server as a process of its own, for tests that look at it from outside.

Ports are always free ones (port 0); the server writes them to a file once it is ready, so there is
nothing to guess and nothing to wait for but that file. Only the process started here is stopped.
"""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = os.environ["NORMBENCH_SERVER"]
CLIENT = os.environ["NORMBENCH_CLIENT"]
MAKE_TEST_MODELS = os.environ["NORMBENCH_MAKE_TEST_MODELS"]
START_TIMEOUT = 60  # seconds; LibTorch alone may take ten on a cold, busy machine


def run_server(*flags, timeout=START_TIMEOUT):
    """Runs a server that is expected to end by itself; returns the completed process."""
    return subprocess.run([SERVER, *flags], capture_output=True, text=True, timeout=timeout)


def http_get(address, path):
    """Returns (status, headers, text) of an HTTP GET."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def metric(address, name, **labels):
    """The value of one series of /metrics; 0.0 where it is not there yet."""
    for line in http_get(address, "/metrics")[2].splitlines():
        series, _, value = line.rpartition(" ")
        if series.partition("{")[0] == name and all(f'{k}="{v}"' in series for k, v in labels.items()):
            return float(value)
    return 0.0


class ServerProcess:
    """Use as a context manager; `flags` are added to those for free ports and a quick end, `environment` to ours."""

    def __init__(self, *flags, environment=None):
        self.environment = {**os.environ, **(environment or {})}
        self.folder = tempfile.TemporaryDirectory(prefix="normbench-e2e-")
        self.ports_file = pathlib.Path(self.folder.name) / "ports.json"
        self.log_file = pathlib.Path(self.folder.name) / "server.log"
        self.command = [SERVER, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--ready-gap", "0",
                        "--device", "cpu", "--print-ports", str(self.ports_file), *flags]

    def __enter__(self):
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, env=self.environment)
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop(signal.SIGKILL)
            raise
        ports = json.loads(self.ports_file.read_text())
        self.grpc_address, self.http_address = ports["grpc"], ports["http"]
        self.channel = grpc.insecure_channel(
            self.grpc_address, options=[("grpc.max_send_message_length", -1),
                                        ("grpc.max_receive_message_length", -1)])
        self.health = health_pb2_grpc.HealthStub(self.channel)
        return self

    def __exit__(self, kind, error, trace):
        self.channel.close()
        self.stop(signal.SIGTERM)
        if kind is not None:
            print(f"--- log of {' '.join(self.command)}\n{self.log()}", flush=True)
        self.folder.cleanup()

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_TIMEOUT
        while not self.ports_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start, exit {self.process.poll()}:\n{self.log()}")
            time.sleep(0.01)

    def log(self):
        return self.log_file.read_text(errors="replace")

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, number):
        """Stops the process if it still runs; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout=START_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not end:\n{self.log()}") from None

    def get(self, path):
        return http_get(self.http_address, path)

    def check(self, service=""):
        """The word that grpc.health.v1 answers, for example SERVING."""
        answer = self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=30)
        return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)

    def metric(self, name, **labels):
        return metric(self.http_address, name, **labels)

    def peak_bytes(self):
        """The most memory the process ever had resident."""
        return self._status_bytes("VmHWM")

    def resident_bytes(self):
        """The memory the process has resident now."""
        return self._status_bytes("VmRSS")

    def _status_bytes(self, name):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
        return int(line.split()[1]) * 1024


class ServerTest(unittest.TestCase):
    """One server for all tests of a class; FLAGS and ENVIRONMENT are its own."""

    FLAGS = ()
    ENVIRONMENT = {}

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(ServerProcess(*cls.FLAGS, environment=cls.ENVIRONMENT))

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            print(f"--- log of the server of {self.id()}\n{self.server.log()}", flush=True)


def make_test_models(test_class):
    """A folder with what make_test_models writes, there until the tests of the class have ended."""
    folder = pathlib.Path(test_class.enterClassContext(tempfile.TemporaryDirectory(prefix="normbench-models-")))
    subprocess.run([MAKE_TEST_MODELS, str(folder)], check=True, timeout=120)
    return folder


class ModelServerTest(ServerTest):
    """The server has the models of make_test_models, whose files are in the class's `folder`."""

    @classmethod
    def setUpClass(cls):
        cls.folder = make_test_models(cls)
        cls.FLAGS = ("--models", str(cls.folder / "models"))
        super().setUpClass()


def wait_for(condition, what, timeout=60):
    """Polls `condition` until it returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {timeout} s")
