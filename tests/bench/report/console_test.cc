// SPDX-License-Identifier: Apache-2.0
#include "bench/report/console.h"

#include "bench/report/json.h"
#include "bench/report/warnings.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

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

TEST(Verdict, ListsOnlyTwentyMisses) {
  v1::Report report;
  for (int i = 0; i < 25; ++i) report.add_cases()->add_expectations()->set_text("p50<1s");
  const std::string text = Verdict(report, "");
  EXPECT_NE(text.find("expect 0 of 25 hold"), std::string::npos);
  EXPECT_NE(text.find("missed 5 more\n"), std::string::npos);
}

TEST(OneLine, IsShort) {
  const v1::Report report = Sample();
  EXPECT_EQ(OneLine(report.cases(0)),
            "kernel  norm/group?impl=torch&shape=1x64x56x56&g=32&dtype=f32&layout=nchw&dev=cpu"
            "   p50 61.0 us");
  EXPECT_EQ(OneLine(report.cases(5)),
            "model   model/plain6_bn2?data=fmnist-wide&request_batch=1&in_flight=8"
            "   p50 660 us   1480 samples/s   top-1 53.8 %");
}

}  // namespace
}  // namespace normbench
