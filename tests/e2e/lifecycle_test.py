# SPDX-License-Identifier: Apache-2.0
"""A server from its start to its end: ready, healthy, draining, gone."""

import signal
import tempfile
import threading
import unittest

import grpc
from grpc_health.v1 import health_pb2

from contract import Contract
from support import ServerProcess, wait_for

SERVICES = ["normbench.v1.Benchmark", "normbench.v1.Normalization", "inference.GRPCInferenceService"]
Status = health_pb2.HealthCheckResponse


class Measurement:
    """A measurement that runs until its time is over, and what became of it."""

    def __init__(self, contract, seconds):
        spec = contract.message("normbench.v1.NormSpec", norm="group", groups=2)
        case = contract.message("normbench.v1.NormCase", spec=spec, shape=[1, 4, 8, 8])
        budget = contract.message("normbench.v1.MeasureBudget", warmup_seconds=0.01, seconds=seconds)
        self.stream = contract.method("normbench.v1.Benchmark", "Measure")(
            contract.message("normbench.v1.MeasureRequest", norm_case=case, budget=budget))
        self.started = threading.Event()
        self.events, self.error = [], None
        self.thread = threading.Thread(target=self._read)
        self.thread.start()
        if not self.started.wait(60):
            raise AssertionError("the measurement did not start")

    def _read(self):
        try:
            for event in self.stream:
                self.events.append(event.WhichOneof("event"))
                if self.events[-1] == "progress":
                    self.started.set()
        except grpc.RpcError as error:
            self.error = error
        self.started.set()


class Lifecycle(unittest.TestCase):
    def v2_state(self, contract):
        """What the V2 protocol says: (live, ready)."""
        service = "inference.GRPCInferenceService"
        live = contract.method(service, "ServerLive")(contract.message("inference.ServerLiveRequest"), timeout=30)
        ready = contract.method(service, "ServerReady")(contract.message("inference.ServerReadyRequest"), timeout=30)
        return live.live, ready.ready

    def test_health_of_every_service(self):
        with ServerProcess() as server:
            for service in ["", *SERVICES]:
                self.assertEqual(server.check(service), "SERVING", service)
            with self.assertRaises(grpc.RpcError) as unknown:
                server.check("no.such.Service")
            self.assertEqual(unknown.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_reflection_lists_the_services(self):
        with ServerProcess() as server:
            listed = Contract(server.channel).services()
            self.assertEqual(sorted([*SERVICES, "grpc.health.v1.Health",
                                     "grpc.reflection.v1alpha.ServerReflection"]), listed)

    def test_watch_sees_the_end_before_the_port_closes(self):
        with ServerProcess() as server:
            watches = [server.health.Watch(health_pb2.HealthCheckRequest(service=s))
                       for s in ("", SERVICES[0])]
            for watch in watches:
                self.assertEqual(next(watch).status, Status.SERVING)
            server.signal(signal.SIGTERM)
            for watch in watches:
                self.assertEqual(next(watch).status, Status.NOT_SERVING)
            # Watching does not hold the server up for its 30 s of patience.
            self.assertEqual(server.process.wait(timeout=20), 0)

    def test_a_watcher_of_a_run_that_reads_nothing_does_not_hold_up_the_end(self):
        with tempfile.TemporaryDirectory(prefix="normbench-lifecycle-") as folder, \
                ServerProcess("--history", f"{folder}/history.db") as server:
            contract = Contract(server.channel)
            runs = "normbench.v1.Benchmark"
            # Events of cases that fail at once, of more bytes than a stream sends ahead.
            keys = [f"model/none?data=fmnist-wide&images={images}" for images in range(1, 1001)]
            case = contract.message("normbench.v1.KeyedSweep", key=keys, warmup_seconds=0.01, seconds=0.01)
            sweep = contract.message("normbench.v1.Sweep", version=1, cases=[case])
            sweep.name = "failing"
            run = contract.method(runs, "Submit")(contract.message("normbench.v1.SubmitRequest", sweep=sweep), timeout=60)
            get = contract.message("normbench.v1.GetRequest", run_id=run.run_id)
            wait_for(lambda: contract.method(runs, "Get")(get, timeout=60).ended, "the run is over")
            wanted = contract.message("normbench.v1.WatchRequest", run_id=run.run_id)
            ahead = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65535)]
            narrow = self.enterContext(grpc.insecure_channel(server.grpc_address, options=ahead))
            watch = Contract(narrow).method(runs, "Watch")(wanted)
            next(watch)
            server.signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(timeout=20), 0)  # not the 30 s of its patience
            with self.assertRaises(grpc.RpcError):
                list(watch)

    def test_ready_gap_is_not_ready_and_still_serves(self):
        with ServerProcess("--ready-gap", "600") as server:
            contract = Contract(server.channel)
            self.assertEqual(self.v2_state(contract), (True, True))
            server.signal(signal.SIGINT)
            wait_for(lambda: server.get("/v2/health/ready")[0] == 503, "not ready")
            self.assertEqual(server.get("/v2/health/live")[0], 200)
            self.assertEqual(server.check(), "NOT_SERVING")
            self.assertEqual(self.v2_state(contract), (True, False))
            self.assertEqual(len(contract.normalize().y), 2 * 4 * 3 * 3 * 4)
            server.signal(signal.SIGINT)  # the second one ends it at once
            self.assertEqual(server.process.wait(timeout=20), -signal.SIGINT)

    def test_sigterm_lets_running_work_end_and_takes_no_new(self):
        with ServerProcess() as server:
            contract = Contract(server.channel)
            contract.normalize()  # everything about the contract is known from here on
            running = Measurement(contract, seconds=5)
            server.signal(signal.SIGTERM)
            wait_for(lambda: server.get("/v2/health/ready")[0] == 503, "not ready")

            def refused():
                try:
                    contract.normalize()
                except grpc.RpcError as error:
                    return error
                return None

            error = wait_for(refused, "new work is refused")
            self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
            self.assertIn("draining", error.details())
            running.thread.join()
            self.assertIsNone(running.error)
            self.assertEqual(running.events[-1], "result")
            self.assertEqual(server.process.wait(timeout=20), 0)

    def test_what_outlasts_the_patience_is_cancelled(self):
        with ServerProcess("--drain-seconds", "0.2") as server:
            running = Measurement(Contract(server.channel), seconds=60)
            server.signal(signal.SIGTERM)
            running.thread.join()
            self.assertIsNotNone(running.error)
            self.assertIn(running.error.code(), (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED))
            self.assertEqual(server.process.wait(timeout=20), 0)

    def test_start_says_what_it_started(self):
        with ServerProcess("--workers", "1", "--memory-budget", "900MB") as server:
            for line in ["device cpu", "1 worker", "memory budget 900 MB, requests up to 100 MB",
                         "models none: no --models", f"gRPC {server.grpc_address}",
                         f"metrics http://{server.http_address}/metrics"]:
                self.assertIn(line, server.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
