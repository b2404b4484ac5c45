// SPDX-License-Identifier: Apache-2.0
#include "server/trace/trace_writer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

namespace normbench {
namespace {

int LinesOf(const std::string& path) {
  std::ifstream file(path);
  int lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

TEST(TraceWriter, WritesAllThatWaitsBeforeItEnds) {
  const std::string path = ::testing::TempDir() + "trace_writer_test";
  std::filesystem::remove(path);
  std::atomic<int> lost{0};
  {
    TraceWriter writer(*TraceFile::Open(path), [&] { ++lost; });
    for (int i = 0; i < 100; ++i) writer.Write(RequestTrace());
    writer.Flush();
    EXPECT_EQ(LinesOf(path), 100);
    writer.Write(RequestTrace());
  }
  EXPECT_EQ(LinesOf(path), 101);
  EXPECT_EQ(lost, 0);
  std::filesystem::remove(path);
}

TEST(TraceWriter, CountsWhatTheDiskDoesNotTake) {
  std::atomic<int> lost{0};
  TraceWriter writer(*TraceFile::Open("/dev/full"), [&] { ++lost; });
  for (int i = 0; i < 3; ++i) writer.Write(RequestTrace());
  writer.Flush();
  EXPECT_EQ(lost, 3);
}

TEST(TraceWriter, KeepsNoMoreThanItMay) {
  std::atomic<int> lost{0};
  TraceWriter writer(*TraceFile::Open("/dev/full"), [&] { ++lost; });
  constexpr int kMany = 200'000;
  for (int i = 0; i < kMany; ++i) writer.Write(RequestTrace());
  writer.Flush();
  EXPECT_EQ(lost, kMany) << "each once, whether the disk or the queue was full";
}

}  // namespace
}  // namespace normbench
