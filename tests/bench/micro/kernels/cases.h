// SPDX-License-Identifier: Apache-2.0
// Cases and contenders of the tests here.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "bench/micro/kernels/case_reference.h"
#include "bench/micro/kernels/contender.h"

namespace normbench {

inline BenchCase MakeCase(Method method, const std::string& shape, int64_t groups = 1,
                          Fusion fusion = {}, TensorFormat format = {}) {
  NormSpec spec;
  spec.method = method;
  spec.groups = groups;
  NativeProblem problem{spec, *Shape::Parse(shape), format, fusion};
  return BenchCase{.problem = std::move(problem), .key = "norm/group?shape=1x4x2x2&g=2"};
}

// Writes the reference's result, or what a test makes of it.
class FakeContender final : public Contender {
 public:
  explicit FakeContender(std::string name, float factor = 1, bool normalizes = true)
      : name_(std::move(name)), factor_(factor), normalizes_(normalizes) {}

  std::string name() const override { return name_; }
  bool normalizes() const override { return normalizes_; }

  absl::StatusOr<std::unique_ptr<BoundContender>> Bind(const BenchCase& bench_case,
                                                       const CaseMemory& memory, int) override {
    class Bound final : public BoundContender {
     public:
      Bound(const BenchCase& bench_case, const CaseMemory& memory, float factor)
          : lane_(memory.lane(0)),
            format_(bench_case.problem.format),
            shape_(bench_case.problem.shape) {
        const CaseReference reference = MakeReference(bench_case, memory);
        for (const double y : reference.result.y) y_.push_back(static_cast<float>(y) * factor);
        sum_ = reference.sum;
      }
      absl::Status Run(int64_t, int64_t) override {
        Pack(format_, shape_, std::span<const float>(y_), lane_.norm.y);
        if (lane_.sum) Pack(format_, shape_, std::span<const float>(sum_), lane_.sum);
        return absl::OkStatus();
      }

     private:
      const NativeBuffers lane_;
      const TensorFormat format_;
      const Shape shape_;
      std::vector<float> y_, sum_;
    };
    return std::make_unique<Bound>(bench_case, memory, factor_);
  }

 private:
  const std::string name_;
  const float factor_;
  const bool normalizes_;
};

}  // namespace normbench
