# SPDX-License-Identifier: Apache-2.0
"""The methods about runs of one server, for tests of what it keeps of them."""

import grpc

from contract import Contract

BENCHMARK = "normbench.v1.Benchmark"


class Runs:
    def __init__(self, server):
        self.contract = Contract(server.channel)
        self.submit_method = self.contract.method(BENCHMARK, "Submit")

    def submit(self, cases=1, seconds=0.01, **fields):
        """The id of a run of so many cases."""
        keys = [f"norm/rms?impl=native&shape={n}x64" for n in range(1, cases + 1)]
        case = self.contract.message("normbench.v1.KeyedSweep", key=keys, seconds=seconds, warmup_seconds=0.01)
        sweep = self.contract.message("normbench.v1.Sweep", version=1, cases=[case])
        sweep.name = "small"
        request = self.contract.message("normbench.v1.SubmitRequest", sweep=sweep, **fields)
        return self.submit_method(request, timeout=60).run_id

    def call(self, method, **fields):
        request = self.contract.message(f"normbench.v1.{method}Request", **fields)
        return self.contract.method(BENCHMARK, method)(request, timeout=60)

    def states(self):
        states, token = {}, ""
        while True:
            page = self.call("List", page_size=1000, page_token=token)
            states.update((run.run_id, run.state) for run in page.runs)
            token = page.next_page_token
            if not token:
                return states

    def fill(self):
        """Submits until that fails; returns the error."""
        labels = {str(i): "x" * 256 for i in range(16)}
        for _ in range(2000):
            try:
                self.call("Cancel", run_id=self.submit(labels=labels))
            except grpc.RpcError as error:
                return error
        raise AssertionError("there is room for all of them")
