// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/words.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(Words, AreTheOnesOfTheContract) {
  EXPECT_EQ(Name(Method::kBatch), "batch");
  EXPECT_EQ(Name(Method::kLayer), "layer");
  EXPECT_EQ(Name(Method::kInstance), "instance");
  EXPECT_EQ(Name(Method::kGroup), "group");
  EXPECT_EQ(Name(Method::kRms), "rms");
  EXPECT_EQ(Name(StatsSource::kRunning), "running");
  EXPECT_EQ(Name(StatsSource::kBatch), "batch");
  EXPECT_EQ(Name(Affine::kNone), "none");
  EXPECT_EQ(Name(Affine::kChannel), "channel");
  EXPECT_EQ(Name(Affine::kElement), "element");
  EXPECT_EQ(Name(DType::kF32), "f32");
  EXPECT_EQ(Name(Layout::kNchw), "nchw");
}

TEST(Words, AreReadBack) {
  for (Method method : kMethods) EXPECT_EQ(ParseMethod(Name(method)).value(), method);
  EXPECT_EQ(ParseStatsSource("running").value(), StatsSource::kRunning);
  EXPECT_EQ(ParseStatsSource("batch").value(), StatsSource::kBatch);
  EXPECT_EQ(ParseAffine("none").value(), Affine::kNone);
  EXPECT_EQ(ParseAffine("channel").value(), Affine::kChannel);
  EXPECT_EQ(ParseAffine("element").value(), Affine::kElement);
  EXPECT_EQ(ParseDType("f32").value(), DType::kF32);
  EXPECT_EQ(ParseLayout("nchw").value(), Layout::kNchw);
}

TEST(Words, OfNoOneAreRefusedWithTheNearest) {
  EXPECT_EQ(ParseMethod("gruop").status(),
            absl::InvalidArgumentError("norm: unknown 'gruop'; allowed: batch, layer, instance, "
                                       "group, rms; nearest: group"));
  EXPECT_EQ(ParseStatsSource("").status().message(), "stats: unknown ''; allowed: running, batch");
  EXPECT_EQ(ParseAffine("chanel").status().message(),
            "affine: unknown 'chanel'; allowed: none, channel, element; nearest: channel");
  EXPECT_EQ(ParseDType("bf16").status().message(), "dtype: unknown 'bf16'; allowed: f32");
  EXPECT_EQ(ParseLayout("NCHW").status().message(), "layout: unknown 'NCHW'; allowed: nchw");
}

TEST(DTypeFacts, AreThoseOfFloat32) {
  EXPECT_EQ(SizeOf(DType::kF32), 4);
  EXPECT_EQ(UnitRoundoff(DType::kF32), 5.9604644775390625e-08);
}

}  // namespace
}  // namespace normbench
