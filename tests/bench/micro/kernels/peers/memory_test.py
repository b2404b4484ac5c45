# SPDX-License-Identifier: Apache-2.0
import pathlib
import tempfile
import unittest

import support  # noqa: F401  (finds the modules)

import libgomp
import memory


class Memory(unittest.TestCase):
    def test_hot_has_one_lane_and_cold_more_than_twice_the_cache(self):
        self.assertEqual(memory.lanes(1000, "hot", 10000), 1)
        lanes = memory.lanes(1000, "cold", 10000)
        self.assertGreater(lanes * 2 * 1000, 2 * 10000)

    def test_the_largest_cache_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            for index, size in enumerate(["48K", "2048K", "32768K"]):
                (pathlib.Path(folder) / f"index{index}").mkdir()
                (pathlib.Path(folder) / f"index{index}" / "size").write_text(size + "\n", encoding="utf-8")
            self.assertEqual(memory.last_level_cache_bytes(folder), 32 << 20)

    def test_an_unknown_cache_is_taken_for_32_mebibytes(self):
        self.assertEqual(memory.last_level_cache_bytes("/nowhere"), 32 << 20)


class OpenMp(unittest.TestCase):
    def warnings(self, *libraries):
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as maps:
            maps.write("".join(f"7f00-7f01 r-xp 0 00:00 1 {name}\n" for name in libraries))
            maps.flush()
            return libgomp.warnings(maps.name)

    def test_one_library_is_well_however_often_it_is_mapped(self):
        self.assertEqual(self.warnings("/a/libgomp.so.1", "/a/libgomp.so.1", "/a/libc.so.6"), [])

    def test_two_are_named(self):
        self.assertIn("/b/libiomp5.so", self.warnings("/a/libgomp.so.1", "/b/libiomp5.so")[0])


if __name__ == "__main__":
    unittest.main()
