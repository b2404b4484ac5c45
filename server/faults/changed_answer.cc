// SPDX-License-Identifier: Apache-2.0
#include "server/faults/changed_answer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "bench/norm/half.h"

namespace normbench {
namespace {

// Floating point values of one type in memory, by their bits.
class Values {
 public:
  Values(DType dtype, std::span<std::byte> bytes)
      : dtype_(dtype), size_(static_cast<size_t>(SizeOf(dtype))), bytes_(bytes) {}

  size_t count() const { return bytes_.size() / size_; }

  uint32_t BitsAt(size_t i) const {
    uint32_t bits = 0;  // little-endian, as everything that is sent
    std::memcpy(&bits, &bytes_[i * size_], size_);
    return bits;
  }
  void SetBits(size_t i, uint32_t bits) { std::memcpy(&bytes_[i * size_], &bits, size_); }

  float At(size_t i) const {
    const uint32_t bits = BitsAt(i);
    if (dtype_ == DType::kF32) return std::bit_cast<float>(bits);
    const auto half = static_cast<uint16_t>(bits);
    return dtype_ == DType::kF16 ? F32OfF16(half) : F32OfBf16(half);
  }

  // Of the value of the type nearest to `value`.
  uint32_t BitsOf(float value) const {
    if (dtype_ == DType::kF32) return std::bit_cast<uint32_t>(value);
    return dtype_ == DType::kF16 ? F16OfF32(value) : Bf16OfF32(value);
  }

  // Of the value next to that of `bits`, on the side of zero, or next to zero.
  uint32_t NextBits(uint32_t bits) const {
    const uint32_t magnitude = bits & ~(1u << (8 * size_ - 1));
    return magnitude == 0 ? bits + 1 : bits - 1;
  }

 private:
  const DType dtype_;
  const size_t size_;
  const std::span<std::byte> bytes_;
};

}  // namespace

void ChangeFirst(DType dtype, std::span<std::byte> bytes, double share) {
  Values values(dtype, bytes);
  const float first = values.At(0);
  if (!std::isfinite(first)) return;
  float largest = 0;
  for (size_t i = 0; i < values.count(); ++i) {
    const float magnitude = std::abs(values.At(i));
    if (std::isfinite(magnitude)) largest = std::max(largest, magnitude);
  }
  const double change = share * largest;
  const uint32_t before = values.BitsAt(0);
  const uint32_t after =
      values.BitsOf(static_cast<float>(first > 0 ? first - change : first + change));
  values.SetBits(0, after == before ? values.NextBits(before) : after);
}

void MoveLargest(DType dtype, std::span<std::byte> bytes) {
  Values values(dtype, bytes);
  size_t largest = 0;
  for (size_t i = 1; i < values.count(); ++i) {
    if (values.At(i) > values.At(largest)) largest = i;
  }
  const size_t other = std::max<size_t>(largest, 1);
  const uint32_t first = values.BitsAt(0);
  values.SetBits(0, values.BitsAt(other));
  values.SetBits(other, first);
}

}  // namespace normbench
