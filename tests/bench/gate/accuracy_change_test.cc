// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/accuracy_change.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/stats/mcnemar.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A visit whose cell "k" has this CellAccuracy, as text.
std::string Visit(const std::string& arm, const std::string& accuracy) {
  return absl::StrCat("visits { arm: \"", arm, "\" cells { key: 'k' accuracy { ", accuracy,
                      " } } } ");
}

v1::AccuracyVerdict JudgeText(const std::vector<std::string>& rounds) {
  auto policy = Parse<v1::Policy>("accuracy_alpha: 0.01 max_error_growth: 2");
  Rounds parsed;
  for (const std::string& round : rounds) *parsed.Add() = Parse<v1::Round>(round);
  return JudgeAccuracy(policy, parsed);
}

// One round; A' is as A.
v1::AccuracyVerdict Judge(const std::string& a, const std::string& b) {
  return JudgeText({Visit("A", a) + Visit("A'", a) + Visit("B", b)});
}

// Empty: unchanged. Else "worse: ..." or "note: ..." of the only sentence.
std::string Said(const v1::AccuracyVerdict& verdict) {
  EXPECT_LE(verdict.worse_size() + verdict.notes_size(), 1) << verdict.DebugString();
  EXPECT_EQ(verdict.unchanged(), verdict.worse().empty() && verdict.notes().empty());
  if (verdict.worse_size() > 0) return "worse: " + verdict.worse(0);
  return verdict.notes_size() > 0 ? "note: " + verdict.notes(0) : "";
}

std::string Err(const std::string& err_scaled) {
  return absl::StrCat("err_scaled: ", err_scaled, " bound: 10 ");
}

TEST(JudgeAccuracy, EqualNumbersAreUnchanged) {
  const std::string all =
      "err_scaled: 4 bound: 10 nonfinite_mismatches: 0 distinct_outputs: 1 equal_share: 1 flips: 0 "
      "top1: 0.5 images: 4 wrong: 1 wrong: 2";
  EXPECT_EQ(Said(Judge(all, all)), "");
}

TEST(JudgeAccuracy, NothingComparedIsNotUnchanged) {
  EXPECT_FALSE(JudgeText({}).unchanged());
  EXPECT_FALSE(Judge("", "").unchanged());
  EXPECT_THAT(Judge("", "").notes(), IsEmpty());
}

TEST(JudgeAccuracy, AnErrorBeyondItsBoundIsWorse) {
  EXPECT_EQ(Said(Judge(Err("6"), Err("10.5"))),
            "worse: k: err_scaled 6.00 -> 10.5, its bound is 10.0");
  EXPECT_EQ(Said(Judge(Err("6"), Err("10"))), "note: k: err_scaled 6.00 -> 10.0");
}

TEST(JudgeAccuracy, AnErrorThatGrowsTooMuchIsWorse) {
  EXPECT_EQ(Said(Judge(Err("4"), Err("8.1"))),
            "worse: k: err_scaled 4.00 -> 8.10, more than 2.00 times");
  EXPECT_EQ(Said(Judge(Err("4"), Err("8"))), "note: k: err_scaled 4.00 -> 8.00");
  EXPECT_EQ(Said(Judge(Err("8"), Err("4"))), "note: k: err_scaled 8.00 -> 4.00");
  EXPECT_EQ(Said(Judge(Err("0.4"), Err("1.9"))), "note: k: err_scaled 0.400 -> 1.90")
      << "below the roundoff of the result";
  EXPECT_THAT(Said(Judge(Err("0"), Err("2.1"))), StartsWith("worse: "));
}

TEST(JudgeAccuracy, WhatAHadWrongIsNoNews) {
  EXPECT_EQ(Said(Judge(Err("12"), Err("15"))), "note: k: err_scaled 12.0 -> 15.0");
  EXPECT_THAT(Said(Judge(Err("12"), Err("25"))), StartsWith("worse: ")) << "twice as wrong is";
  EXPECT_EQ(Said(Judge(Err("nan"), Err("nan"))), "");
  EXPECT_EQ(Said(Judge(Err("nan"), Err("3"))), "note: k: err_scaled nan -> 3.00");
  EXPECT_EQ(Said(Judge(Err("inf"), Err("inf"))), "");
}

TEST(JudgeAccuracy, NaNIsBeyondAnyBound) {
  EXPECT_EQ(Said(Judge(Err("4"), Err("nan"))),
            "worse: k: err_scaled 4.00 -> nan, its bound is 10.0");
  EXPECT_THAT(Said(Judge(Err("4"), Err("inf"))), StartsWith("worse: "));
}

TEST(JudgeAccuracy, MoreOutOfPlaceIsWorse) {
  EXPECT_EQ(Said(Judge("nonfinite_mismatches: 0", "nonfinite_mismatches: 3")),
            "worse: k: NaN or Inf out of place: 0 -> 3");
  EXPECT_EQ(Said(Judge("nonfinite_mismatches: 3", "nonfinite_mismatches: 3")), "");
  EXPECT_EQ(Said(Judge("nonfinite_mismatches: 3", "nonfinite_mismatches: 0")), "");
}

