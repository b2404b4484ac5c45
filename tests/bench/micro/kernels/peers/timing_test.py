# SPDX-License-Identifier: Apache-2.0
import unittest
from unittest import mock

import support  # noqa: F401  (finds the modules)

import timing


class FakeArm:
    def __init__(self, name, log):
        self.name, self.log = name, log

    def p50_us(self, _):
        self.log.append(self.name)
        return float(len(self.log))


class Timing(unittest.TestCase):
    def test_which_arm_goes_first_alternates(self):
        log = []
        first, second = timing.run_pairs(3, 0, FakeArm("a", log), FakeArm("b", log))
        self.assertEqual(log, ["a", "b", "b", "a", "a", "b"])
        self.assertEqual((first, second), ([1, 4, 5], [2, 3, 6]))

    def test_calls_go_round_all_tensors(self):
        seen = []
        arm = timing.Arm([lambda: seen.append(0), lambda: seen.append(1), lambda: seen.append(2)])
        with mock.patch("timing.PAUSE_SECONDS", 0):
            self.assertGreater(arm.p50_us(0), 0)
        self.assertEqual(seen, [index % 3 for index in range(len(seen))])

    def test_short_calls_are_timed_many_at_once(self):
        self.assertGreater(timing.Arm([lambda: None]).chunk, 100)


if __name__ == "__main__":
    unittest.main()
