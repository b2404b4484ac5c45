// SPDX-License-Identifier: Apache-2.0
#include "bench/report/model_accuracy.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace normbench {
namespace {

using Logits = std::vector<float>;

void Add(OutputLedger* ledger, int64_t input, const Logits& logits) {
  ledger->Add(input, std::as_bytes(std::span(logits)));
}

// Five images, three classes; margins 4, 1e-5, 3, 2, 0.5; largest logit 8, tolerance 8 / 8192.
const Logits kBaseline = {8, 4, 0, 1, 1.00001F, 0, 0, 1, 4, 2, 0, 0, 0, 0, 0.5F};
const std::vector<int32_t> kLabels = {0, 1, 2, 1, 2};

ModelTruth Truth() {
  ModelTruth truth;
  truth.images = 5;
  truth.classes = 3;
  truth.labels = kLabels;
  truth.baseline = kBaseline;
  return truth;
}

Logits Rows(const Logits& logits, int first, int count) {
  return Logits(logits.begin() + first * 3, logits.begin() + (first + count) * 3);
}

TEST(Predict, TakesTheFirstOfTheLargest) {
  EXPECT_EQ(Predict(Logits{1, 3, 2}), 1);
  EXPECT_EQ(Predict(Logits{3, 3}), 0);
  EXPECT_EQ(Predict(Logits{-1, -std::numeric_limits<float>::infinity()}), 0);
  EXPECT_EQ(Predict(Logits{1, std::nanf(""), 2}), -1);
  EXPECT_EQ(Predict({}), -1);
}

TEST(CompareModelAnswers, EqualAnswersHaveNoFlips) {
  OutputLedger ledger(3, 1 << 20);
  Add(&ledger, 0, Rows(kBaseline, 0, 2));
  Add(&ledger, 1, Rows(kBaseline, 2, 2));
  Add(&ledger, 2, Rows(kBaseline, 4, 1));  // ragged
  const v1::ModelAccuracy accuracy = CompareModelAnswers(Truth(), 2, ledger);
  EXPECT_EQ(accuracy.images(), 5);
  EXPECT_DOUBLE_EQ(accuracy.top1(), 0.8);  // image 3 is wrong
  EXPECT_EQ(accuracy.flips(), 0);
  EXPECT_EQ(accuracy.flips_beyond_tolerance(), 0);
  EXPECT_DOUBLE_EQ(accuracy.logit_tolerance(), 8.0 / 8192);
  EXPECT_EQ(accuracy.max_abs_logit_difference(), 0);
  EXPECT_EQ(accuracy.mcnemar_p(), 1);
}

TEST(CompareModelAnswers, TellsRoundingFromRealFlips) {
  OutputLedger ledger(1, 1 << 20);
  Logits answer = kBaseline;
  answer[4] = 0.99999F;  // image 1: the classes were 1e-5 apart
  answer[8] = 0.25F;     // image 2: 4 became 0.25
  Add(&ledger, 0, answer);
  const v1::ModelAccuracy accuracy = CompareModelAnswers(Truth(), 5, ledger);
  EXPECT_EQ(accuracy.flips(), 2);
  EXPECT_EQ(accuracy.flips_beyond_tolerance(), 1);
  EXPECT_DOUBLE_EQ(accuracy.max_abs_logit_difference(), 3.75);
  EXPECT_DOUBLE_EQ(accuracy.top1(), 0.4);
  EXPECT_DOUBLE_EQ(accuracy.mcnemar_p(), 0.5);  // two lost, none won: 2 * 1/4
}

TEST(CompareModelAnswers, EveryDistinctAnswerCounts) {
  OutputLedger ledger(5, 1 << 20);
  for (int image = 0; image < 5; ++image) Add(&ledger, image, Rows(kBaseline, image, 1));
  Add(&ledger, 0, {0, 8, 0});  // once, image 0 was answered otherwise
  const v1::ModelAccuracy accuracy = CompareModelAnswers(Truth(), 1, ledger);
  EXPECT_EQ(accuracy.images(), 5);
  EXPECT_EQ(accuracy.flips(), 1);
  EXPECT_EQ(accuracy.flips_beyond_tolerance(), 1);
  EXPECT_DOUBLE_EQ(accuracy.top1(), 0.6);
}

TEST(CompareModelAnswers, SaysNothingOfAPartOfTheImages) {
  OutputLedger ledger(3, 1 << 20);
  Add(&ledger, 1, Rows(kBaseline, 2, 2));
  const v1::ModelAccuracy accuracy = CompareModelAnswers(Truth(), 2, ledger);
  EXPECT_EQ(accuracy.images(), 2);
  EXPECT_EQ(accuracy.planned_images(), 5);
  EXPECT_FALSE(accuracy.has_top1());
  EXPECT_FALSE(accuracy.has_flips());
  EXPECT_FALSE(accuracy.has_mcnemar_p());
  const v1::ModelAccuracy none = CompareModelAnswers(Truth(), 2, OutputLedger(3, 1 << 20));
  EXPECT_EQ(none.images(), 0);
  EXPECT_FALSE(none.has_top1());
}

TEST(CompareModelAnswers, WrongSizesAndNaNAreWrongAndFlipped) {
  OutputLedger ledger(5, 1 << 20);
  for (int image = 0; image < 3; ++image) Add(&ledger, image, Rows(kBaseline, image, 1));
  Add(&ledger, 3, {1, 2});
  Add(&ledger, 4, {0, std::nanf(""), 0.5F});
  const v1::ModelAccuracy accuracy = CompareModelAnswers(Truth(), 1, ledger);
  EXPECT_EQ(accuracy.images(), 5);
  EXPECT_EQ(accuracy.flips(), 2);
  EXPECT_EQ(accuracy.flips_beyond_tolerance(), 2);
  EXPECT_DOUBLE_EQ(accuracy.top1(), 0.6);
}

TEST(CompareModelAnswers, ListsWrongImagesWhereAsked) {
  OutputLedger ledger(3, 1 << 20);
  Add(&ledger, 0, Rows(kBaseline, 0, 2));
  Add(&ledger, 1, Rows(kBaseline, 2, 2));
  Add(&ledger, 2, {8, 0, 0});
  ModelTruth truth = Truth();
  EXPECT_EQ(CompareModelAnswers(truth, 2, ledger).wrong_size(), 0) << "a report needs the share";
  truth.list_wrong = true;
  const v1::ModelAccuracy accuracy = CompareModelAnswers(truth, 2, ledger);
  EXPECT_EQ(std::vector<int>(accuracy.wrong().begin(), accuracy.wrong().end()),
            (std::vector<int>{3, 4}));
  OutputLedger part(3, 1 << 20);
  Add(&part, 2, {8, 0, 0});
  EXPECT_EQ(CompareModelAnswers(truth, 2, part).wrong_size(), 0) << "of a part nothing is said";
  truth.labels = {};
  EXPECT_EQ(CompareModelAnswers(truth, 2, ledger).wrong_size(), 0);
}

TEST(CompareModelAnswers, WithoutLabelsOrBaselineSaysLess) {
  OutputLedger ledger(1, 1 << 20);
  Add(&ledger, 0, kBaseline);
  ModelTruth unlabelled = Truth();
  unlabelled.labels = {};
  const v1::ModelAccuracy no_labels = CompareModelAnswers(unlabelled, 5, ledger);
  EXPECT_FALSE(no_labels.has_top1());
  EXPECT_FALSE(no_labels.has_mcnemar_p());
  EXPECT_EQ(no_labels.flips(), 0);
  ModelTruth alone = Truth();
  alone.baseline = {};
  const v1::ModelAccuracy no_baseline = CompareModelAnswers(alone, 5, ledger);
  EXPECT_DOUBLE_EQ(no_baseline.top1(), 0.8);
  EXPECT_FALSE(no_baseline.has_flips());
  EXPECT_FALSE(no_baseline.has_mcnemar_p());
}

TEST(CompareModelAnswers, SkipsAnswersThatWereNotKept) {
  OutputLedger ledger(5, 2 * 3 * sizeof(float));  // room for two images
  for (int image = 0; image < 5; ++image) Add(&ledger, image, Rows(kBaseline, image, 1));
  EXPECT_EQ(CompareModelAnswers(Truth(), 1, ledger).images(), 2);
  EXPECT_FALSE(CompareModelAnswers(Truth(), 1, ledger).has_top1());
  EXPECT_EQ(ledger.not_kept(), 3);
}

}  // namespace
}  // namespace normbench
