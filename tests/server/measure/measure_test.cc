// SPDX-License-Identifier: Apache-2.0
#include "server/measure/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#include "server/kernels/reference_kernel.h"
#include "tests/bench/norm/peak_memory.h"
#include "tests/server/measure/wrapped_kernel.h"

namespace normbench {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Gt;

// A kernel whose output is the reference's, changed by `spoil` after each launch.
using Spoil = std::function<void(int launch, float* y)>;

// What it says about its calls, whatever they take.
struct Claims {
  double seconds = 60e-6;
  std::string time_source = "steady_clock";
};

class SpoiledNorm final : public BoundNorm {
 public:
  SpoiledNorm(std::unique_ptr<BoundNorm> inner, Spoil spoil, const Claims& claims, float* y)
      : inner_(std::move(inner)), spoil_(std::move(spoil)), claims_(claims), y_(y) {}
  absl::Status Launch() override {
    const absl::Status status = inner_->Launch();
    spoil_(launches_++, y_);
    return status;
  }
  absl::Status Synchronize() override { return inner_->Synchronize(); }
  absl::StatusOr<double> Time(int iterations) override {
    for (int i = 0; i < iterations; ++i) {
      if (absl::Status status = Launch(); !status.ok()) return status;
    }
    return claims_.seconds;
  }
  std::string time_source() const override { return claims_.time_source; }

 private:
  std::unique_ptr<BoundNorm> inner_;
  Spoil spoil_;
  const Claims claims_;
  float* y_;
  int launches_ = 0;
};

WrappedKernel Spoiled(Spoil spoil, Claims claims = {}) {
  return WrappedKernel(
      [spoil, claims](std::unique_ptr<BoundNorm> inner,
                      const WrappedKernel::Binding& binding) -> std::unique_ptr<BoundNorm> {
        return std::make_unique<SpoiledNorm>(std::move(inner), spoil, claims,
                                             static_cast<float*>(binding.buffers.y));
      });
}

MeasureSpec SpecFor(const NormKernel& kernel) {
  return {.plan = {.kernel = &kernel,
                   .spec = {.method = Method::kGroup, .groups = 2},
                   .shape = *Shape::Parse("2x4x3x3"),
                   .device = "cpu"},
          .warmup_seconds = 0,
          .seconds = 1,
          .max_samples = 5};
}

MeasureHooks Quiet() {
  return {.progress = [](MeasurePhase, int, double) {}, .cancelled = [] { return false; }};
}

TEST(Measure, CollectsWhatTheSpecAsksFor) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  const absl::StatusOr<Measurement> result = Measure(SpecFor(*kernel), Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sample_seconds.size(), 5u);
  EXPECT_EQ(result->copy_seconds.size(), 5u);
  EXPECT_THAT(result->sample_seconds, Each(Gt(0)));
  EXPECT_THAT(result->copy_seconds, Each(Gt(0)));
  EXPECT_GE(result->warmup_calls, result->iterations_per_sample);
  EXPECT_EQ(result->time_source, "steady_clock");
  EXPECT_GT(result->first_call_seconds, 0);
  EXPECT_EQ(result->algorithmic_bytes, 2 * 72 * 4);
  EXPECT_EQ(result->distinct_outputs, 1);
  EXPECT_TRUE(result->all_compared);
  // The rounding of the reference itself: at most half a unit in the last place of each value.
  EXPECT_GT(result->accuracy.err_scaled, 0);
  EXPECT_LE(result->accuracy.err_scaled, 1);
  EXPECT_GT(result->bound, 1);
  EXPECT_EQ(result->accuracy.nonfinite_mismatches, 0);
}

