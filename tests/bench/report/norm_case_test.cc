// SPDX-License-Identifier: Apache-2.0
#include "bench/report/norm_case.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<NormProblem> Problem(const std::string& text) {
  v1::NormCase norm_case;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &norm_case)) << text;
  return ToNormProblem(norm_case);
}

TEST(ToNormProblem, FillsInDefaults) {
  const auto problem = Problem("spec { norm: 'group' } shape: [ 2, 64, 3, 5 ]");
  ASSERT_TRUE(problem.ok()) << problem.status();
  EXPECT_EQ(problem->spec.method, Method::kGroup);
  EXPECT_EQ(problem->spec.groups, 32);
  EXPECT_EQ(problem->spec.affine, Affine::kChannel);
  EXPECT_EQ(problem->spec.eps, 1e-5);
  EXPECT_EQ(problem->shape.ToString(), "2x64x3x5");
  EXPECT_EQ(problem->distribution, Distribution::kNormal);
  EXPECT_EQ(problem->seed, 1u);
}

TEST(ToNormProblem, TakesWhatIsGiven) {
  const auto problem = Problem(
      "spec { norm: 'batch' stats: 'batch' affine: 'none' eps: 0.5 } shape: [ 2, 8 ] seed: 9 data: "
      "'uniform'");
  ASSERT_TRUE(problem.ok()) << problem.status();
  EXPECT_EQ(problem->spec.stats, StatsSource::kBatch);
  EXPECT_EQ(problem->spec.affine, Affine::kNone);
  EXPECT_EQ(problem->spec.eps, 0.5);
  EXPECT_EQ(problem->seed, 9u);
  EXPECT_EQ(problem->distribution, Distribution::kUniform);
}

TEST(ToNormProblem, TakesFormatTrailingAndData) {
  const auto problem = Problem(
      "spec { norm: 'layer' trailing: 1 affine: 'element' } shape: [ 2, 8, 5 ] dtype: 'bf16' "
      "data: 'outlier' cache: 'cold'");
  ASSERT_TRUE(problem.ok()) << problem.status();
  EXPECT_EQ(problem->shape.ToString(), "16x5");
  EXPECT_EQ(problem->format, (TensorFormat{DType::kBf16, Layout::kNchw}));
  EXPECT_EQ(problem->distribution, Distribution::kOutlier);
  const auto image =
      Problem("spec { norm: 'batch' stats: 'folded' } shape: [ 2, 8, 5 ] layout: 'nhwc'");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->format.layout, Layout::kNhwc);
  EXPECT_EQ(image->spec.stats, StatsSource::kFolded);
}

TEST(ToNormProblem, NamesTheFieldThatIsWrong) {
  const auto error = [](const std::string& text) {
    return std::string(Problem(text).status().message());
  };
  EXPECT_THAT(error("spec { norm: 'batsh' } shape: [ 2, 8 ]"), HasSubstr("nearest: batch"));
  EXPECT_THAT(error("spec { norm: 'batch' stats: 'runing' } shape: [ 2, 8 ]"),
              HasSubstr("running"));
  EXPECT_THAT(error("spec { norm: 'rms' affine: 'chanel' } shape: [ 2, 8 ]"), HasSubstr("channel"));
  EXPECT_THAT(error("spec { norm: 'rms' } shape: [ 2, -8 ]"), HasSubstr("-8"));
  EXPECT_THAT(error("spec { norm: 'rms' } shape: [ 2 ]"), HasSubstr("shape"));
  EXPECT_THAT(error("spec { norm: 'rms' } shape: [ 2, 8 ] dtype: 'f15'"), HasSubstr("dtype"));
  EXPECT_THAT(error("spec { norm: 'rms' } shape: [ 2, 8 ] layout: 'nhcw'"), HasSubstr("layout"));
  EXPECT_THAT(error("spec { norm: 'rms' } shape: [ 2, 8 ] layout: 'nhwc'"),
              HasSubstr("layout: nhwc with shape 2x8"));
  EXPECT_THAT(error("spec { norm: 'rms' } shape: [ 2, 8 ] dtype: 'f16' data: 'mean1e5'"),
              HasSubstr("data: mean1e5 with dtype f16"));
  EXPECT_THAT(error("spec { norm: 'rms' trailing: 2 } shape: [ 2, 8 ]"), HasSubstr("trailing: 2"));
  EXPECT_THAT(error("spec { norm: 'rms' } shape: [ 2, 8 ] data: 'cauchy'"), HasSubstr("cauchy"));
  EXPECT_THAT(error("spec { norm: 'rms' } shape: [ 2, 8 ] cache: 'warm'"),
              HasSubstr("allowed: hot, cold"));
  EXPECT_THAT(error("spec { norm: 'group' groups: 3 } shape: [ 2, 8 ]"), HasSubstr("groups: 3"));
  EXPECT_THAT(error("spec { norm: 'rms' eps: -1 } shape: [ 2, 8 ]"), HasSubstr("eps: -1"));
}

}  // namespace
}  // namespace normbench
