# SPDX-License-Identifier: Apache-2.0
"""Prints how native does against the best peer: (native / ATen) of norm_bench x (ATen / peer) of norm_peers.py.

Any Python 3.11 will do. Exit: 0; 2 a file cannot be used; 3 a target is missed."""

import argparse
import collections
import json
import math
import sys

import chaining
import results
import targets


def parse(arguments):
    parser = argparse.ArgumentParser(prog="chain.py", description=__doc__)
    parser.add_argument("peers", help="JSON of norm_peers.py")
    parser.add_argument("native", nargs="+", help="JSON of norm_bench, one or more files")
    return parser.parse_args(arguments)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def cell(number, form):
    return "-" if number is None else format(number, form)


def line(chained):
    row, ratio = chained.row, chained.ratio
    interval = f"{ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]" if ratio else "-"
    return (f"{row.key:76} {row.cache:4} {row.threads:>2} {row.contender:16} {interval:22} {chained.peer or '-':14} "
            f"{cell(chained.target, '.2f'):>6} {cell(chained.drift, '.0%'):>5} {chained.verdict}")


HEAD = (f"{'case':76} {'':4} {'T':>2} {'contender':16} {'x the best peer':22} {'which is':14} {'target':>6} "
        f"{'drift':>5} verdict")


def summary(rows):
    """Counts of the verdicts; plain native's geometric mean over all that holds against the best."""
    counts = collections.Counter(row.verdict for row in rows if row.verdict)
    ratios = [row.ratio.median for row in rows if row.ratio and row.verdict != "void"
              and row.against == targets.BEST and row.row.contender == "native"]
    text = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    if ratios:
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        text += f"; geometric mean {mean:.2f} over {len(ratios)} rows, least {min(ratios):.2f}"
    return text


def main():
    options = parse(sys.argv[1:])
    try:
        native = [row for path in options.native for row in results.native_rows(load(path))]
        rows = chaining.chain(native, results.peer_rows(load(options.peers)), targets.read())
    except (OSError, ValueError, KeyError) as error:
        print(f"chain.py: {error!r}", file=sys.stderr)
        sys.exit(2)
    print("\n".join([HEAD, *map(line, rows), summary(rows)]))
    sys.exit(3 if any(row.verdict == "missed" for row in rows) else 0)


if __name__ == "__main__":
    main()
