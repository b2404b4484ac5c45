// SPDX-License-Identifier: Apache-2.0
// The 16-bit floating point types as bits: float16 (IEEE 754 binary16: 5 bits of exponent, 10 of
// fraction) and bfloat16 (the upper half of a float32). Pure functions, free of any type that not
// every compiler has; loops over them vectorise.
#pragma once

#include <bit>
#include <cstdint>

namespace normbench {

// Exact: every value of the 16-bit types is a float32. NaN stays NaN, quiet.
inline float F32OfBf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

// Rounded to nearest, ties to even; beyond the largest value to infinity. NaN stays NaN.
inline uint16_t Bf16OfF32(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>(bits >> 16 | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

// As for bfloat16.
inline float F32OfF16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t magnitude = bits & 0x7fffu;
  // Exponent and fraction in the places of a float32; the multiplication moves the bias from 15 to
  // 127, and makes subnormal numbers normal on the way.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  const uint32_t special = magnitude << 13 | 0x7f800000u | (magnitude > 0x7c00u ? 0x400000u : 0u);
  const uint32_t value = magnitude >= 0x7c00u ? special : std::bit_cast<uint32_t>(scaled);
  return std::bit_cast<float>(sign | value);
}

inline uint16_t F16OfF32(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits >> 16 & 0x8000u;
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude >= 0x7f800000u) {  // infinite or NaN
    const uint32_t fraction = magnitude & 0x7fffffu;
    return static_cast<uint16_t>(sign | 0x7c00u | (fraction != 0 ? 0x200u | fraction >> 13 : 0u));
  }
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // 65520 and above
  if (magnitude < 0x38800000u) {  // below 2^-14: subnormal
    // Adding 0.5 leaves the bits of a multiple of 2^-24 at the end, rounded by the addition itself.
    const float aligned = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(aligned) - 0x3f000000u));
  }
  const uint32_t rebiased = magnitude - 0x38000000u;  // exponent bias from 127 to 15
  return static_cast<uint16_t>(sign | ((rebiased + 0xfffu + (rebiased >> 13 & 1u)) >> 13));
}

}  // namespace normbench
