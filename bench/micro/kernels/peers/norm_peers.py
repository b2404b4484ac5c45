# SPDX-License-Identifier: Apache-2.0
"""Times normalizations of ONNX Runtime, OpenVINO, torch.compile and a copy, each in pairs with eager ATen.

Needs the environment that ./make_env makes: "$(./make_env)" norm_peers.py --json peers.json
"""

import argparse
import sys

import cases
import memory
import patterns


def parse(arguments):
    parser = argparse.ArgumentParser(prog="norm_peers.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--filter", default="*", help="only cases whose key this pattern matches, for example '*rms*'")
    parser.add_argument("--contenders", default="*", help="pattern of the names of those to pair with ATen: 'ort/*'")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cache", choices=["hot", "cold"], nargs="+", default=["hot"],
                        help="cold: calls go round more than twice the last-level cache")
    parser.add_argument("--pairs", type=int, default=15, help="at least 6; 15 for a verdict")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each contender in each pair; 2 for a verdict")
    parser.add_argument("--json", help="write the results to this file, too")
    parser.add_argument("--list", action="store_true", help="print the keys and end")
    options = parser.parse_args(arguments)
    if options.pairs < 6 or options.seconds < 0 or min(options.threads) < 1:
        parser.error("--pairs needs at least 6, --threads at least 1, --seconds no less than 0")
    return options


def chosen(options):
    found = [case for case in cases.all_cases() if patterns.fits(options.filter, case.key)]
    if not found:
        sys.exit(f"norm_peers.py: --filter: no case is like '{options.filter}'; --list prints them")
    return found


def main():
    options = parse(sys.argv[1:])
    selected = chosen(options)
    if options.list:
        print("\n".join(case.key for case in selected))
        return
    memory.keep_freed_blocks()
    # Only now: the libraries take seconds to load and exist in one environment.
    try:
        import run
    except ImportError as missing:
        sys.exit(f"norm_peers.py: {missing}: run it with the interpreter that ./make_env prints")
    run.run(options, selected)


if __name__ == "__main__":
    main()
