// SPDX-License-Identifier: Apache-2.0
#include "bench/report/batching_accuracy.h"

#include <cmath>
#include <limits>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using Logits = std::vector<float>;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Three images, two classes; the largest logit is 8, so the tolerance is 8 / 8192.
const Logits kAlone = {8, 0, 1, 2, 4, 4.5F};

ModelTruth Truth() {
  ModelTruth truth;
  truth.images = 3;
  truth.classes = 2;
  truth.baseline = kAlone;
  return truth;
}

void Add(OutputLedger* ledger, int64_t input, const Logits& logits, int formed_batch) {
  ledger->Add(input, std::as_bytes(std::span(logits)), formed_batch);
}

v1::CaseResult Result(const std::string& text) {
  v1::CaseResult result;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &result)) << text;
  return result;
}

TEST(CompareByFormedBatch, TellsSizesApart) {
  OutputLedger ledger(3, 1 << 20);
  for (int i = 0; i < 2; ++i) Add(&ledger, 0, {8, 0}, 1);
  Add(&ledger, 0, {8, 0}, 4);
  for (int i = 0; i < 3; ++i) Add(&ledger, 1, {1.0001F, 2}, 4);  // rounding
  Add(&ledger, 2, {5, 4.5F}, 16);                                // another prediction
  const v1::BatchingAccuracy batching = CompareByFormedBatch(Truth(), 1, ledger);
  EXPECT_DOUBLE_EQ(batching.logit_tolerance(), 8.0 / 8192);
  ASSERT_EQ(batching.formed_size(), 3);
  const v1::FormedBatch &alone = batching.formed(0), &four = batching.formed(1),
                        &sixteen = batching.formed(2);
  EXPECT_EQ(alone.formed_batch(), 1);
  EXPECT_EQ(alone.answers(), 2);
  EXPECT_EQ(alone.compared(), 2);
  EXPECT_EQ(alone.equal_share(), 1);
  EXPECT_EQ(alone.max_abs_difference(), 0);
  EXPECT_EQ(four.formed_batch(), 4);
  EXPECT_EQ(four.answers(), 4);
  EXPECT_EQ(four.equal(), 1);
  EXPECT_DOUBLE_EQ(four.equal_share(), 0.25);
  EXPECT_DOUBLE_EQ(four.max_abs_difference(), double{1.0001F} - 1);
  EXPECT_EQ(four.beyond_tolerance(), 0);
  EXPECT_EQ(four.flips(), 0);
  EXPECT_EQ(sixteen.formed_batch(), 16);
  EXPECT_EQ(sixteen.flips(), 1);
  EXPECT_EQ(sixteen.beyond_tolerance(), 1);
  EXPECT_EQ(sixteen.max_abs_difference(), 1);
}

TEST(CompareByFormedBatch, AnswersOfRequestsWithSeveralImagesCountByImage) {
  OutputLedger ledger(2, 1 << 20);
  for (int i = 0; i < 5; ++i) Add(&ledger, 0, {8, 0, 2, 1}, 4);  // the second image flips
  Add(&ledger, 1, {4, 4.5F}, 3);                                 // ragged
  const v1::BatchingAccuracy batching = CompareByFormedBatch(Truth(), 2, ledger);
  ASSERT_EQ(batching.formed_size(), 2);
  EXPECT_EQ(batching.formed(0).answers(), 1);
  EXPECT_EQ(batching.formed(0).equal(), 1);
  EXPECT_EQ(batching.formed(1).answers(), 10);
  EXPECT_EQ(batching.formed(1).equal(), 5);
  EXPECT_EQ(batching.formed(1).flips(), 5);
}

TEST(CompareByFormedBatch, WhatIsNotKeptIsCountedAndNotCompared) {
  OutputLedger ledger(1, sizeof(float) * 4, /*max_kept=*/3);
  for (const float first : {8.0F, 7.0F, 6.0F, 5.0F}) Add(&ledger, 0, {first, 0}, 2);
  const v1::BatchingAccuracy batching = CompareByFormedBatch(Truth(), 1, ledger);
  ASSERT_EQ(batching.formed_size(), 1);
  EXPECT_EQ(batching.formed(0).answers(), 4);
  EXPECT_EQ(batching.formed(0).compared(), 2) << "one beyond the bytes, one beyond the number";
  EXPECT_DOUBLE_EQ(batching.formed(0).equal_share(), 0.5) << "of those compared";
}

