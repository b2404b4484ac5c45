// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace normbench {
namespace {

// Two runs at 0.1 s a unit with 10 s and 5 s to go; a third of 20 s waits.
std::vector<RunProgress> Runs() {
  return {{.name = "a", .done = 100, .total = 200, .seconds = 10},
          {.name = "b", .done = 100, .total = 150, .seconds = 10},
          {.name = "c", .done = 0, .total = 200, .seconds = 0}};
}

TEST(ProgressTest, AWaitingRunTakesTheThreadThatIsFreeFirst) {
  EXPECT_DOUBLE_EQ(SecondsLeft(Runs(), 2), 5 + 20);
  EXPECT_DOUBLE_EQ(SecondsLeft(Runs(), 3), 20);
}

TEST(ProgressTest, TheLongestRunDecides) {
  std::vector<RunProgress> runs = Runs();
  runs.pop_back();
  EXPECT_DOUBLE_EQ(SecondsLeft(runs, 2), 10);
}

TEST(ProgressTest, EndsAreExact) {
  std::vector<RunProgress> runs = {{.name = "a", .done = 200, .total = 200, .seconds = 20}};
  EXPECT_DOUBLE_EQ(SecondsLeft(runs, 1), 0);
  runs[0] = {.name = "a", .done = 0, .total = 200, .seconds = 0.5};
  EXPECT_LT(SecondsLeft(runs, 1), 0);
}

TEST(ProgressTest, Text) {
  EXPECT_EQ(ProgressText(Runs(), 2), "train  a 50 %  b 66 %  c waits  ETA 25 s");
  EXPECT_EQ(ProgressText({{.name = "a", .done = 0, .total = 9, .seconds = 0}}, 2),
            "train  a waits");
}

TEST(ProgressTest, PlainLinesAtMostEveryTwoSeconds) {
  std::ostringstream out;
  ProgressPrinter printer(out, /*terminal=*/false);
  for (const double now : {100.0, 100.5, 101.9, 102.0, 103.0, 104.5}) printer.Show("x", now);
  printer.Finish();
  EXPECT_EQ(out.str(), "x\nx\nx\n");
}

TEST(ProgressTest, OnATerminalTheLineIsDrawnInPlace) {
  std::ostringstream out;
  ProgressPrinter printer(out, /*terminal=*/true);
  printer.Show("x", 1);
  printer.Show("y", 1.1);
  printer.Show("z", 1.3);
  printer.Finish();
  EXPECT_EQ(out.str(), "\r\033[Kx\r\033[Kz\r\033[K");
}

}  // namespace
}  // namespace normbench
