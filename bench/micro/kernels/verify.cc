// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/verify.h"

#include <vector>

namespace normbench {
namespace {

// -0 is 0: which of the two a sum is says nothing of its value.
bool SumIsRight(const NativeProblem& problem, const std::vector<float>& expected,
                const void* packed) {
  if (expected.empty()) return true;
  std::vector<float> sum(expected.size());
  Unpack(problem.format, problem.shape, packed, sum);
  return sum == expected;
}

}  // namespace

absl::StatusOr<Verification> Verify(const BenchCase& bench_case, const CaseReference& reference,
                                    CaseMemory& memory, BoundContender& contender) {
  memory.Spoil();
  for (absl::Status status : {contender.Run(0, 1), contender.Collect()}) {
    if (!status.ok()) return status;
  }
  const NativeProblem& problem = bench_case.problem;
  const NativeBuffers& lane = memory.lane(0);
  return Verification{.accuracy = ComparePacked(problem.spec, problem.shape, problem.format,
                                                reference.result, lane.norm.y),
                      .bound = reference.bound,
                      .sum_right = SumIsRight(problem, reference.sum, lane.sum)};
}

}  // namespace normbench
