# SPDX-License-Identifier: Apache-2.0
"""Holds the source tree to its rules: sizes, directions of includes, one wall per foreign library.

Each failure names the file and the line, so that it can be mended without reading this test.
"""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

MAX_FILE, P90_FILE = 400, 250
MAX_FUNCTION, P90_FUNCTION = 60, 30

# part -> what it may include besides itself and the standard library. Longest prefix wins.
FOUNDATION = {"bench/norm", "bench/host", "absl"}
MAY_USE = {
    "bench/norm": {"absl", "xxhash"},
    "bench/host": {"absl"},
    "bench/data": {"bench/norm", "absl", "zlib"},
    "bench/load": {"bench/norm", "absl"},
    "bench/stats": {"bench/norm", "absl", "boost"},
    "bench/report": FOUNDATION | {"bench/data", "bench/load", "bench/stats", "messages", "nlohmann"},
    "bench/paper": FOUNDATION | {"bench/data", "bench/load", "bench/stats", "server/nets",
                                 "server/kernels", "torch", "CLI"},
    "bench/micro/rpc": FOUNDATION | {"bench/load", "bench/stats", "messages", "services", "grpc",
                                     "civetweb", "CLI", "nlohmann"},
    "server/kernels": {"bench/norm", "absl", "torch"},
    "server/measure": {"bench/norm", "absl", "server/kernels"},
    "server/nets": {"bench/norm", "absl", "torch", "server/kernels"},
    "server/backends": {"bench/norm", "absl", "torch", "server/kernels", "server/nets"},
    "server/exec": {"absl"},
    "server/metrics": {"absl", "bench/norm", "prometheus"},
    "server/http": {"absl", "prometheus", "civetweb"},
    "server/repository": {"absl", "bench/norm", "messages", "server/backends"},
    "server/rpc": FOUNDATION | {"bench/report", "messages", "services", "grpc", "server/exec",
                                "server/kernels", "server/measure", "server/backends", "server/repository",
                                "server/metrics"},
    "server": FOUNDATION | {"bench/report", "messages", "services", "grpc", "prometheus", "CLI",
                            "server"},
    "client": FOUNDATION | {"bench/data", "bench/load", "bench/stats", "bench/report", "messages",
                            "services", "grpc", "prometheus", "CLI", "nlohmann"},
}

