// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/policy.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "bench/report/strict_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kHead[] =
    R"({"version": 1, "name": "g", "cells": [{"key": ["norm/rms?shape=1x4"]}])";

std::string With(const std::string& rest) {
  return absl::StrCat(kHead, rest.empty() ? "" : ", ", rest, "}");
}

v1::Policy PolicyOf(const std::string& rest) {
  const auto policy = ParsePolicy(With(rest));
  EXPECT_TRUE(policy.ok()) << policy.status();
  return policy.value_or(v1::Policy());
}

std::string ErrorOf(const std::string& json) {
  const auto policy = ParsePolicy(json);
  EXPECT_TRUE(policy.ok() || absl::IsInvalidArgument(policy.status())) << policy.status();
  return policy.ok() ? "accepted" : std::string(policy.status().message());
}

TEST(ParsePolicy, FillsInEveryDefault) {
  const v1::Policy policy = PolicyOf("");
  EXPECT_EQ(policy.alpha(), 0.05);
  EXPECT_EQ(policy.rounds(), 0) << "the plan knows how many there is time for";
  EXPECT_FALSE(policy.has_extension_rounds());
  EXPECT_EQ(LookAlpha(policy), 0.025) << "there will be two looks";
  EXPECT_EQ(policy.confirmation_rounds(), 12);
  EXPECT_EQ(policy.budget_seconds(), 300);
  EXPECT_EQ(policy.inconclusive(), "exit5");
  EXPECT_EQ(policy.seed(), 1);
  EXPECT_EQ(policy.max_detectable(), 4);
  EXPECT_EQ(policy.max_steal(), 0.1);
  EXPECT_EQ(policy.max_throttled(), 0.05);
  EXPECT_EQ(policy.accuracy_alpha(), 0.01);
  EXPECT_EQ(policy.max_error_growth(), 2);
  ASSERT_EQ(policy.metrics_size(), 3);
  EXPECT_EQ(policy.metrics(0).metric(), "p50");
  EXPECT_EQ(policy.metrics(0).margin(), 0.05);
  EXPECT_EQ(policy.metrics(1).metric(), "p99");
  EXPECT_EQ(policy.metrics(1).margin(), 0.10);
  EXPECT_EQ(policy.metrics(2).metric(), "samples_per_s");
  EXPECT_EQ(policy.metrics(2).margin(), 0.05);
  for (const v1::GatedMetric& metric : policy.metrics()) EXPECT_EQ(metric.cells(), "");
}

TEST(ParsePolicy, KeepsWhatIsGiven) {
  const v1::Policy policy = PolicyOf(
      R"("alpha": 0.1, "rounds": 20, "confirmation_rounds": 5, "budget_seconds": 60, "seed": 7,
         "inconclusive": "pass", "max_detectable": 2, "max_steal": 0.2, "max_throttled": 0.3, "max_pressure": 0.5, "max_load": 8,
         "accuracy_alpha": 0.05, "max_error_growth": 1,
         "metrics": [{"metric": "p90", "margin": 0.2, "cells": "norm/"}])");
  EXPECT_EQ(policy.alpha(), 0.1);
  EXPECT_EQ(policy.rounds(), 20);
  EXPECT_EQ(policy.extension_rounds(), 20) << "as many as rounds";
  EXPECT_EQ(policy.confirmation_rounds(), 5);
  EXPECT_EQ(policy.budget_seconds(), 60);
  EXPECT_EQ(policy.inconclusive(), "pass");
  EXPECT_EQ(policy.seed(), 7);
  EXPECT_EQ(policy.max_detectable(), 2);
  EXPECT_EQ(policy.max_steal(), 0.2);
  EXPECT_EQ(policy.max_throttled(), 0.3);
  EXPECT_EQ(policy.max_pressure(), 0.5);
  EXPECT_EQ(policy.max_load(), 8);
  EXPECT_EQ(policy.accuracy_alpha(), 0.05);
  EXPECT_EQ(policy.max_error_growth(), 1);
  ASSERT_EQ(policy.metrics_size(), 1);
  EXPECT_EQ(policy.metrics(0).metric(), "p90");
}