TEST(Measure, EndsWhenTheTimedWorkIsDone) {
  const WrappedKernel kernel = Spoiled([](int, float*) {});
  MeasureSpec spec = SpecFor(kernel);
  spec.seconds = 0.0006;  // ten samples of 60 us
  spec.min_samples = 1;
  spec.max_samples = 1000;
  const absl::StatusOr<Measurement> result = Measure(spec, Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NEAR(static_cast<double>(result->sample_seconds.size()), 10, 1);
  EXPECT_EQ(result->iterations_per_sample, 1);
}

TEST(Measure, ASampleIsLongEnoughForTheClock) {
  const WrappedKernel kernel = Spoiled([](int, float*) {}, {.seconds = 1e-6});
  const absl::StatusOr<Measurement> result = Measure(SpecFor(kernel), Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->iterations_per_sample, 64) << "the first power of two that makes 50 us";
  EXPECT_EQ(result->warmup_calls, 1 + 2 + 4 + 8 + 16 + 32 + 3 * 64);
  EXPECT_THAT(result->sample_seconds, Each(1e-6));
}

TEST(Measure, GoesOnUntilThereAreSamplesEnough) {
  const WrappedKernel kernel = Spoiled([](int, float*) {});
  MeasureSpec spec = SpecFor(kernel);
  spec.seconds = 0.0006;
  spec.min_samples = 20;
  spec.max_samples = 1000;
  const absl::StatusOr<Measurement> result = Measure(spec, Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sample_seconds.size(), 20u);
}

// The calls say that they take 60 us, and each takes 100 ms of wall clock.
TEST(Measure, TheWallClockEndsItToo) {
  const WrappedKernel kernel = Spoiled([](int launch, float*) {
    if (launch >= 4) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  MeasureSpec spec = SpecFor(kernel);
  spec.seconds = 0.01;
  spec.max_samples = 60;  // of 100 ms: what it takes where nothing else ends it
  const absl::StatusOr<Measurement> result = Measure(spec, Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GE(result->sample_seconds.size(), 1u);
  EXPECT_LE(result->sample_seconds.size(), 11u) << "1.04 s";
}

TEST(Measure, LongCallsHaveACopyBesideEveryFourth) {
  int launches = 0;
  const WrappedKernel kernel = Spoiled([&launches](int, float*) { ++launches; }, {.seconds = 6e-3});
  MeasureSpec spec = SpecFor(kernel);
  spec.max_samples = 9;
  const absl::StatusOr<Measurement> result = Measure(spec, Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sample_seconds.size(), 9u);
  EXPECT_EQ(result->copy_seconds.size(), 3u);
  // One verifies, three warm up, nine are timed; one untimed after each copy, those of the warm-up
  // included, that another sample follows.
  EXPECT_EQ(launches, 1 + 3 + 9 + 3);
}

TEST(Measure, AGpuIsNotComparedWithACopyInTheHostsMemory) {
  const WrappedKernel kernel = Spoiled([](int, float*) {}, {.time_source = "cuda_event"});
  const absl::StatusOr<Measurement> result = Measure(SpecFor(kernel), Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sample_seconds.size(), 5u);
  EXPECT_TRUE(result->copy_seconds.empty());
  EXPECT_EQ(result->time_source, "cuda_event");
}

TEST(Measure, ZeroSecondsStillGiveOneSample) {
  const WrappedKernel kernel = Spoiled([](int, float*) {});
  MeasureSpec spec = SpecFor(kernel);
  spec.seconds = 0;
  const absl::StatusOr<Measurement> result = Measure(spec, Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sample_seconds.size(), 1u);
}

TEST(Measure, AWrongAnswerShowsInTheAccuracy) {
  const WrappedKernel kernel = Spoiled([](int, float* y) { y[7] += 1e-3f; });
  const absl::StatusOr<Measurement> result = Measure(SpecFor(kernel), Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NEAR(result->accuracy.max_abs, 1e-3, 1e-5);
  EXPECT_GT(result->accuracy.err_scaled, result->bound);
  EXPECT_EQ(result->distinct_outputs, 1);
}

TEST(Measure, AWrongAnswerOfOneTimedLaunchShows) {
  // Launch 0 verifies, 1 to 3 warm up; then each sample is one untimed and one timed launch.
  const WrappedKernel kernel = Spoiled([](int launch, float* y) {
    if (launch == 7) y[0] += 0.5f;
  });
  const absl::StatusOr<Measurement> result = Measure(SpecFor(kernel), Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->distinct_outputs, 2);
  EXPECT_EQ(result->output_checksums.size(), 2);
  EXPECT_NEAR(result->accuracy.max_abs, 0.5, 1e-5);
}

TEST(Measure, UntimedOutputsDoNotCount) {
  const WrappedKernel kernel = Spoiled([](int launch, float* y) {
    if (launch == 0) y[0] += 0.5f;
  });
  const absl::StatusOr<Measurement> result = Measure(SpecFor(kernel), Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->distinct_outputs, 1);
  EXPECT_LT(result->accuracy.max_abs, 1e-5);
}

TEST(Measure, AnElementThatIsNeverWrittenShows) {
  // A launch that restores what was in y[3] before it: the NaN at first, then the copy of x.
  float before = std::nanf("");
  const WrappedKernel kernel = Spoiled([&before](int, float* y) { y[3] = before; });
  const absl::StatusOr<Measurement> result = Measure(SpecFor(kernel), Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->accuracy.nonfinite_mismatches, 1);
}

TEST(Measure, MoreDifferentOutputsThanAreComparedAreSaid) {
  const WrappedKernel kernel =
      Spoiled([](int launch, float* y) { y[0] += static_cast<float>(launch); });
  const absl::StatusOr<Measurement> result = Measure(SpecFor(kernel), Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->distinct_outputs, 5);
  EXPECT_FALSE(result->all_compared);
}

TEST(Measure, PhasesComeInOrder) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  std::vector<std::string> phases;
  MeasureHooks hooks = Quiet();
  hooks.progress = [&phases](MeasurePhase phase, int, double) {
    const std::string name(Name(phase));
    if (phases.empty() || phases.back() != name) phases.push_back(name);
  };
  ASSERT_TRUE(Measure(SpecFor(*kernel), hooks).ok());
  EXPECT_THAT(phases, ElementsAre("prepare", "verify", "warm-up", "measure"));
}

TEST(Measure, CancellationEndsItWithinOneSample) {
  const WrappedKernel kernel = Spoiled([](int, float*) {});
  int samples = 0;
  MeasureSpec spec = SpecFor(kernel);
  spec.max_samples = 1000;
  MeasureHooks hooks = Quiet();
  // Asked before each of five phases, three times in the warm-up, then once a sample.
  hooks.cancelled = [&samples] { return ++samples > 5 + 3 + 3; };
  EXPECT_EQ(Measure(spec, hooks).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(samples, 12);
}

TEST(Measure, EveryDTypeAndLayoutIsComparedAsItIs) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  for (DType dtype : kDTypes) {
    for (Layout layout : kLayouts) {
      MeasureSpec spec = SpecFor(*kernel);
      spec.plan.dtype = dtype;
      spec.plan.layout = layout;
      const absl::StatusOr<Measurement> result = Measure(spec, Quiet());
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_LE(result->accuracy.err_scaled, 1) << Name(dtype) << Name(layout);
      EXPECT_EQ(result->accuracy.misrounded.value_or(0), 0) << Name(dtype) << Name(layout);
      EXPECT_EQ(result->accuracy.misrounded.has_value(), dtype != DType::kF32);
      EXPECT_EQ(result->algorithmic_bytes, 2 * 72 * SizeOf(dtype));
      EXPECT_EQ(result->bound < 2, dtype != DType::kF32);
      EXPECT_FALSE(result->converts_layout);
    }
  }
}

// Also where a plane, or even a group, is one element.
TEST(MeasureBytes, CoversWhatIsAllocated) {
  constexpr int64_t kRounding = 64 << 10;  // of each allocation, by the C library
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  struct Kind {
    TensorFormat format = {};
    int64_t cold_bytes = 0;
  };
  for (const Kind& kind : {Kind{}, Kind{{DType::kF16, Layout::kNchw}}, Kind{{}, 4 << 20}}) {
    for (const char* text : {"256x256", "512x128x1x1", "4x16x32x32"}) {
      for (const NormSpec& norm :
           {NormSpec{.method = Method::kInstance}, NormSpec{.method = Method::kGroup, .groups = 16},
            NormSpec{.method = Method::kLayer, .affine = Affine::kElement}}) {
        MeasureSpec spec = SpecFor(*kernel);
        spec.plan.spec = norm;
        spec.plan.shape = *Shape::Parse(text);
        spec.plan.dtype = kind.format.dtype;
        spec.plan.layout = kind.format.layout;
        spec.cold_bytes = kind.cold_bytes;
        const int64_t counted =
            MeasureBytes(spec) + kernel->WorkspaceBytes(norm, spec.plan.shape, spec.plan.format());
        const int64_t peak = PeakBytes([&] { ASSERT_TRUE(Measure(spec, Quiet()).ok()); });
        EXPECT_LE(peak, counted + kRounding) << text << Name(norm.method);
        EXPECT_GE(peak, counted / 2) << text << Name(norm.method);
      }
    }
  }
}

}  // namespace
}  // namespace normbench
