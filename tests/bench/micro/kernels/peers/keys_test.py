# SPDX-License-Identifier: Apache-2.0
import unittest

import support  # noqa: F401  (finds the modules)

import keys

KEY = "norm/group?shape=8x256x56x56&g=32&dtype=f32&layout=nchw"


class Keys(unittest.TestCase):
    def test_what_differs_between_contenders_is_dropped(self):
        of_norm_bench = ("norm/group?impl=native&shape=8x256x56x56&g=32&dtype=f32&layout=nchw&dev=cpu"
                         "&cache=cold&threads=2&fused=silu")
        self.assertEqual(keys.comparable(of_norm_bench), KEY + "&fused=silu")

    def test_order_does_not_matter_and_defaults_are_filled_in(self):
        self.assertEqual(keys.comparable("norm/group?g=32&shape=8x256x56x56"), KEY)

    def test_running_statistics_are_the_default(self):
        self.assertEqual(keys.comparable("norm/batch?shape=1x2x3x3&stats=running"),
                         keys.comparable("norm/batch?shape=1x2x3x3"))
        self.assertIn("&stats=batch", keys.comparable("norm/batch?shape=1x2x3x3&stats=batch"))

    def test_trailing_is_dropped_only_where_it_says_nothing(self):
        self.assertNotIn("trailing", keys.comparable("norm/layer?shape=4096x1024&trailing=1"))
        self.assertIn("trailing=1", keys.comparable("norm/layer?shape=8x197x768&trailing=1"))

    def test_other_texts_are_refused(self):
        for text in ("", "group", "norm/group", "service/group?shape=1x8", "norm/group?shape=1x8&color=red"):
            with self.subTest(text), self.assertRaises(ValueError):
                keys.comparable(text)


if __name__ == "__main__":
    unittest.main()
