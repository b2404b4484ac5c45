# SPDX-License-Identifier: Apache-2.0
"""Clients that ask a server all the time, while a test does something to it."""

import threading

import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException


class Clients:
    """Use as a context manager: `count` threads, each with a connection of its own, call ask(client) until the end.

    `failures` has the texts of the requests that failed; what is wrong with an answer, ask raises as AssertionError.
    """

    def __init__(self, count, address, ask):
        self.address, self.ask, self.failures = address, ask, []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _run(self):
        with triton.InferenceServerClient(self.address) as client:
            while not self._ended.is_set():
                try:
                    self.ask(client)
                except (InferenceServerException, AssertionError) as error:
                    self.failures.append(str(error))
