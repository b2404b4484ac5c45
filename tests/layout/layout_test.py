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
    "bench/gate": FOUNDATION | {"bench/load", "bench/stats", "bench/report", "messages", "nlohmann"},
    "bench/gate/study": FOUNDATION | {"bench/gate", "bench/stats", "bench/report", "messages", "nlohmann", "CLI"},
    "bench/run": FOUNDATION | {"bench/data", "bench/load", "bench/stats", "bench/report", "messages",
                               "services", "grpc"},
    "bench/paper": FOUNDATION | {"bench/data", "bench/load", "bench/stats", "server/nets",
                                 "server/kernels", "torch", "CLI"},
    "bench/micro/kernels": FOUNDATION | {"bench/stats", "bench/report", "messages", "server/kernels",
                                         "server/kernels/native", "torch", "CLI", "nlohmann"},
    "bench/micro/rpc": FOUNDATION | {"bench/load", "bench/stats", "messages", "services", "grpc",
                                     "civetweb", "CLI", "nlohmann"},
    "bench/micro/history": FOUNDATION | {"bench/micro/rpc", "bench/stats", "messages", "services", "grpc", "CLI", "nlohmann",
                                         "server/history"},
    "server/kernels": {"bench/norm", "absl", "torch", "server/kernels/native"},
    "server/kernels/native": {"bench/norm", "bench/host", "absl", "hwy"},
    "server/measure": {"bench/norm", "absl", "server/kernels"},
    "server/nets": {"bench/norm", "absl", "torch", "server/kernels"},
    "server/backends": {"bench/norm", "absl", "torch", "server/kernels", "server/nets"},
    "server/faults": {"absl", "bench/norm", "server/exec", "server/kernels", "server/backends"},
    "server/exec": {"absl"},
    "server/shm": {"absl"},
    "server/trace": {"absl", "nlohmann"},
    "server/history": {"absl", "messages", "sqlite"},
    "server/metrics": {"absl", "bench/norm", "prometheus"},
    "server/http": {"absl", "prometheus", "civetweb"},
    "server/repository": {"absl", "bench/norm", "messages", "server/backends", "server/exec"},
    "server/runs": FOUNDATION | {"bench/data", "bench/load", "bench/report", "bench/run", "messages", "services",
                                 "grpc", "server/exec", "server/history", "server/metrics"},
    "server/rpc": FOUNDATION | {"bench/report", "messages", "services", "grpc", "server/exec",
                                "server/kernels", "server/measure", "server/backends", "server/repository",
                                "server/metrics", "server/runs", "server/shm", "server/trace"},
    "server": FOUNDATION | {"bench/report", "messages", "services", "grpc", "prometheus", "CLI",
                            "server"},
    "client": FOUNDATION | {"bench/data", "bench/load", "bench/stats", "bench/report", "bench/run",
                            "bench/gate", "messages", "services", "grpc", "prometheus", "CLI", "nlohmann"},
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
    (r"sqlite3\.h", "sqlite"),
    (r"xxhash\.h", "xxhash"),
    (r"hwy/", "hwy"),
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


def closure(path, seen=None):
    """Everything that `path` includes, directly or through a header of ours."""
    seen = set() if seen is None else seen
    for _, _, header in includes(path):
        if header not in seen:
            seen.add(header)
            if (ROOT / header).exists():
                closure(header, seen)
    return seen


def calls(function):
    """(folder, arguments) of each call of a CMake function in the product's CMakeLists.txt files."""
    for path in tracked("*CMakeLists.txt"):
        if not path.startswith("tests/"):
            text = "\n".join(line.partition("#")[0] for line in read(path))
            for arguments in re.findall(rf"\b{function}\(([^()]*)\)", text):
                yield path.rpartition("/")[0], arguments.split()