TEST(ParsePolicy, NoExtensionAndNoConfirmationAreChoices) {
  const v1::Policy policy = PolicyOf(R"("extension_rounds": 0, "confirmation_rounds": 0)");
  EXPECT_EQ(policy.extension_rounds(), 0);
  EXPECT_EQ(policy.confirmation_rounds(), 0);
}

TEST(CompletePolicy, IsIdempotent) {
  const v1::Policy policy = PolicyOf(R"("rounds": 7)");
  const auto again = CompletePolicy(policy);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), policy.SerializeAsString());
}

TEST(ParsePolicy, NamesFieldValueAndAllowedRange) {
  const std::pair<const char*, const char*> bad[] = {
      {R"("alpha": -0.1)", "alpha: -0.1; allowed: 0.001 to 0.2"},
      {R"("alpha": 0.5)", "alpha: 0.5; allowed: 0.001 to 0.2"},
      {R"("alpha": "NaN")", "alpha: nan; allowed: 0.001 to 0.2"},
      {R"("rounds": 5)", "rounds: 5; allowed: 6 to 200"},
      {R"("rounds": 201)", "rounds: 201; allowed: 6 to 200"},
      {R"("extension_rounds": -1)", "extension_rounds: -1; allowed: 0 to 200"},
      {R"("extension_rounds": 201)", "extension_rounds: 201; allowed: 0 to 200"},
      {R"("confirmation_rounds": 4)", "confirmation_rounds: 4; allowed: 0, or 5 to 200"},
      {R"("confirmation_rounds": -1)", "confirmation_rounds: -1; allowed: 0, or 5 to 200"},
      {R"("confirmation_rounds": 201)", "confirmation_rounds: 201; allowed: 0, or 5 to 200"},
      {R"("budget_seconds": 9)", "budget_seconds: 9; allowed: 10 to 86400"},
      {R"("budget_seconds": "Infinity")", "budget_seconds: inf; allowed: 10 to 86400"},
      {R"("seed": -1)", "seed: -1; allowed: 1 to 2147483647"},
      {R"("max_detectable": 1)", "max_detectable: 1; allowed: 1.1 to 100"},
      {R"("max_detectable": 101)", "max_detectable: 101; allowed: 1.1 to 100"},
      {R"("max_steal": 1.1)", "max_steal: 1.1; allowed: 0.001 to 1"},
      {R"("max_throttled": -0.1)", "max_throttled: -0.1; allowed: 0.001 to 1"},
      {R"("max_pressure": 1.1)", "max_pressure: 1.1; allowed: 0 to 1"},
      {R"("max_load": -1)", "max_load: -1; allowed: 0 to 1000000"},
      {R"("accuracy_alpha": 0.3)", "accuracy_alpha: 0.3; allowed: 1e-06 to 0.2"},
      {R"("max_error_growth": 0.5)", "max_error_growth: 0.5; allowed: 1 to 1000000"},
      {R"("inconclusive": "exit6")",
       "inconclusive: unknown 'exit6'; allowed: exit5, pass, fail; nearest: exit5"},
      {R"("metrics": [{"metric": "p50", "margin": 0.1}, {"metric": "p98", "margin": 0.1}])",
       "metrics[1].metric: unknown 'p98'; allowed: p50, p90, p99, mean, requests_per_s, "
       "samples_per_s, goodput_per_s, cpu_s_per_request; nearest: p90"},
      {R"("metrics": [{"metric": "p50", "margin": -0.05}])",
       "metrics[0].margin: -0.05; allowed: 0.001 to 10"},
      {R"("metrics": [{"metric": "p50"}])", "metrics[0].margin: 0; allowed: 0.001 to 10"},
      {R"("metrics": [{"metric": "p50", "margin": 11}])",
       "metrics[0].margin: 11; allowed: 0.001 to 10"}};
  for (const auto& [rest, error] : bad) EXPECT_EQ(ErrorOf(With(rest)), error);
}

