// SPDX-License-Identifier: Apache-2.0
// Batch norm of contiguous tensors: tiles of neighbouring channels, chunks of samples.
#include "server/kernels/native/planes.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

constexpr NormSpec kBatch = {.method = Method::kBatch, .stats = StatsSource::kBatch};
constexpr NormSpec kRunning = {.method = Method::kBatch};
constexpr NormSpec kFolded = {.method = Method::kBatch, .stats = StatsSource::kFolded};

NativeCase PlaneCase(const NormSpec& spec, const std::vector<int64_t>& dims,
                     DType dtype = DType::kF32) {
  const NativeCase c = MakeCase({spec, Shape::Create(dims).value(), {.dtype = dtype}, {}});
  const Form form = SettingOf(c.problem).scheme.form;
  EXPECT_EQ(form, spec.stats == StatsSource::kBatch ? Form::kPlanes : Form::kScaledPlanes);
  return c;
}

TEST(Planes, OfSizesAroundPacks) {
  for (int64_t plane : {2, 3, 15, 16, 17, 31, 33, 48, 49, 100}) {
    for (DType dtype : kDTypes) {
      for (const NormSpec& spec : {kBatch, kRunning, kFolded})
        ExpectRight(PlaneCase(spec, {5, 7, plane}, dtype));
    }
  }
}

// Many channels a tile, one, and a last tile that is not full.
TEST(Planes, OfTilesThatChannelsFillOrNot) {
  for (const std::vector<int64_t>& dims : std::vector<std::vector<int64_t>>{{3, 70, 100},
                                                                            {3, 5, 2048},
                                                                            {2, 3, 4097},
                                                                            {2, 2, 20000},
                                                                            {1, 530, 1000},
                                                                            {1, 3, 100001}}) {
    for (const NormSpec& spec : {kBatch, kRunning}) ExpectRight(PlaneCase(spec, dims));
  }
}

TEST(Planes, OfManySamples) {
  for (const std::vector<int64_t>& dims :
       std::vector<std::vector<int64_t>>{{50, 3, 1000}, {1000, 5, 7}, {2000, 2, 2}, {33, 82, 49}}) {
    ExpectRight(PlaneCase(kBatch, dims));
    ExpectRight(PlaneCase(kRunning, dims));
  }
}

TEST(Planes, AreCutIntoTilesOfChannelsAndChunksOfSamples) {
  const auto sizes = [](int64_t samples, int64_t channels, int64_t plane) {
    Setting setting = SettingOf(PlaneCase(kBatch, {1, 1, 2}).problem);
    setting.scheme.samples = samples;
    setting.scheme.channels = channels;
    setting.scheme.plane = plane;
    return MakePlanes(setting)->sizes();
  };
  EXPECT_EQ(sizes(3, 70, 1 << 20).units, 70) << "long planes: each channel alone";
  EXPECT_EQ(sizes(7, 2, 1 << 20).chunks, 7);
  EXPECT_EQ(sizes(3, 70, 2).units, 1) << "short ones: all together";
  EXPECT_EQ(sizes(7, 2, 7).chunks, 1);
  const StepSizes many = sizes(3, 100000, 49);
  EXPECT_GT(many.units, 1);
  EXPECT_LT(many.units, 10000);
}

// The value to subtract is not told from the first sample alone.
TEST(Planes, OfABatchWhoseFirstSampleIsUnlikeTheRest) {
  for (const std::vector<int64_t>& dims :
       std::vector<std::vector<int64_t>>{{30000, 1, 4}, {100000, 1, 2}, {3000, 1, 50}}) {
    for (float far : {1e3f, 1e5f}) {
      NativeCase c = PlaneCase(kBatch, dims);
      for (int64_t i = 0; i < dims[2]; ++i) c.x[i] += far;
      ExpectRight(c);
    }
  }
}

TEST(Planes, WithoutGammaAndBeta) {
  for (const NormSpec& spec : {kBatch, kRunning}) {
    NativeCase c = PlaneCase(spec, {5, 70, 100});
    c.gamma.clear();
    c.beta.clear();
    ExpectRight(c);
  }
}

// Its pieces lie apart, a plane in each sample; other channels' bits stay.
TEST(Planes, OfAChannelThatCannotBeSquared) {
  const NativeCase usual = PlaneCase(kBatch, {6, 70, 100});
  NativeCase c = usual;
  const auto channel = [](int64_t i) { return i / 100 % 70; };
  for (int64_t i = 0; i < c.problem.shape.elements(); ++i) {
    if (channel(i) == 61) c.x[i] *= 1e30f;
  }
  ExpectRight(c);
  const std::vector<float> before = ValuesOf(c.problem, RunNative(usual).y),
                           after = ValuesOf(c.problem, RunNative(c).y);
  for (int64_t i = 0; i < std::ssize(before); ++i) {
    if (channel(i) == 61) continue;
    ASSERT_EQ(before[i], after[i]) << i;
  }
}

}  // namespace
}  // namespace normbench
