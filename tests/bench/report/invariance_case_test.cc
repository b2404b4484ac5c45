// SPDX-License-Identifier: Apache-2.0
#include "bench/report/invariance_case.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

v1::InvarianceCase Of(const std::string& text) {
  v1::InvarianceCase invariance;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &invariance)) << text;
  return invariance;
}

std::string ErrorOf(const std::string& text) {
  return std::string(ValidateBatches(Of(text), 4).message());
}

TEST(FillBatches, MakesSetsAndKeepsWhatIsGiven) {
  v1::InvarianceCase invariance =
      Of("norm_case { threads: 3 cache: 'hot' } batch_sizes: [ 8, 1, 8, 3 ] threads: [ 4, 2, 2 ]");
  FillBatches(&invariance);
  EXPECT_THAT(invariance.batch_sizes(), ElementsAre(1, 3, 8));
  EXPECT_THAT(invariance.threads(), ElementsAre(2, 4));
  EXPECT_EQ(invariance.norm_case().ByteSizeLong(), 0u) << "the sets say it";
}

TEST(FillBatches, TheDefaultIsAroundThePowersOfTwo) {
  v1::InvarianceCase invariance;
  FillBatches(&invariance);
  EXPECT_THAT(invariance.batch_sizes(), ElementsAreArray(kDefaultBatchSizes));
  EXPECT_TRUE(invariance.threads().empty()) << "a server knows how many it has";
}

TEST(ValidateBatches, NamesFieldValueAndRange) {
  EXPECT_EQ(ErrorOf("norm_case { shape: [ 1, 4 ] } batch_sizes: [ 1, 65536 ] threads: 4"), "");
  EXPECT_THAT(ErrorOf("norm_case { shape: [ 2, 4 ] }"), HasSubstr("shape: 2x4; allowed: N = 1"));
  EXPECT_THAT(ErrorOf("batch_sizes: 65537"), HasSubstr("batch_sizes: 65537; allowed: 1 .. 65536"));
  EXPECT_THAT(ErrorOf("threads: 5"), HasSubstr("threads: 5; allowed: 1 .. 4"));
  EXPECT_THAT(
      ErrorOf("norm_case { shape: [ 1, 65536 ] } batch_sizes: 65536"),
      HasSubstr("batch_sizes: 65536 samples of 65536 elements; allowed: at most 2147483647"));
}

TEST(ValidateBatches, BatchStatisticsDependOnTheBatchByDefinition) {
  EXPECT_THAT(ErrorOf("norm_case { spec { norm: 'batch' stats: 'batch' } }"),
              HasSubstr("allowed: running, folded"));
  EXPECT_EQ(ErrorOf("norm_case { spec { norm: 'batch' stats: 'folded' } }"), "");
}

TEST(EqualShare, IsOneOnlyIfAllAreEqual) {
  v1::InvarianceTally tally;
  EXPECT_EQ(EqualShare(tally), 0);
  tally.set_comparisons(1000000);
  tally.set_equal(999999);
  EXPECT_LT(EqualShare(tally), 1);
  tally.set_equal(1000000);
  EXPECT_EQ(EqualShare(tally), 1);
}

}  // namespace
}  // namespace normbench
