// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/copy_contender.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "bench/micro/kernels/team.h"

namespace normbench {
namespace {

constexpr size_t kLine = 64;
// glibc's memcpy copies so much with plain vector stores; above, it may take rep movsb, and from
// three quarters of a cache on streaming stores.
constexpr size_t kPiece = 4096;

void PlainCopy(std::byte* to, const std::byte* from, size_t bytes) {
  for (size_t at = 0; at < bytes; at += kPiece) {
    std::memcpy(to + at, from + at, std::min(kPiece, bytes - at));
  }
}

class BoundCopy final : public BoundContender {
 public:
  BoundCopy(const CaseMemory& memory, size_t bytes, int threads, CopyKind kind)
      : memory_(memory), bytes_(bytes), kind_(kind), team_(threads) {}

  absl::Status Run(int64_t first, int64_t count) override {
    const auto copy = streams() ? StreamCopy : PlainCopy;
    for (int64_t i = 0; i < count; ++i) {
      const NormBuffers& lane = memory_.lane(first + i).norm;
      const auto* from = static_cast<const std::byte*>(lane.x);
      auto* to = static_cast<std::byte*>(lane.y);
      team_.Run([&](int member) {
        const size_t begin = PartBegin(bytes_, member, team_.members());
        const size_t end = PartBegin(bytes_, member + 1, team_.members());
        copy(to + begin, from + begin, end - begin);
      });
      // Otherwise all copies but the last are dead stores to the compiler.
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    return absl::OkStatus();
  }

  bool streams() const override { return kind_ == CopyKind::kStreaming; }

 private:
  const CaseMemory& memory_;
  const size_t bytes_;
  const CopyKind kind_;
  Team team_;
};

class CopyContender final : public Contender {
 public:
  explicit CopyContender(CopyKind kind) : kind_(kind) {}

  std::string name() const override {
    return kind_ == CopyKind::kStreaming ? "copy/streaming" : "copy";
  }
  bool normalizes() const override { return false; }

  absl::StatusOr<std::unique_ptr<BoundContender>> Bind(const BenchCase& bench_case,
                                                       const CaseMemory& memory,
                                                       int threads) override {
    const auto bytes = static_cast<size_t>(TensorBytes(bench_case));
    return std::make_unique<BoundCopy>(memory, bytes, threads, kind_);
  }

 private:
  const CopyKind kind_;
};

}  // namespace

std::unique_ptr<Contender> MakeCopyContender(CopyKind kind) {
  return std::make_unique<CopyContender>(kind);
}

void StreamCopy(std::byte* to, const std::byte* from, size_t bytes) {
  size_t at = std::min(bytes, (kLine - reinterpret_cast<uintptr_t>(to) % kLine) % kLine);
  std::memcpy(to, from, at);
#ifdef __SSE2__
  for (; at + kLine <= bytes; at += kLine) {
    for (size_t i = at; i < at + kLine; i += sizeof(__m128i)) {
      const __m128i value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + i), value);
    }
  }
  _mm_sfence();
#endif
  std::memcpy(to + at, from + at, bytes - at);
}

size_t PartBegin(size_t bytes, int member, int members) {
  return member == members ? bytes : bytes * member / members / kLine * kLine;
}

}  // namespace normbench