TEST(JudgeAccuracy, LostRepeatabilityIsWorse) {
  EXPECT_EQ(Said(Judge("distinct_outputs: 1", "distinct_outputs: 2")),
            "worse: k: answers to one input differ: 2 distinct ones");
  EXPECT_EQ(Said(Judge("distinct_outputs: 2", "distinct_outputs: 5")), "") << "A had none to lose";
}

TEST(JudgeAccuracy, LostBatchInvarianceIsWorse) {
  EXPECT_EQ(
      Said(Judge("equal_share: 1", "equal_share: 0.995")),
      "worse: k: batch invariance lost: 99.5 % of the answers have the bits of the sample alone");
  EXPECT_EQ(Said(Judge("equal_share: 0.9", "equal_share: 0.5")), "");
  EXPECT_EQ(Said(Judge("flips_beyond_tolerance: 0", "flips_beyond_tolerance: 7")),
            "worse: k: 7 predictions differ from those to the image alone by more than rounding "
            "explains");
  EXPECT_EQ(Said(Judge("flips_beyond_tolerance: 3", "flips_beyond_tolerance: 7")), "");
}

TEST(JudgeAccuracy, APredictionThatRoundingChangedIsANote) {
  EXPECT_EQ(Said(Judge("flips: 0 flips_beyond_tolerance: 0", "flips: 7 flips_beyond_tolerance: 0")),
            "note: k: 7 predictions differ from those to the image alone, by rounding");
  EXPECT_THAT(
      Said(Judge("flips: 0 flips_beyond_tolerance: 0", "flips: 7 flips_beyond_tolerance: 1")),
      StartsWith("worse: k: 1 predictions"));
}

TEST(JudgeAccuracy, WhatOnlyOneArmSaysIsANote) {
  EXPECT_EQ(Said(Judge("distinct_outputs: 1 images: 4 top1: 0.5", "distinct_outputs: 1")),
            "note: k: only A says top-1");
  EXPECT_EQ(Said(Judge("distinct_outputs: 1", "distinct_outputs: 1 err_scaled: 3")),
            "note: k: only B says err_scaled");
  EXPECT_EQ(Said(Judge("images: 4", "images: 4 equal_share: 1")),
            "note: k: only B says how answers in batches compare");
  EXPECT_EQ(Said(Judge("images: 4 flips: 0", "images: 4")),
            "note: k: only A says which predictions differ");
  EXPECT_EQ(Said(Judge("images: 4 distinct_outputs: 1", "images: 4")),
            "note: k: only A says how many distinct answers it gave");
}

TEST(JudgeAccuracy, AnyVisitOfEitherArmCounts) {
  // B is not repeatable in the second round only; A's second visit is what shows that A never was.
  const std::string one = "distinct_outputs: 1", two = "distinct_outputs: 2";
  EXPECT_THAT(
      Said(JudgeText({Visit("A", one) + Visit("B", one), Visit("A", one) + Visit("B", two)})),
      StartsWith("worse: "));
  EXPECT_EQ(Said(JudgeText({Visit("A", one) + Visit("A'", two) + Visit("B", two)})), "");
  EXPECT_THAT(Said(JudgeText({Visit("B", one) + "phase: 'confirmation' why_void: 'steal'",
                              Visit("A", one), Visit("B", two) + "why_void: 'steal'"})),
              StartsWith("worse: "))
      << "load does not change bits";
}

TEST(JudgeAccuracy, OnlyOneArmIsANote) {
  EXPECT_EQ(Said(Judge(Err("4"), "")), "note: k: only answers of A were compared");
  EXPECT_EQ(Said(Judge("", "flips: 0")), "note: k: only answers of B were compared");
}

std::string Images(const std::vector<int>& wrong, int images = 100) {
  const double top1 = 1 - static_cast<double>(wrong.size()) / images;
  return absl::StrCat("images: ", images, " top1: ", top1, " wrong: [", absl::StrJoin(wrong, ","),
                      "]");
}

TEST(JudgeAccuracy, Top1IsWorseWhereMcNemarSaysSo) {
  EXPECT_EQ(Said(Judge(Images({1, 2}), Images({1, 11, 12, 13, 14, 15, 16, 17, 18}))),
            "note: k: top-1 98.00 % -> 91.00 %: 8 images lost, 1 won, McNemar p = 0.039");
  EXPECT_EQ(Said(Judge(Images({1}), Images({1, 11, 12, 13, 14, 15, 16, 17, 18}))),
            "worse: k: top-1 99.00 % -> 91.00 %: 8 images lost, 0 won, McNemar p = 0.0078");
  EXPECT_THAT(Said(Judge(Images({11, 12, 13, 14, 15, 16, 17, 18}), Images({}))),
              StartsWith("note: k: top-1 92.00 % -> 100.00 %: 0 images lost, 8 won"));
  EXPECT_THAT(Said(Judge(Images({1}), Images({2}))), StartsWith("note: "))
      << "as many right, not the same";
}

