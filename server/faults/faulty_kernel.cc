// SPDX-License-Identifier: Apache-2.0
#include "server/faults/faulty_kernel.h"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "server/faults/changed_answer.h"
#include "server/kernels/steady_time.h"

namespace normbench {
namespace {

using Clock = Faults::Clock;

class FaultyBound final : public BoundNorm {
 public:
  // `y` is where `inner` leaves its answer.
  FaultyBound(std::unique_ptr<BoundNorm> inner, std::shared_ptr<Faults> faults, DType dtype,
              std::span<std::byte> y)
      : inner_(std::move(inner)),
        faults_(std::move(faults)),
        dtype_(dtype),
        y_(y),
        on_cpu_(inner_->time_source() == "steady_clock") {}

  absl::Status Launch() override {
    const Clock::time_point begin = faults_->Now();
    if (absl::Status status = inner_->Launch(); !status.ok()) return status;
    is_new_ = true;
    if (on_cpu_) {
      faults_->After(faults_->Now() - begin);
    } else {
      launched_ = begin;
    }
    return absl::OkStatus();
  }

  absl::Status Synchronize() override {
    if (absl::Status status = inner_->Synchronize(); !status.ok()) return status;
    if (launched_.has_value()) faults_->After(faults_->Now() - *launched_);
    launched_.reset();
    // Once for an answer: changed again it would be another one.
    if (is_new_ && faults_->numeric() > 0) ChangeFirst(dtype_, y_, faults_->numeric());
    is_new_ = false;
    return absl::OkStatus();
  }

  absl::StatusOr<double> Time(int iterations) override {
    if (on_cpu_) return TimeLaunches(*this, iterations);
    const absl::StatusOr<double> seconds = inner_->Time(iterations);
    if (!seconds.ok()) return seconds.status();
    is_new_ = true;
    const auto took =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
    std::chrono::duration<double> added{0};
    for (int i = 0; i < iterations; ++i) added += faults_->After(took);
    return *seconds + added.count() / iterations;
  }

  std::string time_source() const override { return inner_->time_source(); }
  bool converts_layout() const override { return inner_->converts_layout(); }

 private:
  const std::unique_ptr<BoundNorm> inner_;
  const std::shared_ptr<Faults> faults_;
  const DType dtype_;
  const std::span<std::byte> y_;
  const bool on_cpu_;
  bool is_new_ = false;                        // y is an answer that was not yet changed
  std::optional<Clock::time_point> launched_;  // on a device, and not yet waited for
};

class FaultyPlan final : public NormPlan {
 public:
  FaultyPlan(std::shared_ptr<const NormPlan> inner, std::shared_ptr<Faults> faults, DType dtype,
             size_t bytes)
      : inner_(std::move(inner)), faults_(std::move(faults)), dtype_(dtype), bytes_(bytes) {}

  absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers& buffers) const override {
    absl::StatusOr<std::unique_ptr<BoundNorm>> bound = inner_->Bind(buffers);
    if (!bound.ok()) return bound.status();
    return std::make_unique<FaultyBound>(*std::move(bound), faults_, dtype_,
                                         std::span(static_cast<std::byte*>(buffers.y), bytes_));
  }

 private:
  const std::shared_ptr<const NormPlan> inner_;
  const std::shared_ptr<Faults> faults_;
  const DType dtype_;
  const size_t bytes_;  // of y
};

class FaultyKernel final : public NormKernel {
 public:
  FaultyKernel(std::unique_ptr<NormKernel> inner, std::shared_ptr<Faults> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  std::string name() const override { return inner_->name(); }
  KernelCapabilities capabilities() const override { return inner_->capabilities(); }

  int64_t WorkspaceBytes(const NormSpec& spec, const Shape& shape,
                         TensorFormat format) const override {
    return inner_->WorkspaceBytes(spec, shape, format);
  }
  int64_t BoundBytes(const NormSpec& spec, const Shape& shape, TensorFormat format) const override {
    return inner_->BoundBytes(spec, shape, format);
  }

  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec, const Shape& shape,
                                                       DType dtype, Layout layout,
                                                       const std::string& device) const override {
    auto plan = inner_->Plan(spec, shape, dtype, layout, device);
    if (!plan.ok()) return plan.status();
    const auto bytes = static_cast<size_t>(PackedBytes({dtype, layout}, shape));
    return std::make_shared<FaultyPlan>(*std::move(plan), faults_, dtype, bytes);
  }

 private:
  const std::unique_ptr<NormKernel> inner_;
  const std::shared_ptr<Faults> faults_;
};

}  // namespace

std::vector<std::unique_ptr<NormKernel>> WithFaults(
    std::vector<std::unique_ptr<NormKernel>> kernels, const std::shared_ptr<Faults>& faults) {
  for (std::unique_ptr<NormKernel>& kernel : kernels) {
    kernel = std::make_unique<FaultyKernel>(std::move(kernel), faults);
  }
  return kernels;
}

}  // namespace normbench
