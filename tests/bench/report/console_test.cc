// SPDX-License-Identifier: Apache-2.0
#include "bench/report/console.h"

#include "absl/strings/str_cat.h"
#include "bench/report/json.h"
#include "bench/report/warnings.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// One of everything: kernel, service and model cases, misses, failures, skipped cases.
v1::Report Sample() {
  auto report = ReportFromJson(ReadFile(std::string(NORMBENCH_GOLDEN) + "/report.json"));
  EXPECT_TRUE(report.ok()) << report.status();
  CollectWarnings(&*report);
  return *report;
}

v1::Report Report(const std::string& text) {
  v1::Report report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &report)) << text;
  return report;
}

TEST(ConsoleReport, IsTheGoldenText) {
  ExpectGolden(std::string(NORMBENCH_GOLDEN) + "/console.txt",
               ConsoleReport(Sample(), "report.json"));
}

TEST(ConsoleReport, HasNoTrailingSpaces) {
  const std::string text = ConsoleReport(Sample(), "report.json");
  EXPECT_EQ(text.find(" \n"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
}

TEST(PlanLine, SaysCasesTimeAndMemory) {
  EXPECT_EQ(PlanLine({42, 190, 210e6}),
            "plan   42 cases, about 3m10s, peak 210 MB   (--dry-run prints the cases)\n");
  EXPECT_EQ(PlanLine({1, 2, 1.5e9}),
            "plan   1 case, about 2s, peak 1.50 GB   (--dry-run prints the cases)\n");
}

TEST(HostLine, NamesBothMachinesWhereTheyDiffer) {
  EXPECT_EQ(HostLine(Report(R"(server { cpus: 64 isa: "AVX512" } client { cpus: 4 isa: "AVX2" })")),
            "host   server 64 vCPU AVX-512, client 4 vCPU AVX2, steal -\n");
}

TEST(HostLine, SaysThatNoNetworkWasBetween) {
  EXPECT_EQ(HostLine(Report(R"(server { cpus: 4 } conditions { co_located: true
                                                              transport: "in-process" })")),
            "host   4 vCPU, steal -, co-located [NB104], in-process\n");
}

TEST(Tables, OfNothingAreEmpty) {
  EXPECT_EQ(Tables(Report("")), "");
}

TEST(Tables, SurviveCasesWithoutNumbers) {
  const std::string text = Tables(Report(R"(
      cases { kind: "kernel" status: "ok" }
      cases { kind: "service" status: "ok" }
      cases { kind: "model" status: "ok" model { model: "m" } })"));
  EXPECT_NE(text.find("  -  "), std::string::npos);
  EXPECT_NE(text.find("\n  m "), std::string::npos);
}

TEST(Tables, JoinsRowsOfOneBlockThatAreApart) {
  const std::string text = Tables(Report(R"(
      cases { kind: "model" status: "ok" model { model: "a" data: "d" in_flight: 1 } }
      cases { kind: "model" status: "ok" model { model: "a" data: "d" in_flight: 8 } }
      cases { kind: "model" status: "ok" model { model: "b" data: "d" in_flight: 1 } })"));
  EXPECT_EQ(text.find("1 in flight"), text.rfind("1 in flight"));
}

TEST(Verdict, OfAGoodRun) {
  EXPECT_EQ(Verdict(Report(R"(
                cases { key: "k" status: "ok" rerun: "normbench run 'k'"
                        expectations { text: "p50<1s" holds: true } })"),
                    "report.json"),
            "expect 1 of 1 hold     warnings none\n"
            "rerun  normbench run 'k'\n"
            "wrote  report.json                                              exit 0\n");
}

TEST(Verdict, OffersTheFirstMissForRerun) {
  const std::string text = Verdict(Report(R"(
      exit_code: 3
      cases { key: "a" rerun: "run a" expectations { text: "p50<1s" holds: true } }
      cases { key: "b" rerun: "run b" expectations { text: "p50<1ms" observed: "4.10 ms" } })"),
                                   "");
  EXPECT_NE(text.find("expect 1 of 2 hold"), std::string::npos);
  EXPECT_NE(text.find("missed p50<1ms: 4.10 ms   b\n"), std::string::npos);
  EXPECT_NE(text.find("rerun  run b\n"), std::string::npos);
  EXPECT_NE(text.find("exit 3\n"), std::string::npos);
}

TEST(Tables, NamesModelsWhoseRowsWouldBeTheSame) {
  const std::string parameters = R"(parameters { key: "norm" value: "group" })";
  const auto rows = [&](const std::string& other) {
    return Tables(Report(absl::StrCat(
        "cases { kind: 'model' status: 'ok' model { model: 'a' ", parameters, "} }",
        "cases { kind: 'model' status: 'ok' model { model: '", other, "' ", parameters, "} }")));
  };
  EXPECT_THAT(rows("b"), AllOf(HasSubstr("  model  train_batch"), HasSubstr("\n  b      GN")));
  EXPECT_THAT(rows("a' version: '2"), HasSubstr("\n  a:2    GN"));
  EXPECT_THAT(rows("a"), Not(HasSubstr("  model  train_batch")));
}

TEST(Tables, SayHowMuchOfA16BitAnswerIsNotTheNearest) {
  const auto table = [](const std::string& accuracy) {
    return Tables(
        Report(absl::StrCat("cases { kind: 'kernel' status: 'ok' kernel { dtype: 'f16' } ",
                            "norm_accuracy { ", accuracy, " } }")));
  };
  EXPECT_THAT(table("misrounded: 0.0125"),
              AllOf(HasSubstr("  misrounded %\n"), HasSubstr(" 1.25\n")));
  EXPECT_THAT(table("err_scaled: 1"), Not(HasSubstr("misrounded")));
}

TEST(Tables, TellApartWhatDiffersInEpsDataOrSeed) {
  const std::string text = Tables(Report(R"(
      cases { kind: "kernel" status: "ok" kernel { spec { norm: "rms" eps: 1e-05 } seed: 1 } }
      cases { kind: "kernel" status: "ok" kernel { spec { norm: "rms" eps: 0.01 trailing: 2 } } }
      cases { kind: "service" status: "ok"
              service { norm_case { spec { norm: "rms" } data: "uniform" seed: 3 } } })"));
  EXPECT_THAT(text, HasSubstr(" trailing=2 eps=0.01 "));
  EXPECT_THAT(text, HasSubstr(" data=uniform seed=3 "));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("eps=1e-05")), Not(HasSubstr("seed=1"))));
}

TEST(Tables, CompareKernelsOverTheirData) {
  const std::string text = Tables(Report(R"(
      cases { kind: "kernel" status: "ok" kernel { spec { norm: "rms" } data: "normal" } }
      cases { kind: "kernel" status: "ok" kernel { spec { norm: "rms" } data: "mean1e3" } })"));
  EXPECT_THAT(text, HasSubstr("  data     iters"));
  EXPECT_THAT(text, HasSubstr("  normal "));
  EXPECT_THAT(text, HasSubstr("  mean1e3 "));
  EXPECT_THAT(text, Not(HasSubstr("data=mean1e3")));
  const std::string usual = Tables(Report(
      "cases { kind: 'kernel' status: 'ok' kernel { spec { norm: 'rms' } data: 'normal' } }"));
  EXPECT_THAT(usual, Not(HasSubstr("data")));
}

TEST(Tables, ShowAStallWithoutAnInterval) {
  const std::string text = Tables(Report(R"(
      cases { kind: "kernel" status: "ok" kernel { spec { norm: "rms" } }
              latency_all { n: 2000 p50 { value: 0.001 low: 0.001 high: 0.002 }
                            p90 { value: 0.5 } } })"));
  EXPECT_THAT(text, HasSubstr("[1.00, 2.00]"));
  EXPECT_THAT(text, HasSubstr("  500 "));
}

TEST(Tables, HaveAModelsMemoryWhereTheServerMeasuredIt) {
  const auto table = [](const std::string& parameters) {
    return Tables(Report(absl::StrCat("cases { kind: 'model' status: 'ok' model { model: 'a' ",
                                      "request_batch: 8 ", parameters, "} }")));
  };
  const auto measured = [&](const std::string& points) {
    return table(absl::StrCat("parameters { key: 'memory_bytes' value: '", points, "' } "));
  };
  const std::string text = measured("1=100000,8=2500000,18=9000000");
  EXPECT_THAT(text, AllOf(HasSubstr("outputs  peak MB\n"), HasSubstr("     2.50\n")));
  EXPECT_THAT(measured("1=100000,16=9000000"), Not(HasSubstr("peak MB"))) << "no such batch";
  EXPECT_THAT(text, HasSubstr("peak MB: what LibTorch held"));
  EXPECT_THAT(table(""), Not(HasSubstr("peak MB")));
}

TEST(Tables, TitlesNameThePlannedImages) {
  EXPECT_THAT(Tables(Report(R"(
      cases { kind: "model" status: "ok" model { model: "a" }
              model_accuracy { images: 7000 planned_images: 10000 } })")),
              HasSubstr("all 10000 images"));
}

TEST(Verdict, ListsEveryCaseWithAnError) {
  const std::string text = Verdict(Report(R"(
      cases { key: "a" status: "ok" error: "the latest failed request said: full" }
      cases { key: "b" status: "failed" error: "gone" }
      cases { key: "c" status: "ok" })"),
                                   "");
  EXPECT_THAT(text, HasSubstr("errors a: the latest failed request said: full\n"));
  EXPECT_THAT(text, HasSubstr("failed b: gone\n"));
}

TEST(Verdict, CountsTheExpectationsOfSkippedCases) {
  const std::string text = Verdict(Report(R"(
      outcome: "interrupted"
      cases { key: "a" rerun: "run a" status: "ok" expectations { text: "p50<1s" holds: true } }
      cases { key: "b" rerun: "run b" status: "skipped" expectations { text: "p50<1s" } })"),
                                   "");
  EXPECT_THAT(text, HasSubstr("expect 1 of 2 hold, 1 skipped  "));
  EXPECT_THAT(text, Not(HasSubstr("missed")));
  EXPECT_THAT(text, HasSubstr("rerun  run a\n"));
}

TEST(Verdict, ListsOnlyTwentyMisses) {
  v1::Report report;
  for (int i = 0; i < 25; ++i) report.add_cases()->add_expectations()->set_text("p50<1s");
  const std::string text = Verdict(report, "");
  EXPECT_NE(text.find("expect 0 of 25 hold"), std::string::npos);
  EXPECT_NE(text.find("missed 5 more\n"), std::string::npos);
}

}  // namespace
}  // namespace normbench
