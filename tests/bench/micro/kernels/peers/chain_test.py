# SPDX-License-Identifier: Apache-2.0
"""From the two files to the verdicts."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest
from unittest import mock

import support  # noqa: F401  (finds the modules)

import cases
import chain
import chaining
import patterns
import results
import targets
from pairs import Ratio

KEY = "norm/rms?shape=4096x1024&dtype=f32&layout=nchw"


def native_file(ratio=(2.0, 1.8, 2.2), copy_us=10.0, key=KEY, contender="native"):
    return {"schema_version": 1, "options": {"cache": "hot"}, "cases": [{"threads": 1, "contenders": [
        {"contender": "reference", "key": key, "not_offered": "too large"},
        {"contender": "torch", "key": key, "times": {"p50_us": 40.0}},
        {"contender": contender, "key": key + "&dev=cpu", "times": {"p50_us": 20.0},
         "torch_over_this": dict(zip(("ratio", "low", "high"), ratio), pairs=15)},
        {"contender": "copy", "key": key, "times": {"p50_us": 5.0}},
        {"contender": "torch-copy", "key": key, "times": {"p50_us": copy_us}}]}]}


def peers_file(copy_us=10.5, key=KEY, **ratios):
    contenders = {"aten": {"p50_us": 40.0}, "ov/rms": {"left_out": "no"},
                  "copy": {"p50_us": copy_us, "aten_p50_us": 40.0,
                           "ratio_to_aten": {"median": 0.25, "low": 0.25, "high": 0.25}}}
    for name, (median, low, high) in ratios.items():
        contenders[name] = {"p50_us": 1.0, "ratio_to_aten": {"median": median, "low": low, "high": high}}
    return {"schema_version": 1, "surroundings": {"copy_call_us": 0.5},
            "rows": [{"key": key, "cache": "hot", "threads": 1, "contenders": contenders}]}


def chained(native, peers, table=None):
    table = targets.read() if table is None else table
    return chaining.chain(results.native_rows(native), results.peer_rows(peers), table)


class Chain(unittest.TestCase):
    def test_ratios_and_intervals_are_multiplied(self):
        row, = chained(native_file(), peers_file(ort=(0.5, 0.4, 0.6), inductor=(0.7, 0.7, 0.7)))
        self.assertEqual(row.peer, "ort")
        for got, wanted in zip(row.ratio, Ratio(1.0, 0.72, 1.32), strict=True):
            self.assertAlmostEqual(got, wanted)
        self.assertEqual((row.target, row.verdict), (1.4, "missed"))

    def test_aten_is_a_peer(self):
        row, = chained(native_file(), peers_file(ort=(1.5, 1.4, 1.6)))
        self.assertEqual((row.peer, row.ratio, row.verdict), ("aten", Ratio(2.0, 1.8, 2.2), "met"))

    def test_a_row_is_void_where_the_copies_disagree(self):
        row, = chained(native_file(copy_us=12.0), peers_file(ort=(0.9, 0.9, 0.9)))
        self.assertAlmostEqual(row.drift, 0.2)
        self.assertEqual(row.verdict, "void")

    def test_either_way(self):
        row, = chained(native_file(copy_us=8.0), peers_file(ort=(0.9, 0.9, 0.9)))
        self.assertEqual(row.verdict, "void")

    def test_what_a_call_of_the_copy_costs_is_no_drift(self):
        row, = chained(native_file(), peers_file(ort=(0.9, 0.9, 0.9)))
        self.assertAlmostEqual(row.drift, 0)

    def test_a_row_without_a_copy_is_void(self):
        peers = peers_file(ort=(0.9, 0.9, 0.9))
        del peers["rows"][0]["contenders"]["copy"]
        self.assertEqual(chained(native_file(), peers)[0].verdict, "void")

    def test_aten_needs_no_chain(self):
        row, = chained(native_file(copy_us=20.0), peers_file())
        self.assertEqual(row.verdict, "met")

    def test_a_case_that_the_peers_did_not_run(self):
        row, = chained(native_file(), peers_file(key="norm/rms?shape=1x8&dtype=f32&layout=nchw"))
        self.assertEqual((row.verdict, row.ratio), ("no peers", None))

    def test_a_target_against_aten_has_a_row_of_its_own(self):
        key = "norm/batch?shape=1x256x56x56&dtype=f32&layout=nchw&stats=batch"
        rows = chained(native_file(key=key), peers_file(key=key, inductor=(0.9, 0.9, 0.9)))
        self.assertEqual([(row.against, row.peer, row.target) for row in rows],
                         [("best", "inductor", 2.5), ("aten", "aten", 5)])

    def test_plain_targets_do_not_bind_streaming_stores(self):
        row, = chained(native_file(contender="native/streaming"), peers_file())
        self.assertEqual((row.target, row.verdict), (None, ""))

    def test_another_schema_is_refused(self):
        with self.assertRaisesRegex(ValueError, "schema_version"):
            results.native_rows({"schema_version": 2})


class Targets(unittest.TestCase):
    def test_every_case_has_a_target_at_one_and_two_threads(self):
        for case in cases.all_cases():
            for threads in (1, 2):
                row = results.NativeRow(case.key, "hot", threads, "native", Ratio(1, 1, 1), None)
                with self.subTest(case.key, threads=threads):
                    self.assertEqual(targets.target_of(targets.read(), row) is None, case == cases.FLOOR)

    def test_every_target_is_the_first_for_some_case(self):
        table = targets.read()
        used = set()
        for case in cases.all_cases():
            for threads, cache in [(1, "hot"), (2, "hot"), (1, "cold")]:
                for contender in ("native", "native/streaming"):
                    row = results.NativeRow(case.key, cache, threads, contender, Ratio(1, 1, 1), None)
                    for against in (targets.BEST, targets.ATEN):
                        fitting = [i for i, one in enumerate(table) if targets.holds(one, row, against)]
                        used.update(fitting[:1])
        self.assertEqual(used, set(range(len(table))))

    def test_patterns(self):
        self.assertTrue(patterns.fits("norm/group?*layout=nhwc", "norm/group?shape=1x2&layout=nhwc"))
        self.assertFalse(patterns.fits("norm/group?*layout=nhwc", "norm/group?layout=nhwc&fused=silu"))
        self.assertFalse(patterns.fits("a?c", "abc"))


class Program(unittest.TestCase):
    def run_main(self, native, peers):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / name for name in ("peers.json", "native.json")]
            for path, document in zip(paths, (peers, native)):
                path.write_text(json.dumps(document), encoding="utf-8")
            output = io.StringIO()
            with mock.patch("sys.argv", ["chain.py", *map(str, paths)]), self.assertRaises(SystemExit) as end, \
                    contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                chain.main()
        return end.exception.code, output.getvalue()

    def test_met(self):
        code, text = self.run_main(native_file(), peers_file())
        self.assertEqual(code, 0)
        self.assertIn("2.00 [1.80, 2.20]", text)
        self.assertIn("1 met; geometric mean 2.00 over 1 rows", text)

    def test_missed(self):
        self.assertEqual(self.run_main(native_file(), peers_file(ort=(0.5, 0.4, 0.6)))[0], 3)

    def test_a_file_of_another_kind(self):
        code, text = self.run_main({}, peers_file())
        self.assertEqual(code, 2)
        self.assertIn("norm_bench's file", text)


if __name__ == "__main__":
    unittest.main()
