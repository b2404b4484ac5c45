// SPDX-License-Identifier: Apache-2.0
// One run of the native normalization, from problem to bits, in memory that shows every access
// beyond what was given: for the tests of all its parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/norm/generator.h"
#include "server/kernels/native/native_norm.h"
#include "server/kernels/native/setting.h"

namespace normbench {

// Bytes between guards, all of them NaN in every dtype: what is read beyond shows in results and to
// the address sanitizer, what is written beyond in intact().
class GuardedMemory {
 public:
  // `offset` bytes behind the beginning of a cache line.
  explicit GuardedMemory(size_t bytes, size_t offset = 0);
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  std::span<std::byte> bytes() const { return {data_, size_}; }
  float* floats() const { return reinterpret_cast<float*>(data_); }
  bool intact() const;

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  std::span<std::byte> Before() const;
  std::span<std::byte> Behind() const;

  const size_t size_;
  const std::unique_ptr<std::byte[], Free> memory_;
  std::byte* const data_;
};

// What to compute and from what: values in logical order, rounded to the dtype; empty: none.
struct NativeCase {
  NativeProblem problem;
  std::vector<float> x, residual = {};
  std::vector<float> gamma = {}, beta = {}, mean = {}, variance = {};

  NormBuffers inputs() const;  // x as values, for the reference
};
NativeCase MakeCase(const NativeProblem& problem, Distribution distribution = Distribution::kNormal,
                    uint64_t seed = 1);

// Rounds every value to the dtype.
void RoundTo(DType dtype, std::vector<float>& values);

enum class Place { kNone, kOwn, kX, kResidual };

struct RunOptions {
  NativeOptions norm = {};
  ThreadPool* pool = nullptr;
  int threads = 1;
  size_t offset = 0;  // of each tensor from the beginning of a cache line, in bytes
  Place y = Place::kOwn;
  Place sum = Place::kNone;
};

struct NativeAnswer {
  std::vector<std::byte> y, sum;  // as in memory; sum: empty where it was not kept
  std::vector<float> mean, rstd;  // empty where there is none
};

// Plans, checks and runs once, asking for the statistics too. Expects that nothing is written to
// but what shall be.
NativeAnswer RunNative(const NativeCase& c, const RunOptions& options = {});

bool SameBits(const NativeAnswer& a, const NativeAnswer& b);

// In logical order.
std::vector<float> ValuesOf(const NativeProblem& problem, std::span<const std::byte> packed);

std::string Describe(const NativeProblem& problem);

NativeProblem ProblemOf(const NormSpec& spec, std::string_view shape, TensorFormat format = {},
                        const Fusion& fusion = {});

// As Plan makes it for the best instruction set, with plain stores.
Setting SettingOf(const NativeProblem& problem);

// Four threads, for all tests of a program.
ThreadPool& SharedPool();

}  // namespace normbench
