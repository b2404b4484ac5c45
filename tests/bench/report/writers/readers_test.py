# SPDX-License-Identifier: Apache-2.0
"""The golden outputs, read as their readers read them: a CSV module, an XML parser, a benchmark tracker."""

import csv
import json
import pathlib
import unittest
import xml.etree.ElementTree

GOLDEN = pathlib.Path(__file__).parent / "golden"
REPORT = json.loads((GOLDEN.parent.parent / "golden" / "report.json").read_text())


class Readers(unittest.TestCase):
    def test_csv_rows_are_the_cases(self):
        with open(GOLDEN / "report.csv", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
        self.assertEqual([row["key"] for row in rows], [case["key"] for case in REPORT["cases"]])
        self.assertEqual(len(set(map(len, rows))), 1)
        first = REPORT["cases"][0]
        self.assertEqual(float(rows[0]["p50_seconds"]), first["latency_all"]["p50"]["value"])
        self.assertEqual(float(rows[0]["err_scaled"]), first["norm_accuracy"]["err_scaled"])

    def test_junit_is_well_formed_and_adds_up(self):
        suite = xml.etree.ElementTree.parse(GOLDEN / "junit.xml").getroot().find("testsuite")
        cases = suite.findall("testcase")
        self.assertEqual(int(suite.get("tests")), len(cases))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            self.assertEqual(int(suite.get(attribute)), len(suite.findall(f"testcase/{tag}")), tag)

    def test_google_benchmark_has_what_trackers_ask_for(self):
        document = json.loads((GOLDEN / "google-benchmark.json").read_text())
        self.assertIn("date", document["context"])
        measured = [case for case in REPORT["cases"] if case["status"] != "skipped"]
        self.assertEqual([entry["name"] for entry in document["benchmarks"]], [case["key"] for case in measured])
        for entry in document["benchmarks"]:
            self.assertEqual(entry["time_unit"], "ns")
            self.assertEqual(entry["run_type"], "iteration")
            if not entry.get("error_occurred"):
                self.assertGreater(entry["real_time"], 0)
                self.assertEqual(entry["cpu_time"], entry["real_time"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