def listed_after(keyword, folder, arguments):
    """The files of the list that begins with `keyword`: up to the next word in capitals."""
    if keyword in arguments:
        for word in arguments[arguments.index(keyword) + 1:]:
            if word.isupper():
                return
            yield f"{folder}/{word}"


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

    def test_every_header_compiles_alone(self):
        """CMake compiles those of HEADERS lists; not those that take minutes, and a program has no such list.

        Nor NAME-inl.h: a part of a unit that is compiled once for each instruction set.
        """
        listed = {h for call in calls("normbench_library") for h in listed_after("HEADERS", *call)}
        of_programs = {str(pathlib.PurePosixPath(s).with_suffix(".h"))
                       for call in calls("normbench_program") for s in listed_after("SOURCES", *call)}
        self.assertGreater(len(listed), 60, "the list finder finds nothing")
        unlisted = [p for p in self.product() if p.endswith(".h") and not p.endswith("-inl.h")
                    and p not in listed | of_programs
                    and not {words_of(h) for h in closure(p)} & {"torch", "messages", "services", "grpc"}]
        self.assertEqual(unlisted, [], "a header in no HEADERS list of its CMakeLists.txt")

    def test_no_unit_sees_torch_and_protobuf(self):
        wrong = []
        for path in sources():
            words = {words_of(h) for h in closure(path)}
            if "torch" in words and words & {"messages", "services", "grpc"}:
                wrong.append(path)
        self.assertEqual(wrong, [])

    def test_no_two_types_have_one_name(self):
        """All are in one namespace, and two in one program are one to the linker, silently."""
        found = {}
        for path in self.product():
            if path.endswith(".h"):
                for line in read(path):
                    match = re.match(r"(?:class|struct|enum class) (\w+)(?: final)?(?: :.*)? ?\{", line)
                    if match:
                        found.setdefault(match.group(1), []).append(path)
        self.assertGreater(len(found), 200, "the type finder finds nothing")
        self.assertEqual({name: paths for name, paths in found.items() if len(paths) > 1}, {})

    def test_foreign_exceptions_stop_at_walls(self):
        walls = {p for p in self.product() if re.search(r"\bcatch \(", "\n".join(read(p)))}
        allowed = set(read("tests/layout/walls.txt")) - {""}
        self.assertEqual(walls - allowed, set(), "a catch outside tests/layout/walls.txt")
        self.assertEqual(allowed - walls, set(), "walls.txt names a file without a catch")

    def sources_of_tests(self):
        """Each test file, and what it tests: x_test.cc tests x.cc; x_some_aspect_test.cc does where there is no
        x_some_aspect.cc. None: it tests nothing of ours."""
        known = {str(pathlib.PurePosixPath(p).with_suffix("")) for p in self.product()}
        for path in tracked("tests/bench/*_test.cc", "tests/server/*_test.cc", "tests/client/*_test.cc"):
            folder, _, stem = path.removeprefix("tests/").removesuffix("_test.cc").rpartition("/")
            words = stem.split("_")
            names = [f"{folder}/{'_'.join(words[:n])}" for n in range(len(words), 0, -1)]
            yield path, next((name for name in names if name in known), None)

    def test_every_test_file_has_its_source(self):
        lost = [path for path, source in self.sources_of_tests() if source is None]
        self.assertEqual(lost, [], "tests are named after the source they test")

    def test_every_source_has_its_test_file(self):
        """tested_elsewhere.txt names the exceptions and the test that runs each: it may only become shorter."""
        elsewhere = dict(line.split() for line in read("tests/layout/tested_elsewhere.txt") if line)
        tested = {f"{source}.cc" for _, source in self.sources_of_tests()}
        untested = {p for p in self.product() if p.endswith(".cc")} - tested
        self.assertEqual(untested - set(elsewhere), set(), "a source without a test file of its name")
        self.assertEqual(set(elsewhere) - untested, set(), "tested_elsewhere.txt names a file that has a test, or is gone")
        self.assertEqual([t for t in elsewhere.values() if not (ROOT / t).exists()], [],
                         "tested_elsewhere.txt names a test that is gone")

    def test_license_line(self):
        files = tracked("*.h", "*.cc", "*.py", "*.proto", "*.cmake", "*CMakeLists.txt", "deploy/*", "tests/run",
                        "tests/mutate", ".ci/run")
        missing = [p for p in files if (ROOT / p).is_file() and not p.endswith((".json", ".md"))
                   and not any("SPDX-License-Identifier: Apache-2.0" in line for line in read(p)[:3])]
        self.assertEqual(missing, [])

    def test_nothing_left_behind(self):
        marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
        found = [f"{p}:{i}" for p in sources() for i, line in enumerate(read(p), 1) if marks.search(line)]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
