// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/torch_copy_contender.h"

#include <c10/core/InferenceMode.h>

#include <utility>
#include <vector>

#include "bench/micro/kernels/aten_call.h"
#include "server/kernels/torch_runtime.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

struct Lane {
  at::Tensor x, y;
};

class BoundTorchCopy final : public BoundContender {
 public:
  explicit BoundTorchCopy(std::vector<Lane> lanes) : lanes_(std::move(lanes)) {}

  absl::Status Run(int64_t first, int64_t count) override {
    return BehindTorchWall([&] {
      const c10::InferenceMode inference;
      for (int64_t i = 0; i < count; ++i) {
        const Lane& lane = lanes_[(first + i) % lanes_.size()];
        lane.y.copy_(lane.x);
      }
      return absl::OkStatus();
    });
  }

 private:
  std::vector<Lane> lanes_;
};

class TorchCopyContender final : public Contender {
 public:
  std::string name() const override { return "torch-copy"; }
  bool normalizes() const override { return false; }

  absl::StatusOr<std::unique_ptr<BoundContender>> Bind(const BenchCase& bench_case,
                                                       const CaseMemory& memory,
                                                       int threads) override {
    SetTorchThreads(threads);
    std::vector<Lane> lanes;
    const absl::Status status = BehindTorchWall([&] {
      const c10::InferenceMode inference;
      for (int64_t i = 0; i < memory.lanes(); ++i) {
        const NormBuffers& norm = memory.lane(i).norm;
        lanes.push_back(
            {TensorView(bench_case.problem, norm.x), TensorView(bench_case.problem, norm.y)});
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return std::make_unique<BoundTorchCopy>(std::move(lanes));
  }
};

}  // namespace

std::unique_ptr<Contender> MakeTorchCopyContender() {
  return std::make_unique<TorchCopyContender>();
}

}  // namespace normbench
