// SPDX-License-Identifier: Apache-2.0
#include "bench/report/norm_accuracy.h"

#include <cmath>
#include <vector>

#include "bench/norm/case_data.h"
#include "bench/norm/reference.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

NormProblem Problem() {
  v1::NormCase norm_case;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(spec { norm: "group" groups: 2 } shape: [ 2, 4, 3, 3 ] seed: 5)", &norm_case));
  return *ToNormProblem(norm_case);
}

// The right answer to input `index`, rounded to f32.
std::vector<float> RightAnswer(const NormProblem& problem, uint64_t index) {
  const CaseData data(problem.spec, problem.shape, problem.distribution, problem.seed, index);
  const ReferenceResult reference = ReferenceNorm(problem.spec, problem.shape, data.inputs());
  return std::vector<float>(reference.y.begin(), reference.y.end());
}

void Add(OutputLedger* ledger, int64_t input, const std::vector<float>& y) {
  ledger->Add(input, std::as_bytes(std::span(y)));
}

TEST(CompareNormAnswers, RoundedAnswersAreWithinOneUnit) {
  const NormProblem problem = Problem();
  OutputLedger ledger(2, 1 << 20);
  Add(&ledger, 0, RightAnswer(problem, 0));
  Add(&ledger, 1, RightAnswer(problem, 1));
  const auto accuracy = CompareNormAnswers(problem, ledger);
  ASSERT_TRUE(accuracy.has_value());
  EXPECT_LE(accuracy->err_scaled(), 1.0001);
  EXPECT_GT(accuracy->bound(), accuracy->err_scaled());
  EXPECT_EQ(accuracy->nonfinite_mismatches(), 0);
  EXPECT_LT(accuracy->rel_l2(), 1e-7);
}

TEST(CompareNormAnswers, OneWrongAnswerAmongManyIsTheWorst) {
  const NormProblem problem = Problem();
  OutputLedger ledger(2, 1 << 20);
  Add(&ledger, 0, RightAnswer(problem, 0));
  std::vector<float> wrong = RightAnswer(problem, 1);
  Add(&ledger, 1, wrong);
  wrong[7] += 0.5F;
  Add(&ledger, 1, wrong);
  const auto accuracy = CompareNormAnswers(problem, ledger);
  EXPECT_GT(accuracy->err_scaled(), accuracy->bound());
  EXPECT_NEAR(accuracy->max_abs(), 0.5, 1e-6);
}

TEST(CompareNormAnswers, AnswersBelongToTheirInput) {
  const NormProblem problem = Problem();
  OutputLedger ledger(2, 1 << 20);
  Add(&ledger, 0, RightAnswer(problem, 1));  // exchanged
  const auto accuracy = CompareNormAnswers(problem, ledger);
  EXPECT_GT(accuracy->err_scaled(), accuracy->bound());
}

TEST(CompareNormAnswers, CountsNaNAndWrongSizes) {
  const NormProblem problem = Problem();
  OutputLedger nan_ledger(1, 1 << 20);
  std::vector<float> y = RightAnswer(problem, 0);
  y[3] = std::nanf("");
  Add(&nan_ledger, 0, y);
  EXPECT_EQ(CompareNormAnswers(problem, nan_ledger)->nonfinite_mismatches(), 1);
  OutputLedger short_ledger(1, 1 << 20);
  y.pop_back();
  Add(&short_ledger, 0, y);
  EXPECT_EQ(CompareNormAnswers(problem, short_ledger)->nonfinite_mismatches(), 72);
}

TEST(CompareNormAnswers, OfNoAnswersSaysNothing) {
  EXPECT_FALSE(CompareNormAnswers(Problem(), OutputLedger(3, 1 << 20)).has_value());
}

TEST(CompareNormAnswers, ReadsPackedAnswers) {
  NormProblem problem = Problem();
  problem.format = {DType::kF16, Layout::kNhwc};
  const CaseData data(problem.spec, problem.shape, problem.distribution, problem.seed, 0,
                      problem.format);
  const ReferenceResult reference = ReferenceNorm(problem.spec, problem.shape, data.inputs());
  std::vector<std::byte> y(static_cast<size_t>(PackedBytes(problem.format, problem.shape)));
  Pack(problem.format, problem.shape, std::span<const double>(reference.y), y.data());
  OutputLedger ledger(1, 1 << 20);
  ledger.Add(0, y);
  const auto accuracy = CompareNormAnswers(problem, ledger);
  EXPECT_LE(accuracy->err_scaled(), 1);
  EXPECT_LT(accuracy->bound(), 2);
  EXPECT_EQ(accuracy->misrounded(), 0);
  y[1] ^= std::byte{1};
  ledger.Add(0, y);
  EXPECT_NEAR(CompareNormAnswers(problem, ledger)->misrounded(), 1.0 / 72, 1e-9);
}

}  // namespace
}  // namespace normbench
