// SPDX-License-Identifier: Apache-2.0
#include "server/measure/invariance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "bench/norm/trailing.h"
#include "server/kernels/reference_kernel.h"
#include "tests/bench/norm/peak_memory.h"
#include "tests/server/measure/wrapped_kernel.h"

namespace normbench {
namespace {

using ::testing::Optional;

constexpr size_t kSample = 4 * 3 * 3;  // elements
constexpr int kLaunchesAtOne = 1 + 3;  // plain; three alignments

// f32, one launch.
struct Batch {
  int n;
  const float* x;
  float* y;
  const float* before;  // what was in y before the launch

  std::span<float> answer(int i) const { return {y + static_cast<size_t>(i) * kSample, kSample}; }
  std::span<const float> sample(int i) const {
    return {x + static_cast<size_t>(i) * kSample, kSample};
  }
};

// The reference, and what it is changed by after each launch: a kernel whose answer depends on what
// it should not.
using Spoil = std::function<void(const Batch&)>;

class SpoiledNorm final : public BoundNorm {
 public:
  SpoiledNorm(std::unique_ptr<BoundNorm> inner, Spoil spoil, Batch batch)
      : inner_(std::move(inner)), spoil_(std::move(spoil)), batch_(batch) {}
  absl::Status Launch() override {
    const std::vector<float> before(batch_.y, batch_.y + batch_.n * kSample);
    const absl::Status status = inner_->Launch();
    batch_.before = before.data();
    spoil_(batch_);
    return status;
  }
  absl::Status Synchronize() override { return inner_->Synchronize(); }
  absl::StatusOr<double> Time(int iterations) override { return inner_->Time(iterations); }
  std::string time_source() const override { return inner_->time_source(); }

 private:
  std::unique_ptr<BoundNorm> inner_;
  Spoil spoil_;
  Batch batch_;
};

WrappedKernel Spoiled(Spoil spoil) {
  return WrappedKernel(
      [spoil](std::unique_ptr<BoundNorm> inner,
              const WrappedKernel::Binding& binding) -> std::unique_ptr<BoundNorm> {
        return std::make_unique<SpoiledNorm>(
            std::move(inner), spoil,
            Batch{static_cast<int>(binding.shape.n()), static_cast<const float*>(binding.buffers.x),
                  static_cast<float*>(binding.buffers.y), nullptr});
      });
}

// Checks on a set of threads of its own, which the spoils may look at.
class InvarianceTest : public ::testing::Test {
 protected:
  InvarianceSpec SpecFor(const NormKernel& kernel) {
    return {.sample = {.kernel = &kernel,
                       .spec = {.method = Method::kGroup, .groups = 2},
                       .shape = *Shape::Parse("1x4x3x3"),
                       .device = "cpu"},
            .batch_sizes = {1, 2, 3, 8},
            .threads = {1, 2}};
  }

  InvarianceHooks Hooks() {
    return {.progress = [this](double fraction) { fractions_.push_back(fraction); },
            .cancelled = [this] { return cancel_; },
            .set_threads = [this](int threads) { threads_ = threads; }};
  }

  Invariance Check(const InvarianceSpec& spec) {
    const absl::StatusOr<Invariance> found = CheckInvariance(spec, Hooks());
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(Invariance{});
  }
  Invariance CheckSpoiled(Spoil spoil) {
    const WrappedKernel kernel = Spoiled(std::move(spoil));
    return Check(SpecFor(kernel));
  }

  int threads_ = 0;
  bool cancel_ = false;
  std::vector<double> fractions_;
};

// Equal everywhere but for `cause`.
void ExpectOnly(const Invariance& found, Cause cause) {
  for (const Cause each : {Cause::kBatch, Cause::kThreads, Cause::kNeighbours, Cause::kAlignment}) {
    const Tally& tally = found.of(each);
    EXPECT_GT(tally.comparisons, 0);
    EXPECT_EQ(tally.equal < tally.comparisons, each == cause) << static_cast<int>(each);
  }
  EXPECT_LT(found.all.equal, found.all.comparisons);
}

TEST_F(InvarianceTest, TheReferenceAnswersEverySampleAlikeInEveryFormat) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBf16}) {
    for (const Layout layout : {Layout::kNchw, Layout::kNhwc}) {
      for (const Method method : kMethods) {
        InvarianceSpec spec = SpecFor(*kernel);
        spec.sample.spec = {.method = method, .groups = 2};
        spec.sample.dtype = dtype;
        spec.sample.layout = layout;
        const Invariance found = Check(spec);
        EXPECT_EQ(found.all.equal, found.all.comparisons);
        EXPECT_EQ(found.all.max_abs, 0);
        EXPECT_EQ(found.all.first_failing_n, std::nullopt);
      }
    }
  }
}

