// SPDX-License-Identifier: Apache-2.0
#include "bench/report/case_table.h"
#include "bench/report/console.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Report Report(const std::string& text) {
  v1::Report report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &report)) << text;
  return report;
}

v1::Load Load(const std::string& text) {
  v1::Load load;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &load)) << text;
  return load;
}

constexpr char kModel[] = R"(
  cases { kind: "model" status: "ok"
          model { model: "m" data: "d" request_batch: 4 in_flight: 1024
                  load { arrivals: "poisson:200" channels: 1 } }
          requests_per_s: 199 model_accuracy { top1: 0.75 planned_images: 100 }
          latency_all { n: 1000 p50 { value: 0.002 low: 0.001 high: 0.003 }
                        p99 { value: 0.95 low: 0.9 high: 0.99 } }
          open_loop { offered_per_s: 201
                      latency_sent { p99 { value: 0.004 low: 0.003 high: 0.005 } }
                      send_lag { p99 { value: 4e-5 low: 3e-5 high: 5e-5 } } } })";

TEST(LoopWords, SayHowRequestsCome) {
  EXPECT_EQ(LoopWords(Load("channels: 1")), "closed");
  EXPECT_EQ(LoopWords(Load("arrivals: 'poisson:200' late: 'send'")), "open poisson:200/s");
  EXPECT_EQ(LoopWords(Load("arrivals: 'step:1,2'")), "open step:1,2/s");
  EXPECT_EQ(LoopWords(Load("arrivals: 'poisson:80%'")), "open poisson:80%");
  EXPECT_EQ(LoopWords(Load("arrivals: 'trace:a.txt'")), "open trace:a.txt");
  EXPECT_EQ(
      LoopWords(Load("arrivals: 'constant:5' late: 'drop' deadline_seconds: 0.02 channels: 2")),
      "open constant:5/s, drop, deadline 20.0 ms, 2 channels");
}

TEST(OpenTable, ShowsScheduledAndSentSideBySide) {
  const std::string text = Tables(Report(kModel));
  EXPECT_THAT(text, HasSubstr("model d   open   top-1 over all 100 images\n"));
  EXPECT_THAT(text, HasSubstr("open poisson:200/s        201    199"));
  EXPECT_THAT(text, HasSubstr("p99 ms [95% CI]"));
  EXPECT_THAT(text, HasSubstr("  p99 sent"));
  EXPECT_THAT(text, HasSubstr("950 [900, 990]"));
  EXPECT_THAT(text, HasSubstr("4.00 [3.00, 5.00]"));
  EXPECT_THAT(text, HasSubstr("  75.0"));
  EXPECT_THAT(text, Not(HasSubstr("dropped")));
  EXPECT_THAT(text, Not(HasSubstr(" \n")));
}

TEST(OpenTable, DropsErrorsAndGoodputHaveColumnsWhereThereAreAny) {
  v1::Report report = Report(kModel);
  report.mutable_cases(0)->mutable_open_loop()->set_dropped(17);
  report.mutable_cases(0)->set_goodput_per_s(150);
  report.mutable_cases(0)->set_errors(5);
  const std::string text = Tables(report);
  EXPECT_THAT(text, HasSubstr("good/s  dropped  errors\n"));
  EXPECT_THAT(text, HasSubstr("150       17       5\n"));
}

TEST(OpenTable, ServiceCasesHaveTheirErrorInsteadOfTop1) {
  const std::string text = Tables(Report(R"(
      cases { kind: "service" status: "ok"
              service { norm_case { spec { norm: "rms" } shape: [ 3, 4 ] impl: "torch" }
                        load { arrivals: "poisson:5" } }
              norm_accuracy { err_scaled: 1.5 } open_loop { offered_per_s: 5 } }
      cases { kind: "service" status: "ok"
              service { norm_case { spec { norm: "rms" } shape: [ 3, 4 ] impl: "torch" } } })"));
  EXPECT_THAT(text, HasSubstr("   open\n  n  impl   loop"));
  EXPECT_THAT(text, HasSubstr("  1.50\n"));
  EXPECT_THAT(text, HasSubstr("   closed\n")) << "a block of its own";
}

}  // namespace
}  // namespace normbench
