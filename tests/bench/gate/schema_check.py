# SPDX-License-Identifier: Apache-2.0
"""The committed JSON Schemas accept policies and comparisons, and refuse what is none."""

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
        schema = load(f"bench/gate/{name}.schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        return jsonschema.Draft202012Validator(schema)

    def test_example_of_the_reference_page(self):
        text = (ROOT / "bench/gate/README.md").read_text(encoding="utf-8")
        self.validator("policy").validate(json.loads(text.split("```json\n")[1].split("```")[0]))

    def test_sample_comparison(self):
        sample = load("tests/bench/gate/golden/comparison.json")
        sample["policy"]["cells"] = [{"key": ["norm/rms?shape=1x4"]}]
        self.validator("comparison").validate(sample)

    def test_unknown_keys_and_wrong_types(self):
        policy = self.validator("policy")
        good = {"version": 1, "name": "g", "cells": [{"key": ["k"]}]}
        self.assertTrue(policy.is_valid(good))
        for bad in ({**good, "round": 6}, {**good, "version": 2}, {**good, "rounds": 6.5}, {**good, "alpha": "5"},
                    {**good, "cells": [{}]}, {**good, "metrics": [{"metric": "p50"}]}, {"version": 1, "name": "g"},
                    {"version": 1, "cells": []}, {"name": "g", "cells": []}):
            self.assertFalse(policy.is_valid(bad), bad)

    def test_comparisons_without_what_readers_rely_on(self):
        comparison, sample = self.validator("comparison"), load("tests/bench/gate/golden/comparison.json")
        for name in ("schema_version", "run_id", "policy", "outcome", "cells", "verdict", "exit_code"):
            self.assertFalse(comparison.is_valid({k: v for k, v in sample.items() if k != name}), name)
        self.assertFalse(comparison.is_valid({**sample, "schema_version": 2}))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
