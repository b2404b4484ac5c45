// SPDX-License-Identifier: Apache-2.0
// The native normalization: planned once from what it computes, bound to memory, run any number of
// times. Output bits of a sample depend on neither the batch it is in, nor the threads, nor the
// alignment (statistics of a batch excepted); see README.md for the scheme and its error bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/norm/buffers.h"
#include "bench/norm/shape.h"
#include "bench/norm/spec.h"
#include "bench/norm/tensor_format.h"
#include "server/kernels/native/fusion.h"
#include "server/kernels/native/isa.h"
#include "server/kernels/native/thread_pool.h"

namespace normbench {

struct NativeProblem {
  NormSpec spec;
  Shape shape;
  TensorFormat format;
  Fusion fusion;
};

// Streaming stores pass the caches: from DRAM that saves reading what is overwritten, and the next
// reader of y finds nothing in the caches. kChosen: where x and y are larger than the last-level
// cache.
enum class Stores { kPlain, kStreaming, kChosen };

struct NativeOptions {
  std::optional<Isa> isa = std::nullopt;  // absent: the best that this CPU has
  Stores stores = Stores::kPlain;
  // Whether x and y are in memory rather than in the caches, which takes the steps in another order
  // and changes no bit. Absent: told from their size.
  std::optional<bool> from_memory = std::nullopt;
};

struct NativeBuffers {
  NormBuffers norm;                // y may be x; gamma may be without beta
  const void* residual = nullptr;  // where the fusion adds; as x
  // x + residual, with Fusion::add_before only; as x, may be x or residual. Null: not wanted.
  void* sum = nullptr;
};

// How many bytes there are at each of them.
struct NativeSizes {
  size_t x = 0, y = 0, residual = 0, sum = 0;
  size_t gamma = 0, beta = 0, mean = 0, variance = 0, mean_out = 0, rstd_out = 0;
};

// Thread-safe once made.
class NativeNorm {
 public:
  struct Implementation;

  // Returns UNIMPLEMENTED naming the pair that is not offered, FAILED_PRECONDITION for an ISA that
  // this CPU does not have. REQUIRES: Validate(spec, shape).ok(), Validate(format, shape).ok().
  static absl::StatusOr<NativeNorm> Plan(const NativeProblem& problem,
                                         const NativeOptions& options = {});

  // What was chosen, for people: "rows of 50176 in chunks of 12288, AVX512, plain stores"; ", from
  // memory" where options.from_memory is, or was chosen.
  std::string description() const;
  Isa isa() const;
  bool streams() const;

  // Scratch memory of one Run with so many threads, in bytes.
  size_t ScratchBytes(int threads) const;

  // Return INVALID_ARGUMENT naming the buffer that is missing, or that overlaps another where it
  // must not; in the second form also the one that is too small. y may be x or residual.
  absl::Status Check(const NativeBuffers& buffers) const;
  absl::Status Check(const NativeBuffers& buffers, const NativeSizes& sizes) const;

  // Computes once; at most `threads` threads, of which the caller is one, taken from `pool` (null:
  // the caller alone). No allocation. REQUIRES: Check(buffers).ok(), ScratchBytes(threads) bytes at
  // `scratch`, aligned to 64.
  void Run(const NativeBuffers& buffers, std::byte* scratch, ThreadPool* pool,
           int threads = 1) const;

 private:
  explicit NativeNorm(std::shared_ptr<const Implementation> implementation);

  std::shared_ptr<const Implementation> implementation_;
};

}  // namespace normbench
