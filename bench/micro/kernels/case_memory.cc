// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/case_memory.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace normbench {
namespace {

constexpr int64_t kPage = 4096;
constexpr int64_t kMaxLanes = 16384;
// Where the tensors of a lane begin within a page. A load waits for a store before it whose address
// has the same low 12 bits: were it up to malloc, that would decide between rows.
constexpr int64_t kX = 0, kResidual = 1024, kY = 2048, kSum = 3072;

}  // namespace

int64_t ColdLanes(const BenchCase& bench_case, int64_t cache_bytes) {
  // One more than are to be used in between, and the one itself.
  return std::min(2 * cache_bytes / AlgorithmicBytes(bench_case) + 2, kMaxLanes);
}

CaseMemory::CaseMemory(const BenchCase& bench_case, int64_t lanes)
    : bytes_(TensorBytes(bench_case)),
      data_(bench_case.problem.spec, bench_case.problem.shape, bench_case.data, bench_case.seed, 0,
            bench_case.problem.format),
      inputs_(data_.inputs()) {
  const NativeProblem& problem = bench_case.problem;
  if (problem.spec.method == Method::kRms) inputs_.beta = nullptr;
  if (Adds(problem.fusion)) {
    residual_ = std::make_unique<CaseData>(problem.spec, problem.shape, bench_case.data,
                                           bench_case.seed, 1, problem.format);
  }
  for (int64_t i = 0; i < lanes; ++i) {
    NativeBuffers lane{.norm = inputs_};
    std::byte* const x = Allocate(kX);
    std::memcpy(x, data_.packed_x().data(), bytes_);
    lane.norm.x = x;
    lane.norm.y = Allocate(kY);
    if (residual_) {
      std::byte* const residual = Allocate(kResidual);
      std::memcpy(residual, residual_->packed_x().data(), bytes_);
      lane.residual = residual;
    }
    if (bench_case.keeps_sum) lane.sum = Allocate(kSum);
    lanes_.push_back(lane);
  }
}

void CaseMemory::Spoil() {
  for (void* result : {lanes_[0].norm.y, lanes_[0].sum}) {
    if (result != nullptr) std::memset(result, 0xff, bytes_);
  }
}

std::byte* CaseMemory::Allocate(int64_t offset) {
  const int64_t pages = (bytes_ + offset + kPage - 1) / kPage;
  void* const block = std::aligned_alloc(kPage, pages * kPage);
  if (block == nullptr) throw std::bad_alloc();
  blocks_.emplace_back(block);
  std::memset(block, 0, pages * kPage);  // no call is the first to touch it
  return static_cast<std::byte*>(block) + offset;
}

}  // namespace normbench
