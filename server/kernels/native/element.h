// SPDX-License-Identifier: Apache-2.0
// The types of an element in memory, as the loops tell them apart, and their one-by-one conversion.
#pragma once

#include <cstdint>

#include "bench/norm/half.h"

namespace normbench {

inline constexpr int kPackLanes = 16;  // float32 values that the loops work on at a time

struct Bf16 {
  uint16_t bits;
};
struct F16 {
  uint16_t bits;
};

inline float ToFloat(float value) {
  return value;
}
inline float ToFloat(Bf16 value) {
  return F32OfBf16(value.bits);
}
inline float ToFloat(F16 value) {
  return F32OfF16(value.bits);
}

}  // namespace normbench