TEST_F(InvarianceTest, ComparesTheWholeProductOfWhatIsVaried) {
  const Invariance found = CheckSpoiled([](const Batch&) {});
  // One, two, and three different positions; three kinds of neighbours where there are any.
  const int plain = 1 + 2 + 3 + 3;
  EXPECT_EQ(found.of(Cause::kBatch).comparisons, 2 * plain);
  EXPECT_EQ(found.of(Cause::kThreads).comparisons, plain);
  EXPECT_EQ(found.of(Cause::kNeighbours).comparisons, 2 * 2 * (2 + 3 + 3));
  EXPECT_EQ(found.of(Cause::kAlignment).comparisons, 2 * 3 * 4);
  EXPECT_EQ(found.all.comparisons, 2 * plain + 32 + 24);
  EXPECT_EQ(found.all.equal, found.all.comparisons);
}

TEST_F(InvarianceTest, TrailingDimensionsMakeASampleOfSeveralRows) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  InvarianceSpec spec = SpecFor(*kernel);
  spec.sample.spec = {.method = Method::kLayer};
  spec.sample.shape = *OverTrailing(1, Method::kLayer, Layout::kNchw, *Shape::Parse("1x5x7"));
  EXPECT_EQ(BatchOf(spec.sample.shape, 3)->ToString(), "15x7");
  const Invariance found = Check(spec);
  EXPECT_EQ(found.all.equal, found.all.comparisons);
}

TEST_F(InvarianceTest, AnAnswerThatDependsOnTheBatchSizeShows) {
  const Invariance found = CheckSpoiled([](const Batch& batch) {
    for (int i = 0; batch.n >= 3 && i < batch.n; ++i) batch.answer(i)[5] += 0.25f;
  });
  ExpectOnly(found, Cause::kBatch);
  EXPECT_THAT(found.all.first_failing_n, Optional(3));
  EXPECT_EQ(found.all.max_abs, 0.25);
  EXPECT_EQ(found.of(Cause::kBatch).equal, 2 * (1 + 2));
  EXPECT_EQ(found.of(Cause::kBatch).max_abs, 0.25);
}

TEST_F(InvarianceTest, AnAnswerThatDependsOnThePositionShows) {
  for (const auto place : {+[](int n) { return n - 1; }, +[](int n) { return n / 2; }}) {
    const Invariance found = CheckSpoiled([place](const Batch& batch) {
      if (batch.n > 2) batch.answer(place(batch.n))[0] += 1;
    });
    ExpectOnly(found, Cause::kBatch);
    EXPECT_EQ(found.of(Cause::kBatch).equal, found.of(Cause::kBatch).comparisons - 4);
    EXPECT_THAT(found.all.first_failing_n, Optional(3));
  }
}

// Adds to every answer that has a neighbour for which `is_bad`.
Spoil Beside(bool (*is_bad)(std::span<const float> sample)) {
  return [is_bad](const Batch& batch) {
    for (int i = 0; i < batch.n; ++i) {
      for (int j = 0; j < batch.n; ++j) {
        if (j != i && is_bad(batch.sample(j))) batch.answer(i)[0] += 1;
      }
    }
  };
}

TEST_F(InvarianceTest, AnAnswerThatDependsOnTheNeighboursShows) {
  const Spoil zeros = Beside([](std::span<const float> sample) {
    return std::ranges::all_of(sample, [](float x) { return x == 0; });
  });
  const Spoil huge =
      Beside([](std::span<const float> sample) { return std::ranges::max(sample) > 1000; });
  for (const Spoil& spoil : {zeros, huge}) {
    const Invariance found = CheckSpoiled(spoil);
    ExpectOnly(found, Cause::kNeighbours);
    EXPECT_EQ(found.of(Cause::kNeighbours).equal * 2, found.of(Cause::kNeighbours).comparisons);
    EXPECT_THAT(found.all.first_failing_n, Optional(2));
  }
}

TEST_F(InvarianceTest, AnAnswerThatDependsOnTheThreadsShows) {
  const Invariance found = CheckSpoiled([this](const Batch& batch) {
    for (int i = 0; threads_ == 2 && i < batch.n; ++i) batch.answer(i)[1] += 0.5f;
  });
  ExpectOnly(found, Cause::kThreads);
  EXPECT_EQ(found.of(Cause::kThreads).equal, 0);
  EXPECT_THAT(found.of(Cause::kThreads).first_failing_n, Optional(1));
}