TEST(ParsePolicy, AcceptsTheEndsOfTheRanges) {
  for (const char* rest :
       {R"("alpha": 0.001)", R"("alpha": 0.2)", R"("rounds": 6)", R"("rounds": 200)",
        R"("confirmation_rounds": 5)", R"("budget_seconds": 86400)", R"("max_error_growth": 1)",
        R"("metrics": [{"metric": "p50", "margin": 0.001}])",
        R"("metrics": [{"metric": "p50", "margin": 10}])"}) {
    EXPECT_EQ(ErrorOf(With(rest)), "accepted") << rest;
  }
}

TEST(ParsePolicy, NeedsVersionNameAndCells) {
  EXPECT_EQ(ErrorOf("{}"), "version: 0; allowed: 1");
  EXPECT_EQ(ErrorOf(R"({"version": 2})"), "version: 2; allowed: 1");
  EXPECT_EQ(ErrorOf(R"({"version": 1})"), "name: ''; allowed: 1 to 64 of a-z 0-9 _ -");
  EXPECT_EQ(ErrorOf(R"({"version": 1, "name": "--> x"})"),
            "name: '--> x'; allowed: 1 to 64 of a-z 0-9 _ -");
  EXPECT_EQ(ErrorOf(R"({"version": 1, "name": "g"})"), "cells: none; allowed: 1 to 32 case keys");
  EXPECT_EQ(ErrorOf(R"({"version": 1, "name": "g", "cells": []})"),
            "cells: none; allowed: 1 to 32 case keys");
  EXPECT_EQ(ErrorOf(R"({"version": 1, "name": "g", "cells": [{"seconds": 1}]})"),
            "cells[0].key: none; allowed: at least one case key");
}

TEST(ParsePolicy, ExpectationsBelongIntoASweep) {
  EXPECT_THAT(ErrorOf(R"({"version": 1, "name": "g",
                          "cells": [{"key": ["k"]}, {"key": ["k"], "expect": ["p50<2ms"]}]})"),
              StartsWith("cells[1].expect: a gate compares"));
}

TEST(ParsePolicy, RefusesUnknownKeysAndWrongTypes) {
  EXPECT_EQ(ErrorOf(With(R"("round": 6)")), "round: unknown key, did you mean rounds");
  EXPECT_EQ(ErrorOf(With(R"("metrics": [{"margn": 1}])")),
            "metrics[0].margn: unknown key, did you mean margin");
  EXPECT_EQ(ErrorOf(With(R"("rounds": 6.5)")), "rounds: 6.5 is not a whole number");
  EXPECT_THAT(ErrorOf("{"), StartsWith("not valid JSON"));
}

TEST(ReadPolicyFile, ErrorsStartWithThePath) {
  EXPECT_TRUE(absl::IsNotFound(ReadPolicyFile("/no/such/policy").status()));
  const std::string path = testing::TempDir() + "/policy.json";
  std::ofstream(path) << With(R"("alpha": 1)");
  EXPECT_EQ(ReadPolicyFile(path).status().message(), path + ": alpha: 1; allowed: 0.001 to 0.2");
  std::ofstream(path) << With("");
  ASSERT_TRUE(ReadPolicyFile(path).ok());
  EXPECT_EQ(ReadPolicyFile(path)->name(), "g");
  std::ofstream(path) << With("") << std::string(kMaxJsonBytes, ' ');
  EXPECT_THAT(std::string(ReadPolicyFile(path).status().message()),
              AllOf(StartsWith(path), HasSubstr("longer")));
}

TEST(LookAlpha, TwoLooksShareIt) {
  EXPECT_EQ(LookAlpha(PolicyOf("")), 0.025);
  EXPECT_EQ(LookAlpha(PolicyOf(R"("extension_rounds": 0)")), 0.05);
}

}  // namespace
}  // namespace normbench