TEST(CompareByFormedBatch, WithoutABaselineNothingIsCompared) {
  OutputLedger ledger(3, 1 << 20);
  Add(&ledger, 0, {8, 0}, 2);
  ModelTruth truth = Truth();
  truth.baseline = {};
  const v1::BatchingAccuracy batching = CompareByFormedBatch(truth, 1, ledger);
  EXPECT_EQ(batching.formed(0).answers(), 1);
  EXPECT_EQ(batching.formed(0).compared(), 0);
  EXPECT_FALSE(batching.formed(0).has_equal_share());
  EXPECT_FALSE(batching.formed(0).has_max_abs_difference());
}

TEST(CompareByFormedBatch, NanAndWrongSizesAreInfinitelyFarOff) {
  for (const Logits& wrong : {Logits{kNan, 0}, Logits{8}, Logits{}, Logits{8, 0, 0}}) {
    OutputLedger ledger(1, 1 << 20);
    Add(&ledger, 0, wrong, 2);
    const v1::FormedBatch formed = CompareByFormedBatch(Truth(), 1, ledger).formed(0);
    EXPECT_EQ(formed.equal(), 0);
    EXPECT_EQ(formed.flips(), 1);
    EXPECT_EQ(formed.beyond_tolerance(), 1);
    EXPECT_TRUE(std::isinf(formed.max_abs_difference()));
  }
}

TEST(CompareByFormedBatch, BitsAreToldApartWhereNumbersAreEqual) {
  OutputLedger ledger(1, 1 << 20);
  Add(&ledger, 0, {8, -0.0F}, 2);
  const v1::FormedBatch formed = CompareByFormedBatch(Truth(), 1, ledger).formed(0);
  EXPECT_EQ(formed.equal(), 0);
  EXPECT_EQ(formed.max_abs_difference(), 0);
  EXPECT_EQ(formed.flips(), 0);
}

TEST(AddBatching, AddsUpVisits) {
  v1::BatchingAccuracy sum;
  AddBatching(Result("batching { formed { formed_batch: 4 answers: 2 } }").batching(), &sum);
  AddBatching(Result(R"(batching {
      baseline: "alone" logit_tolerance: 0.5
      formed { formed_batch: 1 answers: 1 compared: 1 equal: 1 max_abs_difference: 0 }
      formed { formed_batch: 4 answers: 3 compared: 3 equal: 1 flips: 1 beyond_tolerance: 2
               max_abs_difference: 0.5 } })")
                  .batching(),
              &sum);
  EXPECT_EQ(sum.baseline(), "alone");
  EXPECT_EQ(sum.logit_tolerance(), 0.5);
  ASSERT_EQ(sum.formed_size(), 2);
  EXPECT_EQ(sum.formed(1).formed_batch(), 4);
  EXPECT_EQ(sum.formed(1).answers(), 5);
  EXPECT_EQ(sum.formed(1).compared(), 3);
  EXPECT_DOUBLE_EQ(sum.formed(1).equal_share(), 1.0 / 3);
  EXPECT_EQ(sum.formed(1).beyond_tolerance(), 2);
  const v1::FormedBatch all = AllFormed(sum);
  EXPECT_EQ(all.answers(), 6);
  EXPECT_DOUBLE_EQ(all.equal_share(), 0.5);
  EXPECT_EQ(all.max_abs_difference(), 0.5);
}

TEST(WereJoined, WhereABatchIsLargerThanTheRequestOrNobodyKnows) {
  const auto joined = [](int in_flight, int formed) {
    return WereJoined(Result("model { request_batch: 8 in_flight: " + std::to_string(in_flight) +
                             " } batching { formed { formed_batch: " + std::to_string(formed) +
                             " } }"));
  };
  EXPECT_TRUE(joined(8, 16));
  EXPECT_TRUE(joined(1, 16)) << "with requests of somebody else";
  EXPECT_FALSE(joined(8, 8));
  EXPECT_FALSE(joined(8, 3)) << "the last request of a pass";
  EXPECT_TRUE(joined(8, 0));
  EXPECT_FALSE(joined(1, 0));
  EXPECT_FALSE(WereJoined(Result("model { in_flight: 8 }"))) << "an older report";
}

}  // namespace
}  // namespace normbench
