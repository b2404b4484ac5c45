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
  EXPECT_EQ(Name(StatsSource::kFolded), "folded");
  EXPECT_EQ(Name(DType::kF32), "f32");
  EXPECT_EQ(Name(DType::kF16), "f16");
  EXPECT_EQ(Name(DType::kBf16), "bf16");
  EXPECT_EQ(Name(Layout::kNchw), "nchw");
  EXPECT_EQ(Name(Layout::kNhwc), "nhwc");
  EXPECT_EQ(Name(Cache::kHot), "hot");
  EXPECT_EQ(Name(Cache::kCold), "cold");
}

TEST(Words, AreReadBack) {
  for (Method method : kMethods) EXPECT_EQ(ParseMethod(Name(method)).value(), method);
  EXPECT_EQ(ParseStatsSource("running").value(), StatsSource::kRunning);
  EXPECT_EQ(ParseStatsSource("batch").value(), StatsSource::kBatch);
  EXPECT_EQ(ParseAffine("none").value(), Affine::kNone);
  EXPECT_EQ(ParseAffine("channel").value(), Affine::kChannel);
  EXPECT_EQ(ParseAffine("element").value(), Affine::kElement);
  EXPECT_EQ(ParseStatsSource("folded").value(), StatsSource::kFolded);
  for (DType dtype : kDTypes) EXPECT_EQ(ParseDType(Name(dtype)).value(), dtype);
  for (Layout layout : kLayouts) EXPECT_EQ(ParseLayout(Name(layout)).value(), layout);
  EXPECT_EQ(ParseCache("hot").value(), Cache::kHot);
  EXPECT_EQ(ParseCache("cold").value(), Cache::kCold);
}

TEST(Words, OfNoOneAreRefusedWithTheNearest) {
  EXPECT_EQ(ParseMethod("gruop").status(),
            absl::InvalidArgumentError("norm: unknown 'gruop'; allowed: batch, layer, instance, "
                                       "group, rms; nearest: group"));
  EXPECT_EQ(ParseStatsSource("").status().message(),
            "stats: unknown ''; allowed: running, batch, folded");
  EXPECT_EQ(ParseAffine("chanel").status().message(),
            "affine: unknown 'chanel'; allowed: none, channel, element; nearest: channel");
  EXPECT_EQ(ParseDType("fp16").status().message(),
            "dtype: unknown 'fp16'; allowed: f32, f16, bf16; nearest: f16");
  EXPECT_EQ(ParseLayout("NCHW").status().message(), "layout: unknown 'NCHW'; allowed: nchw, nhwc");
}

TEST(DTypeFacts, AreThoseOfTheTypes) {
  EXPECT_EQ(SizeOf(DType::kF32), 4);
  EXPECT_EQ(SizeOf(DType::kF16), 2);
  EXPECT_EQ(SizeOf(DType::kBf16), 2);
  EXPECT_EQ(UnitRoundoff(DType::kF32), 5.9604644775390625e-08);
  EXPECT_EQ(UnitRoundoff(DType::kF16), 0.00048828125);
  EXPECT_EQ(UnitRoundoff(DType::kBf16), 0.00390625);
  EXPECT_EQ(SmallestNormal(DType::kF16), 0.00006103515625);
  EXPECT_EQ(SmallestNormal(DType::kBf16), SmallestNormal(DType::kF32));
}

}  // namespace
}  // namespace normbench
