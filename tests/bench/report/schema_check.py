# SPDX-License-Identifier: Apache-2.0
"""The committed JSON Schemas accept what normbench writes and reads, and refuse what it does not."""

import json
import pathlib
import sys
import unittest

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[3]


def load(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


class Schemas(unittest.TestCase):
    def validator(self, name):
        schema = load(f"bench/report/{name}.schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        return jsonschema.Draft202012Validator(schema)

    def test_committed_sweeps(self):
        validator = self.validator("sweep")
        sweeps = sorted((ROOT / "bench/sweeps").glob("*.json"))
        self.assertGreaterEqual(len(sweeps), 2)
        for path in sweeps:
            validator.validate(json.loads(path.read_text(encoding="utf-8")))

    def test_sample_report(self):
        self.validator("report").validate(load("tests/bench/report/golden/report.json"))

    def test_unknown_keys_and_wrong_types(self):
        sweep = self.validator("sweep")
        kernel = {"norm": ["rms"], "shape": ["4"]}
        good = {"version": 1, "name": "s", "kernel": [kernel]}
        self.assertTrue(sweep.is_valid(good))
        for bad in ({**good, "krnel": []}, {**good, "version": "1"}, {**good, "version": 2}, {}, {"version": 1},
                    {**good, "kernel": [{**kernel, "tensor_n": [1.5]}]}, {**good, "kernel": [{"norm": ["rms"]}]},
                    {**good, "model": [{}]}, {**good, "cases": [{}]}, {**good, "service": [{"shape": ["4"]}]}):
            self.assertFalse(sweep.is_valid(bad), bad)

    def test_reports_without_what_readers_rely_on(self):
        report, sample = self.validator("report"), load("tests/bench/report/golden/report.json")
        self.assertFalse(report.is_valid({}))
        self.assertFalse(report.is_valid({**sample, "schema_version": 2}))
        self.assertFalse(report.is_valid({**sample, "cases": [{**sample["cases"][0], "latency": 1}]}))
        for name in ("run_id", "sweep", "cases", "exit_code"):
            self.assertFalse(report.is_valid({key: value for key, value in sample.items() if key != name}), name)
        for name in ("key", "kind", "status", "expectations"):
            case = {key: value for key, value in sample["cases"][0].items() if key != name}
            self.assertFalse(report.is_valid({**sample, "cases": [case]}), name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
