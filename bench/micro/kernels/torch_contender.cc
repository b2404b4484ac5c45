// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/torch_contender.h"

#include <c10/core/InferenceMode.h>

#include <utility>
#include <vector>

#include "bench/micro/kernels/aten_call.h"
#include "server/kernels/torch_runtime.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

class BoundTorch final : public BoundContender {
 public:
  BoundTorch(std::vector<AtenCall> lanes, const BenchCase& bench_case, const NativeBuffers& first)
      : lanes_(std::move(lanes)), problem_(bench_case.problem), first_(first) {}

  absl::Status Run(int64_t first, int64_t count) override {
    return BehindTorchWall([&] {
      const c10::InferenceMode inference;
      for (int64_t i = 0; i < count; ++i) lanes_[(first + i) % lanes_.size()].Run();
      return absl::OkStatus();
    });
  }

  absl::Status Collect() override {
    return BehindTorchWall([&] {
      const c10::InferenceMode inference;
      const AtenCall& call = lanes_[0];
      if (call.y().data_ptr() != first_.norm.y) {
        TensorView(problem_, first_.norm.y).copy_(call.y());
      }
      if (first_.sum != nullptr) TensorView(problem_, first_.sum).copy_(call.sum());
      return absl::OkStatus();
    });
  }

 private:
  std::vector<AtenCall> lanes_;
  const NativeProblem& problem_;
  const NativeBuffers& first_;
};

class TorchContender final : public Contender {
 public:
  std::string name() const override { return "torch"; }

  absl::StatusOr<std::unique_ptr<BoundContender>> Bind(const BenchCase& bench_case,
                                                       const CaseMemory& memory,
                                                       int threads) override {
    SetTorchThreads(threads);
    std::unique_ptr<BoundContender> bound;
    const absl::Status status = BehindTorchWall([&] {
      const c10::InferenceMode inference;
      std::vector<AtenCall> lanes;
      for (int64_t i = 0; i < memory.lanes(); ++i) {
        lanes.emplace_back(bench_case.problem, memory.lane(i));
      }
      bound = std::make_unique<BoundTorch>(std::move(lanes), bench_case, memory.lane(0));
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return bound;
  }
};

}  // namespace

std::unique_ptr<Contender> MakeTorchContender() {
  return std::make_unique<TorchContender>();
}

}  // namespace normbench
