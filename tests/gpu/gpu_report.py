# SPDX-License-Identifier: Apache-2.0
"""What a GPU sweep says beyond its table, as Markdown: a norm by CUDA events against the wall clock of the server
and of the client, and channels-last against contiguous.

usage: gpu_report.py REPORT_JSON METRICS_TEXT    the report of bench/sweeps/gpu.json, and the server's /metrics after it

A value that was not measured is a dash, never a zero.
"""

import json
import re
import sys


def median_ms(result):
    """The median in ms, or None where the case has none."""
    if result is None or result.get("status") != "ok":
        return None
    p50 = result.get("latency_all", {}).get("p50", {}).get("value")
    return 1e3 * p50 if isinstance(p50, (int, float)) else None


def cell(value):
    return "-" if value is None else f"{value:.3g}"


def ratio(a, b):
    return None if a is None or not b else a / b


def difference(a, b):
    return None if a is None or b is None else a - b


def wall_ms(metrics, norm):
    """The mean of launch to results in host memory, by the server's wall clock."""
    def value(suffix):
        for line in metrics.splitlines():
            if line.startswith(f"normbench_server_compute_duration_seconds_{suffix}{{") \
                    and f'norm="{norm}"' in line and re.search(r'device="cuda', line):
                number = float(line.rpartition(" ")[2])
                if number:
                    return number
        return None
    return ratio(value("sum"), value("count")) and 1e3 * ratio(value("sum"), value("count"))


def options(key):
    return dict(part.split("=", 1) for part in key.partition("?")[2].split("&"))


def without(key, *names):
    """`key` without the options that two cases may differ in."""
    head, _, tail = key.partition("?")
    return head.partition("/")[2] + "?" + "&".join(p for p in tail.split("&") if p.partition("=")[0] not in names)


def clocks(results, metrics):
    events = {without(r["key"]): r for r in results if r["kind"] == "kernel"}
    lines = ["| norm | shape | event ms | server wall ms | client ms | copies and waiting | service overhead |",
             "|---|---|---|---|---|---|---|"]
    for result in results:
        if result["kind"] != "service":
            continue
        norm = result["key"].partition("?")[0].partition("/")[2]
        event = median_ms(events.get(without(result["key"], "in_flight")))
        wall, client = wall_ms(metrics, norm), median_ms(result)
        lines.append("| " + " | ".join([norm, options(result["key"]).get("shape", "-"), cell(event), cell(wall),
                                        cell(client), cell(difference(wall, event)),
                                        cell(difference(client, wall))]) + " |")
    return lines


def layouts(results):
    contiguous = {without(r["key"], "layout"): r for r in results
                  if r["kind"] == "kernel" and options(r["key"]).get("layout") == "nchw"}
    lines = ["| case | contiguous ms | channels-last ms | channels-last / contiguous |", "|---|---|---|---|"]
    for result in results:
        if result["kind"] == "kernel" and options(result["key"]).get("layout") == "nhwc":
            name = without(result["key"], "layout")
            base, last = median_ms(contiguous.get(name)), median_ms(result)
            lines.append(f"| {name} | {cell(base)} | {cell(last)} | {cell(ratio(last, base))} |")
    return lines


def render(report, metrics):
    results = report.get("cases", [])
    failed = [r["key"] for r in results if r.get("status") != "ok"]
    sources = sorted({r.get("kernel_numbers", {}).get("time_source") for r in results if r["kind"] == "kernel"} - {None})
    return "\n".join([
        "# GPU report", "",
        f"{len(results)} cases, {len(failed)} of them without a result; kernel times by {', '.join(sources) or 'nothing'}.",
        *(f"- no result: {key}" for key in failed), "",
        "## Events against the wall clock", "",
        "Event: the norm alone, on the device. Server wall: mean from launch to results in host memory, copies in it.",
        "Client: median of a closed loop with one request in flight. The last columns are differences of those.", "",
        *clocks(results, metrics), "",
        "## Channels-last against contiguous", "",
        "By CUDA events. Where the norm has no channels-last kernel the conversion is in the time (NB111 or alike).", "",
        *layouts(results), ""])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as report, open(sys.argv[2], encoding="utf-8") as metrics:
        print(render(json.load(report), metrics.read()))