TEST_F(InvarianceTest, TheBatchIsToBlameWhereItMattersWithMoreThreadsOnly) {
  const Invariance found = CheckSpoiled([this](const Batch& batch) {
    for (int i = 0; threads_ == 2 && batch.n == 8 && i < batch.n; ++i) batch.answer(i)[1] += 1;
  });
  const Tally& batch = found.of(Cause::kBatch);
  EXPECT_EQ(batch.equal, batch.comparisons - 3);
  EXPECT_THAT(batch.first_failing_n, Optional(8));
  EXPECT_EQ(found.of(Cause::kThreads).equal, found.of(Cause::kThreads).comparisons - 3);
}

TEST_F(InvarianceTest, AnAnswerThatDependsOnTheAlignmentShows) {
  for (const uintptr_t off : {4, 16, 32}) {
    const Invariance found = CheckSpoiled([off](const Batch& batch) {
      if (reinterpret_cast<uintptr_t>(batch.x) % 64 != off) return;
      if (reinterpret_cast<uintptr_t>(batch.y) % 64 != off) return;
      for (int i = 0; i < batch.n; ++i) batch.answer(i)[1] += 0.5f;
    });
    ExpectOnly(found, Cause::kAlignment);
    EXPECT_EQ(found.of(Cause::kAlignment).equal * 3, found.of(Cause::kAlignment).comparisons * 2);
  }
}

TEST_F(InvarianceTest, AnAnswerThatIsNeverTheSameShowsAtOne) {
  int launches = 0;
  const Invariance found = CheckSpoiled(
      [&launches](const Batch& batch) { batch.y[0] += static_cast<float>(++launches); });
  EXPECT_THAT(found.all.first_failing_n, Optional(1));
}

TEST_F(InvarianceTest, AnElementThatIsNotWrittenIsInfinitelyFar) {
  const WrappedKernel kernel = Spoiled([](const Batch& batch) {
    if (batch.n == 8) batch.answer(7)[3] = batch.before[7 * kSample + 3];
  });
  const Invariance found = Check(SpecFor(kernel));
  EXPECT_THAT(found.all.first_failing_n, Optional(8));
  EXPECT_EQ(found.all.max_abs, std::numeric_limits<double>::infinity());
}

TEST_F(InvarianceTest, ADeviceWithMemoryOfItsOwnHasNoAlignmentToVary) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  InvarianceSpec spec = SpecFor(*kernel);
  const double with = InvarianceElements(spec);
  spec.sample.device = "cuda:0";
  EXPECT_EQ(with - InvarianceElements(spec), 2.0 * 3 * (1 + 2 + 3 + 8) * kSample);
}

TEST_F(InvarianceTest, StopsWhenCancelledAndSaysHowFarItIs) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  Check(SpecFor(*kernel));
  EXPECT_TRUE(std::ranges::is_sorted(fractions_));
  EXPECT_EQ(fractions_.back(), 1);
  cancel_ = true;
  EXPECT_EQ(CheckInvariance(SpecFor(*kernel), Hooks()).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_F(InvarianceTest, PassesOnWhatTheKernelSays) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  InvarianceSpec spec = SpecFor(*kernel);
  spec.sample.device = "cuda:9";
  EXPECT_EQ(CheckInvariance(spec, Hooks()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(InvarianceTest, CountsTheElementsOfAllBatches) {
  const std::unique_ptr<NormKernel> kernel = MakeReferenceKernel();
  InvarianceSpec spec = SpecFor(*kernel);
  spec.batch_sizes = {1};
  EXPECT_EQ(InvarianceElements(spec), 2.0 * kLaunchesAtOne * kSample);
  spec.batch_sizes = {1, 10};
  EXPECT_EQ(InvarianceElements(spec), 2.0 * (kLaunchesAtOne + 10 * (3 * 3 + 3)) * kSample);
}

TEST_F(InvarianceTest, TakesNoMoreMemoryThanItSays) {
  constexpr int64_t kRounding = 64 << 10;
  char launches = 0;
  const WrappedKernel kernel =
      Spoiled([&launches](const Batch& batch) { std::memset(batch.y, ++launches, 2); });
  for (const DType dtype : {DType::kF32, DType::kF16}) {
    InvarianceSpec spec = SpecFor(kernel);
    spec.sample.dtype = dtype;
    spec.sample.shape = *Shape::Parse("1x32x64x64");
    spec.batch_sizes = {1, 6};
    const Shape largest = *BatchOf(spec.sample.shape, 6);
    const int64_t counted = InvarianceBytes(spec) +
                            kernel.WorkspaceBytes(spec.sample.spec, largest, spec.sample.format());
    const int64_t peak = PeakBytes([&] { Check(spec); });
    EXPECT_LE(peak, counted + kRounding) << Name(dtype);
    EXPECT_GE(peak, counted / 2) << Name(dtype);
  }
}

}  // namespace
}  // namespace normbench