FOREIGN = [
    (r"(torch|ATen|c10)/", "torch"),
    (r"absl/", "absl"),
    (r"(grpcpp|grpc)/", "grpc"),
    (r".*\.grpc\.pb\.h", "services"),
    (r".*\.pb\.h|google/protobuf/", "messages"),
    (r"prometheus/", "prometheus"),
    (r"[cC]ivet", "civetweb"),
    (r"CLI/", "CLI"),
    (r"nlohmann/", "nlohmann"),
    (r"boost/", "boost"),
    (r"zlib\.h", "zlib"),
    (r"xxhash\.h", "xxhash"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def tracked(*patterns):
    names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--",
                            *patterns], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(p for p in names.split("\0") if p and (ROOT / p).exists())


def sources():
    return tracked("*.h", "*.cc")


def read(path):
    return (ROOT / path).read_text(encoding="utf-8").split("\n")


def part_of(path):
    fitting = [part for part in MAY_USE if path.startswith(part + "/")]
    return max(fitting, key=len, default=None)


def includes(path):
    for number, line in enumerate(read(path), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def words_of(header):
    """Every name under which `header` may be allowed: its part of ours, or the foreign library."""
    for pattern, word in FOREIGN:
        if re.fullmatch(pattern + ".*", header):
            return word
    return part_of(header)


def head_of(lines, number):
    """First line of the declaration whose opening brace is on line `number`, and its text."""
    first = number
    while first > 1 and lines[first - 2].strip() and lines[first - 2].strip()[-1] not in ";{}:" \
            and not lines[first - 2].strip().startswith(("//", "#")):
        first -= 1
    return first, " ".join(line.strip() for line in lines[first - 1:number])


def functions(path):
    """(first line, length) of each function: clang-format puts both ends at one indentation."""
    lines = read(path)
    start, indent = None, None
    for number, line in enumerate(lines, 1):
        stripped, depth = line.strip(), len(line) - len(line.lstrip())
        if start is not None:
            if depth == indent and stripped.startswith("}"):
                yield start, number - start + 1
                start = None
        elif stripped.endswith("{"):
            first, head = head_of(lines, number)
            if "(" in head and not re.match(r"(namespace|class|struct|enum|extern)\b", head):
                start, indent = first, len(lines[first - 1]) - len(lines[first - 1].lstrip())


def p90(values):
    ordered = sorted(values)
    return ordered[-(-len(ordered) * 9 // 10) - 1]


class Layout(unittest.TestCase):
    def product(self):
        return [p for p in sources() if not p.startswith("tests/")]

    def test_file_sizes(self):
        lengths = {p: len(read(p)) for p in tracked("*.h", "*.cc", "*.py", "*.proto")}
        self.assertEqual({p: n for p, n in lengths.items() if n > MAX_FILE}, {})
        self.assertLessEqual(p90(lengths[p] for p in self.product()), P90_FILE)

    def test_function_sizes(self):
        found = {(p, line): n for p in sources() for line, n in functions(p)}
        self.assertGreater(len(found), 100, "the function finder finds nothing")
        self.assertEqual({k: n for k, n in found.items() if n > MAX_FUNCTION}, {})
        product = [n for (p, _), n in found.items() if not p.startswith("tests/")]
        self.assertLessEqual(p90(product), P90_FUNCTION)

    def test_arrows(self):
        wrong = []
        for path in self.product():
            part = part_of(path)
            self.assertIsNotNone(part, f"{path} belongs to no part")
            for number, kind, header in includes(path):
                word = words_of(header)
                if word is None and kind == "<":
                    continue  # the standard library and the system
                if word == part or (part == "server" and str(word).startswith("server")):
                    continue
                if word not in MAY_USE[part]:
                    wrong.append(f"{path}:{number} includes {header}: {part} may not use {word}")
        self.assertEqual(wrong, [])

    def test_no_unit_sees_torch_and_protobuf(self):
        def closure(path, seen):
            for _, _, header in includes(path):
                if header not in seen:
                    seen.add(header)
                    if (ROOT / header).exists():
                        closure(header, seen)
            return seen

        wrong = []
        for path in sources():
            words = {words_of(h) for h in closure(path, set())}
            if "torch" in words and words & {"messages", "services", "grpc"}:
                wrong.append(path)
        self.assertEqual(wrong, [])

    def test_foreign_exceptions_stop_at_walls(self):
        walls = {p for p in self.product() if re.search(r"\bcatch \(", "\n".join(read(p)))}
        allowed = set(read("tests/layout/walls.txt")) - {""}
        self.assertEqual(walls - allowed, set(), "a catch outside tests/layout/walls.txt")
        self.assertEqual(allowed - walls, set(), "walls.txt names a file without a catch")

    def test_every_test_file_has_its_source(self):
        """x_test.cc tests x.cc; a source with many tests may have x_some_aspect_test.cc as well."""
        known = {str(pathlib.PurePosixPath(p).with_suffix("")) for p in self.product()}

        def has_source(name):
            folder, _, stem = name.rpartition("/")
            words = stem.split("_")
            return any(f"{folder}/{'_'.join(words[:n])}" in known for n in range(len(words), 0, -1))

        lost = [p for p in tracked("tests/bench/*_test.cc", "tests/server/*_test.cc", "tests/client/*_test.cc")
                if not has_source(p.removeprefix("tests/").removesuffix("_test.cc"))]
        self.assertEqual(lost, [], "tests are named after the source they test")

    def test_license_line(self):
        files = tracked("*.h", "*.cc", "*.py", "*.proto", "*.cmake", "*CMakeLists.txt", "deploy/*", "tests/run",
                        "tests/mutate", ".ci/run")
        missing = [p for p in files if (ROOT / p).is_file() and not p.endswith((".json", ".md", ".txt"))
                   and not any("SPDX-License-Identifier: Apache-2.0" in line for line in read(p)[:3])]
        self.assertEqual(missing, [])

    def test_nothing_left_behind(self):
        marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
        found = [f"{p}:{i}" for p in sources() for i, line in enumerate(read(p), 1) if marks.search(line)]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
