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
        self.assertFalse(sweep.is_valid({"version": 1, "krnel": []}))
        self.assertFalse(sweep.is_valid({"version": "1"}))
        self.assertFalse(sweep.is_valid({"kernel": [{"tensor_n": [1.5]}]}))
        self.assertFalse(self.validator("report").is_valid({"cases": [{"latency": 1}]}))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
