# SPDX-License-Identifier: Apache-2.0
"""Dashboard and rules against the programs: what they ask for is there in a real scrape after a real run."""

import json
import re
import subprocess
import tempfile
import unittest

import grpc

from metrics_run import MetricsRun
from support import ROOT, ModelServerTest

RULES = [ROOT / "deploy/prometheus" / name for name in ("recording.yml", "alerts.yml")]
DASHBOARD = ROOT / "deploy/grafana/overview.json"
WORDS = {"sum", "max", "min", "by", "on", "and", "or", "rate", "time", "offset", "group_left", "histogram_quantile",
         "quantile_over_time"}
OF_THE_SCRAPE = {"job", "instance"}  # added by Prometheus
# A busy machine takes too few samples for some of them: which ones a run has says nothing about the contract.
QUANTILES = {"0.5", "0.9", "0.99", "0.999"}


def promtool(*arguments, **options):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=120, **options)


def rule_expressions():
    """(name, expression) of each rule; a block that goes on is indented deeper than its key."""
    for path in RULES:
        for name, expression in re.findall(r"- (?:record|alert): (\S+)\n +expr: (\|\n(?:(?: {10,}.*)?\n)+|.*\n)",
                                           path.read_text()):
            yield name, expression.removeprefix("|")


def panel_expressions(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"], target["legendFormat"]


def without_variables(expression):
    return expression.replace("[$__rate_interval]", "[5m]").replace("$", "")


def selectors(expression):
    """(metric, {label: value or None}) of each vector in a PromQL expression; a value only where it is compared whole."""
    text = re.sub(r"\b(by|on|group_left)\s*\(([^)]*)\)", " ", expression)
    for metric, _, inside in re.findall(r"\b([a-z][a-z0-9_:]*)\b(?!\s*\()(\{([^}]*)\})?", re.sub(r"\[[^]]*\]", "", text)):
        if "_" not in metric or metric in WORDS:
            continue
        yield metric, {label: value if operator in ("=", "!=") else None
                       for label, operator, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', inside)}


def aggregations(expression):
    """(labels, body) of each aggregation `by (labels) (body)` in a PromQL expression."""
    for by in re.finditer(r"\bby\s*\(([^)]*)\)\s*\(", expression):
        depth, end = 1, by.end()
        while depth > 0:
            depth += {"(": 1, ")": -1}.get(expression[end], 0)
            end += 1
        yield {label.strip() for label in by[1].split(",")}, expression[by.end():end - 1]


def grouped(expression):
    lists = re.findall(r"\b(?:by|on|group_left)\s*\(([^)]*)\)", expression)
    return {label.strip() for labels in lists for label in labels.split(",") if label.strip()}


class Scrape:
    """Metrics and the labels and values each has, of several pages together."""

    def __init__(self, *pages):
        self.labels = {}  # metric -> label -> values
        for line in "\n".join(pages).splitlines():
            series = re.match(r"([a-z][a-z0-9_]*)(?:\{(.*)\})? \S+$", line)
            if series:
                labels = self.labels.setdefault(series[1], {})
                for label, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', series[2] or ""):
                    labels.setdefault(label, set()).add(value)

    def add(self, metric, labels):
        self.labels[metric] = {label: set() for label in labels}


class Files(unittest.TestCase):
    def test_rules_are_clean(self):
        done = promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules_do_what_they_say(self):
        tests = sorted((ROOT / "tests/deploy/prometheus").glob("*.test.yml"))
        self.assertEqual(len(tests), 2)
        done = promtool("test", "rules", *tests)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_has_a_case_that_fires_and_one_that_does_not(self):
        text = "".join(path.read_text() for path in (ROOT / "tests/deploy/prometheus").glob("*.test.yml"))
        alerts = re.findall(r"- alert: (\S+)", RULES[1].read_text())
        self.assertEqual(len(alerts), 8)
        for alert in alerts:
            self.assertRegex(text, rf"alertname: {alert}\n +eval_time: \w+\n +exp_alerts:\n +- exp_labels", alert)

    def test_codes_are_those_of_grpc(self):
        texts = [*(path.read_text() for path in RULES), DASHBOARD.read_text().replace('\\"', '"')]
        asked = [code for text in texts for codes in re.findall(r'\bcode\s*(?:=~|!~|!=|=)\s*"([^"]*)"', text)
                 for code in codes.split("|")]
        self.assertGreater(len(asked), 7)
        self.assertLessEqual(set(asked), {code.name for code in grpc.StatusCode})

    def test_configuration_is_valid(self):
        done = promtool("check", "config", ROOT / "deploy/prometheus/prometheus.yml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_expressions_of_the_dashboard_are_promql(self):
        rules = [{"record": f"panel:{i}", "expr": without_variables(expression)}
                 for i, (_, expression, _) in enumerate(panel_expressions(json.loads(DASHBOARD.read_text())))]
        self.assertGreater(len(rules), 20)
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:  # JSON is YAML
            json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
            file.flush()
            done = promtool("check", "rules", file.name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_panels_do_not_overlap_and_have_ids_of_their_own(self):
        panels = json.loads(DASHBOARD.read_text())["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(at["x"] + at["w"], 24)
            taken |= cells


class Contract(ModelServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with tempfile.TemporaryDirectory(prefix="normbench-dashboard-") as folder:
            run = MetricsRun(cls.server, folder)
            if run.done.returncode != 0:
                raise AssertionError(run.done.stdout + run.done.stderr)
            cls.scrape = Scrape(cls.server.get("/metrics")[2], run.live, run.textfile.read_text())
        for name, expression in rule_expressions():
            cls.scrape.add(name, grouped(expression))

    def check(self, where, expression):
        found = list(selectors(expression))
        self.assertTrue(found, f"{where}: no metric in {expression}")
        for metric, labels in found:
            self.assertIn(metric, self.scrape.labels, where)
            for label, value in labels.items():
                if label in OF_THE_SCRAPE:
                    continue
                self.assertIn(label, self.scrape.labels[metric], f"{where}: {metric}")
                values = QUANTILES if label == "quantile" else self.scrape.labels[metric][label]
                if value is not None and values:
                    self.assertIn(value, values, f"{where}: {metric}")
        for labels, body in aggregations(expression):
            for metric, _ in selectors(body):
                self.assertLessEqual(labels, OF_THE_SCRAPE | set(self.scrape.labels[metric]), f"{where}: {metric}")
        known = OF_THE_SCRAPE.union(*(self.scrape.labels[metric] for metric, _ in found))
        self.assertLessEqual(grouped(expression), known, where)
        return grouped(expression)

    def test_rules(self):
        rules = list(rule_expressions())
        self.assertEqual(len(rules), 13)
        for name, expression in rules:
            self.check(name, expression)

    def test_dashboard(self):
        dashboard = json.loads(DASHBOARD.read_text())
        for title, expression, legend in panel_expressions(dashboard):
            labels = self.check(title, without_variables(expression))
            self.assertLessEqual(set(re.findall(r"\{\{(\w+)\}\}", legend)), labels, title)
        for variable in dashboard["templating"]["list"]:
            asked = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable.get("definition", ""))
            if asked:
                self.assertIn(asked[1], self.scrape.labels)
                self.assertIn(asked[2], OF_THE_SCRAPE | set(self.scrape.labels[asked[1]]))

    def test_a_wrong_name_would_be_found(self):
        for expression in ("sum by (rcp) (rate(normbench_server_requests_total[5m]))",
                           "sum by (norm) (rate(normbench_server_requests_total[5m])) / "
                           "sum by (norm) (rate(normbench_server_norm_requests_total[5m]))",
                           'sum(rate(normbench_server_rejections_total{budget!="drain"}[5m]))',
                           "sum(rate(normbench_server_request_total[5m]))",
                           'sum(rate(normbench_server_requests_total{cod="OK"}[5m]))',
                           'normbench_case_latency_seconds{bound="low"}'):
            with self.subTest(expression=expression), self.assertRaises(AssertionError):
                self.check("wrong", expression)


if __name__ == "__main__":
    unittest.main(verbosity=2)
