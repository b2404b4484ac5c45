# SPDX-License-Identifier: Apache-2.0
"""What keeps a server from starting is one sentence and an exit code: 2 for usage, 1 for the rest."""

import pathlib
import re
import socket
import tempfile
import unittest

from support import ServerProcess, run_server

README = pathlib.Path(__file__).resolve().parents[2] / "server" / "README.md"
FREE = ("--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--device", "cpu")


class Usage(unittest.TestCase):
    def assert_refused(self, flags, code, sentence):
        done = run_server(*flags)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], "^normbench-server: .*" + sentence)

    def test_wrong_flags(self):
        for flags, sentence in [
            (["--modles", "x"], "unknown argument '--modles'; nearest: --models"),
            (["serve"], "unknown argument 'serve'"),
            (["--workers", "0.5"], "--workers"),
            (["--listen", "8001"], "--listen: '8001' is not HOST:PORT"),
            (["--device", "gpu"], "--device: 'gpu'; allowed: auto, cpu, cuda, cuda:0 .. cuda:63"),
            (["--memory-budget", "768"], "--memory-budget: '768' is not an amount of memory"),
            (["--memory-budget", "10MB"], "--memory-budget: 10 MB is out of range"),
            (["--device", "cuda:100"], "--device: 'cuda:100'; allowed: auto, cpu, cuda, cuda:0 .. cuda:63"),
            (["--fault-stall", "1s"], "--fault-stall: makes the server stand still on purpose; give --allow-faults"),
            (["--fault-delay", "20%"], "--fault-delay: 20% makes the server worse on purpose; allowed: 0% to 1000% with "
                                       "--allow-faults, else 0%"),
            (["--allow-faults", "--fault-stall", "1"], "--fault-stall: '1'; allowed: times with a unit"),
            (["--http", "127.0.0.1:0,127.0.0.1:0"], "--http: '127.0.0.1:0,127.0.0.1:0' is not HOST:PORT"),
        ]:
            with self.subTest(flags=flags):
                self.assert_refused(flags, 2, re.escape(sentence))

    def test_numbers_out_of_range(self):
        """The sentence has the flag, the value as it was given, and what is allowed."""
        for flag, value, allowed in [
            ("--max-queued", "1000001", "1 to 1000000"),
            ("--max-queued", "0", "1 to 1000000"),
            ("--workers", "1025", "0 to 1024"),
            ("--drain-seconds", "3601", "0 to 3600"),
            ("--drain-seconds", "-1", "0 to 3600"),
            ("--drain-seconds", "nan", "0 to 3600"),
            ("--poll-seconds", "0.01", "0.1 to 3600"),
            ("--ready-gap", "-1", "0 to 600"),
            ("--ready-gap", "601", "0 to 600"),
            ("--trace-rate", "1000000001", "0 to 1000000000"),
        ]:
            with self.subTest(flag=flag, value=value):
                self.assert_refused([*FREE, flag, value], 2,
                                    re.escape(f"{flag}: {value} is out of range; allowed: {allowed}") + "$")
        self.assert_refused([*FREE, "--memory-budget", "2000000GB"], 2,
                            "--memory-budget: 2000000 GB is out of range; allowed: 256 MB to 1000000 GB$")

    def test_ports_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for flag, part in (("--listen", "grpc"), ("--http", "http")):
                with self.subTest(flag=flag):
                    self.assert_refused([*FREE, flag, address], 1,
                                        f"{part}: cannot listen on {address}: .*in use")

    def test_two_servers_do_not_share_a_port(self):
        with ServerProcess() as first:
            for flag, address in (("--listen", first.grpc_address), ("--http", first.http_address)):
                with self.subTest(flag=flag):
                    self.assert_refused([*FREE, flag, address], 1, "cannot listen on " + address)

    def test_hosts_that_are_not_ours(self):
        for flag in ("--listen", "--http"):
            with self.subTest(flag=flag):
                self.assert_refused([*FREE, flag, "192.0.2.1:9"], 1, "cannot listen on 192.0.2.1:9")

    @unittest.skipIf(pathlib.Path("/dev/nvidia0").exists(), "this machine has a CUDA device")
    def test_missing_device(self):
        self.assert_refused([*FREE, "--device", "cuda:0"], 1, "cuda:0")

    def test_unreadable_models(self):
        with tempfile.NamedTemporaryFile() as file:
            for path in ("/no/such/folder", file.name):
                with self.subTest(path=path):
                    self.assert_refused([*FREE, "--models", path], 1, re.escape(path))

    def test_unwritable_ports_file(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        for path, why in (("/no/such/folder/ports.json", "No such file or directory"), (folder, "Is a directory")):
            with self.subTest(path=path):
                done = run_server(*FREE, "--print-ports", path)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stderr, f"normbench-server: --print-ports: cannot write '{path}': {why}\n")
        self.assertEqual(list(pathlib.Path(folder).parent.glob(pathlib.Path(folder).name + "?*")), [])

    def test_version(self):
        done = run_server("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^normbench-server \d+\.\d+\.\d+ \(\S+\)\n$")

    def test_every_flag_is_in_the_readme(self):
        text = run_server("--help").stdout
        flags = set(re.findall(r"--[a-z][a-z-]+", text))
        self.assertGreaterEqual(len(flags), 12)
        table = set(re.findall(r"--[a-z][a-z-]+", README.read_text().split("## Reading order")[0]))
        self.assertEqual(flags, table)


if __name__ == "__main__":
    unittest.main(verbosity=2)
