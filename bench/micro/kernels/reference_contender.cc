// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/reference_contender.h"

#include <utility>
#include <vector>

#include "server/kernels/reference_kernel.h"

namespace normbench {
namespace {

class BoundReference final : public BoundContender {
 public:
  explicit BoundReference(std::vector<std::unique_ptr<BoundNorm>> lanes)
      : lanes_(std::move(lanes)) {}

  absl::Status Run(int64_t first, int64_t count) override {
    for (int64_t i = 0; i < count; ++i) {
      absl::Status status = lanes_[(first + i) % lanes_.size()]->Launch();
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  std::vector<std::unique_ptr<BoundNorm>> lanes_;
};

class ReferenceContender final : public Contender {
 public:
  std::string name() const override { return "reference"; }

  absl::StatusOr<std::unique_ptr<BoundContender>> Bind(const BenchCase& bench_case,
                                                       const CaseMemory& memory,
                                                       int threads) override {
    const NativeProblem& problem = bench_case.problem;
    if (threads > 1 || problem.fusion != Fusion{} ||
        problem.shape.elements() > kMaxReferenceElements) {
      return absl::UnimplementedError("reference: plain norms of up to 65536 elements, one thread");
    }
    const auto plan = kernel_->Plan(problem.spec, problem.shape, problem.format.dtype,
                                    problem.format.layout, "cpu");
    if (!plan.ok()) return plan.status();
    std::vector<std::unique_ptr<BoundNorm>> lanes;
    for (int64_t i = 0; i < memory.lanes(); ++i) {
      auto bound = (*plan)->Bind(memory.lane(i).norm);
      if (!bound.ok()) return bound.status();
      lanes.push_back(*std::move(bound));
    }
    return std::make_unique<BoundReference>(std::move(lanes));
  }

 private:
  const std::unique_ptr<NormKernel> kernel_ = MakeReferenceKernel();
};

}  // namespace

std::unique_ptr<Contender> MakeReferenceContender() {
  return std::make_unique<ReferenceContender>();
}

}  // namespace normbench
