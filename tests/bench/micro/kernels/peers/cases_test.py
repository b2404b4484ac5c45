# SPDX-License-Identifier: Apache-2.0
import unittest

import support  # noqa: F401  (finds the modules)

import cases
import keys


class Cases(unittest.TestCase):
    def test_an_entry_expands_to_the_product_of_its_axes(self):
        entry = {"norm": ["layer", "rms"], "shape": ["768", "4x4"], "tensor_n": [2]}
        self.assertEqual([case.key for case in cases.expand(entry)],
                         [f"norm/{norm}?shape=2x{shape}&dtype=f32&layout=nchw"
                          for norm in ("layer", "rms") for shape in ("768", "4x4")])

    def test_an_axis_that_the_peers_do_not_know_is_refused(self):
        with self.assertRaisesRegex(ValueError, "affine"):
            list(cases.expand({"norm": ["layer"], "shape": ["8"], "affine": ["none"]}))

    def test_all_cases_are_different_and_in_canonical_form(self):
        found = [case.key for case in cases.all_cases()]
        self.assertEqual(len(set(found)), len(found))
        self.assertEqual([keys.comparable(key) for key in found], found)

    def test_every_kind_of_the_speed_table_is_there(self):
        text = "\n".join(case.key for case in cases.all_cases())
        for part in ("norm/group?", "layout=nhwc", "norm/instance?", "stats=batch", "norm/layer?", "norm/rms?",
                     "dtype=bf16", "fused=silu"):
            self.assertIn(part, text)

    def test_bytes_of_a_tensor(self):
        self.assertEqual(cases.Case("rms", (3, 5), dtype="bf16").tensor_bytes, 30)


if __name__ == "__main__":
    unittest.main()
