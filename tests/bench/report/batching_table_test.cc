// SPDX-License-Identifier: Apache-2.0
#include "bench/report/console.h"
#include "bench/report/writers/markdown.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A case of model m with these fields.
v1::Report Report(const std::string& model, const std::string& batching) {
  v1::Report report;
  const std::string text = "cases { kind: 'model' status: 'ok' model { model: 'm' data: 'd' " +
                           model + " } batching { " + batching + " } }";
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &report)) << text;
  return report;
}

constexpr char kMany[] = "request_batch: 1 in_flight: 16";
constexpr char kJoined[] = R"(
    baseline: "alone"
    formed { formed_batch: 1 answers: 7 compared: 7 equal: 7 equal_share: 1 max_abs_difference: 0 }
    formed { formed_batch: 16 answers: 200000 compared: 200000 equal: 199999 equal_share: 0.999995
             flips: 1 beyond_tolerance: 1 max_abs_difference: 0.25 })";

TEST(BatchingTable, HasARowForEachSize) {
  EXPECT_THAT(
      Tables(Report(kMany, kJoined)),
      HasSubstr("  model  request_batch  formed  answers  bitwise %  max diff  beyond rounding"
                "  flips\n"
                "  m                  1       1        7        100         0"
                "                0      0\n"
                "  m                  1      16   200000      >99.9     0.250"
                "                1      1\n"
                "  formed: images that the server ran at once."));
}

TEST(BatchingTable, SaysWhatWasNotCompared) {
  const std::string text = Tables(Report(kMany, R"(
      formed { formed_batch: 4 answers: 9 compared: 2 equal: 2 equal_share: 1 max_abs_difference: 0 }
      formed { formed_batch: 5 answers: 3 })"));
  EXPECT_THAT(text, HasSubstr("  flips  not compared\n"));
  EXPECT_THAT(text, HasSubstr("        100         0                0      0             7\n"));
  EXPECT_THAT(text, HasSubstr("          -         -                -      -             3\n"));
}

TEST(BatchingTable, SaysWhereTheServerDoesNot) {
  const std::string text = Tables(Report(kMany, R"(
      baseline: "one_at_a_time"
      formed { answers: 9 compared: 9 equal: 9 equal_share: 1 max_abs_difference: 0 })"));
  EXPECT_THAT(text, HasSubstr("       ?        9        100"));
  EXPECT_THAT(text, HasSubstr("does not say what it joined (?)"));
  EXPECT_THAT(Tables(Report(kMany, kJoined)), Not(HasSubstr("does not say")));
}

TEST(BatchingTable, IsNotThereWhereNothingWasJoined) {
  EXPECT_THAT(Tables(Report(kMany, "formed { formed_batch: 1 answers: 7 }")),
              Not(HasSubstr("formed")));
}

TEST(BatchingTable, TellsLoadsApart) {
  v1::Report report =
      Report("request_batch: 1 in_flight: 16 load { arrivals: 'poisson:9' }", kJoined);
  report.mutable_cases(0)->mutable_open_loop();
  EXPECT_THAT(Tables(report), HasSubstr("m                  1  open poisson:9/s      16"));
}

TEST(BatchingTable, IsInTheMarkdown) {
  EXPECT_THAT(ReportToMarkdown(Report(kMany, kJoined)),
              HasSubstr("\n\n| model | request\\_batch | formed | answers | bitwise % "));
}

}  // namespace
}  // namespace normbench
