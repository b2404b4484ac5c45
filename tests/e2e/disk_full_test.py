# SPDX-License-Identifier: Apache-2.0
"""The disk of the history is full. Needs a mount namespace of one's own; history_test.py needs nothing."""

import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import grpc

from kept_runs import Runs
from support import ServerProcess, wait_for

DISK = "1m"


def may_mount():
    return shutil.which("unshare") is not None and subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0


@unittest.skipUnless(may_mount(), "no mount namespace of one's own here")
class FullDisk(unittest.TestCase):
    def test_is_an_error_that_says_so_and_earlier_runs_can_be_read(self):
        with tempfile.TemporaryDirectory(prefix="normbench-disk-") as folder:
            server = ServerProcess("--history", f"{folder}/history.db")
            # The small disk is the server's alone, and goes with it.
            server.command = ["unshare", "-rm", "sh", "-c",
                              'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"', "sh", DISK, folder,
                              *server.command]
            with server:
                runs = Runs(server)
                first = runs.submit()
                wait_for(lambda: runs.states()[first] == "complete", "the first run is over")
                error = runs.fill()
                self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                self.assertIn("the disk is full; nothing new is kept", error.details())
                self.assertEqual(runs.call("Get", run_id=first).report.cases[0].status, "ok")
                self.assertEqual(len(list(runs.call("Watch", run_id=first))), 3)
                self.assertEqual(runs.states()[first], "complete")
                self.assertEqual(server.get("/v2/health/ready")[0], 200)

    def test_a_server_starts_and_ends_what_was_under_way_once_there_is_room(self):
        with tempfile.TemporaryDirectory(prefix="normbench-disk-") as folder:
            with ServerProcess("--history", f"{folder}/history.db") as server:
                runs = Runs(server)
                left = runs.submit(seconds=60)
                wait_for(lambda: runs.states()[left] == "running", "the run is under way")
                server.stop(signal.SIGKILL)
            server = ServerProcess("--history", f"{folder}/disk/history.db")
            server.command = ["unshare", "-rm", "sh", "-c",
                              'mkdir "$2/disk" && mount -t tmpfs -o size="$1" none "$2/disk" && cp "$2"/history.db* "$2/disk" && '
                              '{ cat /dev/zero > "$2/disk/filler" 2> /dev/null; shift 2; exec "$@"; }', "sh", DISK, folder,
                              *server.command]
            with server:
                runs = Runs(server)
                with self.assertRaises(grpc.RpcError) as full:
                    runs.submit()
                self.assertEqual(full.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                self.assertEqual(runs.states()[left], "running")
                self.assertEqual(server.get("/v2/health/ready")[0], 200)
                pathlib.Path(f"/proc/{server.process.pid}/root{folder}/disk/filler").unlink()
                wait_for(lambda: runs.states()[left] == "interrupted", "it is ended")
                after = runs.submit()
                wait_for(lambda: runs.states()[after] == "complete", "the next run is over")


if __name__ == "__main__":
    unittest.main(verbosity=2)
