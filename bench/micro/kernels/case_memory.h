// SPDX-License-Identifier: Apache-2.0
// The tensors of one case: one lane where calls shall find their tensors in the caches, so many
// that none does where they shall not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "bench/micro/kernels/bench_case.h"
#include "bench/norm/case_data.h"

namespace normbench {

// Lanes for calls that go round through more than twice a cache of `cache_bytes`.
int64_t ColdLanes(const BenchCase& bench_case, int64_t cache_bytes);

class CaseMemory {
 public:
  // `bench_case` outlives it. REQUIRES: lanes >= 1.
  CaseMemory(const BenchCase& bench_case, int64_t lanes);

  int64_t lanes() const { return static_cast<int64_t>(lanes_.size()); }

  // What a call on this lane works on. gamma, beta and running statistics are the same everywhere.
  const NativeBuffers& lane(int64_t index) const { return lanes_[index % lanes()]; }

  // The same in float32 and logical order, for the reference: x and the residual (null: none).
  const NormBuffers& logical() const { return inputs_; }
  const float* logical_residual() const { return residual_ ? residual_->x().data() : nullptr; }

  // Puts NaN into every element of y and sum of lane 0: what is not written shows.
  void Spoil();

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::byte* Allocate(int64_t offset);

  const int64_t bytes_;  // of a tensor
  CaseData data_;
  NormBuffers inputs_;  // of RMS norm without beta, as LibTorch's
  std::unique_ptr<CaseData> residual_;
  std::vector<std::unique_ptr<void, Free>> blocks_;
  std::vector<NativeBuffers> lanes_;
};

}  // namespace normbench
