// SPDX-License-Identifier: Apache-2.0
#include "server/trace/tracer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

TraceParent Parent(bool sampled) {
  return {.trace_id = "a", .parent_span_id = "b", .sampled = sampled};
}

class TracerTest : public ::testing::Test {
 protected:
  ~TracerTest() override { std::filesystem::remove(path_); }

  std::unique_ptr<Tracer> Open(int64_t rate, const std::string& file = "") {
    auto tracer = Tracer::Open(
        {.file = file.empty() ? path_ : file, .rate = rate, .lost = [this] { ++lost_; }});
    EXPECT_TRUE(tracer.ok()) << tracer.status();
    return *std::move(tracer);
  }

  // Which of the first `count` requests, from 1, are traced.
  static std::vector<int> Traced(Tracer& tracer, int count) {
    std::vector<int> traced;
    for (int i = 1; i <= count; ++i) {
      if (tracer.Begin(std::nullopt) != nullptr) traced.push_back(i);
    }
    return traced;
  }

  const std::string path_ = ::testing::TempDir() + "tracer_test";
  int lost_ = 0;
};

TEST_F(TracerTest, EveryNthIsTraced) {
  EXPECT_THAT(Traced(*Open(1), 3), ElementsAre(1, 2, 3));
  EXPECT_THAT(Traced(*Open(3), 7), ElementsAre(3, 6));
  EXPECT_THAT(Traced(*Open(0), 7), IsEmpty());
}

TEST_F(TracerTest, SampledOnesAreTracedAndCounted) {
  const auto tracer = Open(3);
  EXPECT_NE(tracer->Begin(Parent(true)), nullptr);
  EXPECT_EQ(tracer->Begin(Parent(false)), nullptr);
  const auto third = tracer->Begin(Parent(false));
  ASSERT_NE(third, nullptr) << "it is its turn";
  EXPECT_EQ(third->id, 2u);
  EXPECT_EQ(third->parent->trace_id, "a");
  EXPECT_NE(Open(0)->Begin(Parent(true)), nullptr);
}

TEST_F(TracerTest, CallersCannotHaveAllOfTheirsTraced) {
  const auto tracer = Open(0);
  int traced = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) traced += tracer->Begin(Parent(true)) != nullptr;
  EXPECT_GE(traced, Tracer::kMaxSampledPerSecond);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LE(traced, Tracer::kMaxSampledPerSecond * (1 + took.count()));
}

TEST_F(TracerTest, ASpanHasAnIdOfItsOwnWhereItHasAParent) {
  const auto tracer = Open(1);
  const auto first = tracer->Begin(Parent(false));
  EXPECT_THAT(first->span_id, MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(tracer->Begin(Parent(false))->span_id, first->span_id);
  EXPECT_NE(Open(1)->Begin(Parent(false))->span_id, first->span_id);
  EXPECT_EQ(tracer->Begin(std::nullopt)->span_id, "");
}

TEST_F(TracerTest, ItsLineIsInTheFileOrLost) {
  const auto tracer = Open(1);
  tracer->End(*tracer->Begin(std::nullopt));
  tracer->Flush();
  std::string line;
  std::getline(std::ifstream(path_), line);
  EXPECT_THAT(line, HasSubstr("\"id\":1,"));
  EXPECT_EQ(lost_, 0);
  const auto full = Open(1, "/dev/full");
  full->End(*full->Begin(std::nullopt));
  full->Flush();
  EXPECT_EQ(lost_, 1);
}

TEST_F(TracerTest, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_FALSE(Tracer::Open({.file = "/no/such/folder/t", .lost = {}}).ok());
}

}  // namespace
}  // namespace normbench