TEST(JudgeAccuracy, AlphaItselfIsWorse) {
  auto policy = Parse<v1::Policy>("max_error_growth: 2");
  policy.set_accuracy_alpha(McNemarP(7, 0));
  Rounds rounds;
  *rounds.Add() =
      Parse<v1::Round>(Visit("A", Images({})) + Visit("B", Images({11, 12, 13, 14, 15, 16, 17})));
  EXPECT_EQ(JudgeAccuracy(policy, rounds).worse_size(), 1);
  policy.set_accuracy_alpha(0.99 * McNemarP(7, 0));
  EXPECT_EQ(JudgeAccuracy(policy, rounds).notes_size(), 1);
}

TEST(JudgeAccuracy, AVisitWhoseListWasNotKeptProvesNothing) {
  // B's first whole pass was that of the second round; its list is kept, A's second one is not.
  const std::string a = Images({1}), no_list = "images: 100 top1: 0.99";
  const std::string b = Images({1, 11, 12, 13, 14, 15, 16, 17, 18});
  EXPECT_THAT(Said(JudgeText(
                  {Visit("A", a) + Visit("B", "images: 50"), Visit("A", no_list) + Visit("B", b)})),
              StartsWith("worse: k: top-1 99.00 % -> 91.00 %"));
}

TEST(JudgeAccuracy, WithoutTheImagesSharesMustBeFarApart) {
  const auto counts = [](double top1) { return absl::StrCat("images: 100 top1: ", top1); };
  EXPECT_THAT(Said(JudgeText({Visit("A", counts(0.99)) + Visit("B", counts(0.91))})),
              StartsWith("note: k: top-1 99.00 % -> 91.00 %"));
  EXPECT_THAT(Said(JudgeText({Visit("A", counts(0.99)) + Visit("B", counts(0.7))})),
              StartsWith("worse: k: top-1 99.00 % -> 70.00 %"));
  EXPECT_EQ(Said(JudgeText({Visit("A", counts(0.9)) + Visit("B", counts(0.9))})), "");
}

TEST(JudgeAccuracy, CellsAreJudgedEach) {
  constexpr char kNone[] = "flips_beyond_tolerance: 0";
  const auto cell = [](const std::string& key, const std::string& accuracy) {
    return absl::StrCat("cells { key: '", key, "' accuracy { ", accuracy, " } } ");
  };
  const auto verdict = JudgeText({absl::StrCat(
      "visits { arm: 'A' ", cell("y", kNone), cell("x", kNone), "} visits { arm: 'B' ",
      cell("x", "flips_beyond_tolerance: 1"), cell("y", "flips_beyond_tolerance: 2"), "}")});
  EXPECT_THAT(verdict.worse(), ElementsAre(StartsWith("y: 2 "), StartsWith("x: 1 ")))
      << "in the order of the first visit";
}

TEST(AccuracyOf, TakesWhatTheResultHas) {
  const auto norm = AccuracyOf(Parse<v1::CaseResult>(
      "norm_accuracy { err_scaled: 4 bound: 30 nonfinite_mismatches: 2 } distinct_outputs: 3"));
  EXPECT_EQ(norm.err_scaled(), 4);
  EXPECT_EQ(norm.bound(), 30);
  EXPECT_EQ(norm.nonfinite_mismatches(), 2);
  EXPECT_EQ(norm.distinct_outputs(), 3);
  EXPECT_FALSE(norm.has_top1());
  EXPECT_FALSE(norm.has_equal_share());
  const auto model = AccuracyOf(
      Parse<v1::CaseResult>("model_accuracy { images: 4 top1: 0.5 flips: 1 wrong: [1, 3] }"));
  EXPECT_EQ(model.images(), 4);
  EXPECT_EQ(model.top1(), 0.5);
  EXPECT_EQ(model.flips(), 1);
  EXPECT_THAT(model.wrong(), ElementsAre(1, 3));
  EXPECT_FALSE(model.has_err_scaled());
  const auto unlabelled = AccuracyOf(Parse<v1::CaseResult>("model_accuracy { images: 4 }"));
  EXPECT_FALSE(unlabelled.has_top1());
  EXPECT_FALSE(unlabelled.has_flips());
}

TEST(AccuracyOf, EqualShareIsOfJoinedBatchesOrOfAnInvarianceCase) {
  const auto joined = AccuracyOf(Parse<v1::CaseResult>(
      "batching { formed { formed_batch: 8 answers: 4 compared: 4 equal: 3 } }"));
  EXPECT_EQ(joined.equal_share(), 0.75);
  const auto check =
      AccuracyOf(Parse<v1::CaseResult>("invariance_numbers { all { comparisons: 4 equal: 3 } }"));
  EXPECT_EQ(check.equal_share(), 0.75);
  const auto nothing = AccuracyOf(Parse<v1::CaseResult>("invariance_numbers { all { } }"));
  EXPECT_FALSE(nothing.has_equal_share()) << "none of no comparisons is no share";
  EXPECT_EQ(AccuracyOf({}).ByteSizeLong(), 0U);
}

}  // namespace
}  // namespace normbench
