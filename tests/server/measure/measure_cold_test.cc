// SPDX-License-Identifier: Apache-2.0
// Which memory the calls of a measurement work on, hot and cold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "server/kernels/reference_kernel.h"
#include "server/measure/measure.h"
#include "tests/server/measure/wrapped_kernel.h"

namespace normbench {
namespace {

// Counts the launches by the memory they write to.
class CountingNorm final : public BoundNorm {
 public:
  CountingNorm(std::unique_ptr<BoundNorm> inner, std::vector<const void*>& written, const void* y)
      : inner_(std::move(inner)), written_(written), y_(y) {}
  absl::Status Launch() override {
    written_.push_back(y_);
    return inner_->Launch();
  }
  absl::Status Synchronize() override { return inner_->Synchronize(); }
  absl::StatusOr<double> Time(int iterations) override {
    for (int i = 0; i < iterations; ++i) {
      if (absl::Status status = Launch(); !status.ok()) return status;
    }
    return 30e-6;
  }
  // No copies between the calls: they go round the same memory, but cannot be seen here.
  std::string time_source() const override { return "cuda_event"; }
  bool converts_layout() const override { return true; }

 private:
  std::unique_ptr<BoundNorm> inner_;
  std::vector<const void*>& written_;
  const void* y_;
};

// `written` outlives the kernel.
WrappedKernel Counting(std::vector<const void*>& written) {
  return WrappedKernel(
      [&written](std::unique_ptr<BoundNorm> inner,
                 const WrappedKernel::Binding& binding) -> std::unique_ptr<BoundNorm> {
        return std::make_unique<CountingNorm>(std::move(inner), written, binding.buffers.y);
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

TEST(Measure, ColdCallsGoRoundSoMuchMemory) {
  std::vector<const void*> written;
  const WrappedKernel kernel = Counting(written);
  MeasureSpec spec = SpecFor(kernel);
  spec.cold_bytes = 10 * 2 * 72 * 4;
  ASSERT_EQ(LanesOf(spec), 12);
  const absl::StatusOr<Measurement> result = Measure(spec, Quiet());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->iterations_per_sample, 2) << "of 30 us";
  EXPECT_TRUE(result->converts_layout);
  EXPECT_LE(result->accuracy.err_scaled, 1);
  ASSERT_GT(written.size(), 12u);
  for (size_t i = 0; i + 11 < written.size(); ++i) {
    const auto first = written.begin() + static_cast<int64_t>(i);
    EXPECT_EQ(std::count(first + 1, first + 11, *first), 0) << "ten others come first";
  }
}

TEST(Measure, HotCallsStayWhereTheyAre) {
  std::vector<const void*> written;
  const WrappedKernel kernel = Counting(written);
  ASSERT_TRUE(Measure(SpecFor(kernel), Quiet()).ok());
  EXPECT_EQ(LanesOf(SpecFor(kernel)), 1);
  EXPECT_THAT(written, testing::Each(written.front()));
}

}  // namespace
}  // namespace normbench
