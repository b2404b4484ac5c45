// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/tensor_format.h"

#include <bit>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "bench/norm/half.h"

namespace normbench {
namespace {

// Rounded to odd where it is inexact: rounding the result again to a shorter type is then the same
// as rounding `value` itself (Boldo & Melquiond 2008).
float ToOdd(double value) {
  float rounded = static_cast<float>(value);
  if (!std::isfinite(value) || static_cast<double>(rounded) == value) return rounded;
  if (std::abs(static_cast<double>(rounded)) > std::abs(value)) {
    rounded = std::nextafter(rounded, 0.0f);
  }
  return std::bit_cast<float>(std::bit_cast<uint32_t>(rounded) | 1u);
}

float ToOdd(float value) {
  return value;
}

struct AsF32 {
  using Element = float;
  template <typename Value>
  static float Encode(Value value) {
    return static_cast<float>(value);
  }
  static float Decode(float value) { return value; }
};

struct AsF16 {
  using Element = uint16_t;
  template <typename Value>
  static uint16_t Encode(Value value) {
    return F16OfF32(ToOdd(value));
  }
  static float Decode(uint16_t bits) { return F32OfF16(bits); }
};

struct AsBf16 {
  using Element = uint16_t;
  template <typename Value>
  static uint16_t Encode(Value value) {
    return Bf16OfF32(ToOdd(value));
  }
  static float Decode(uint16_t bits) { return F32OfBf16(bits); }
};

// Calls `work` with the conversion of `dtype`.
template <typename Work>
void WithType(DType dtype, const Work& work) {
  switch (dtype) {
    case DType::kF32:
      return work(AsF32());
    case DType::kF16:
      return work(AsF16());
    case DType::kBf16:
      return work(AsBf16());
  }
}

// Calls visit(logical, packed) for the index of every element in both orders.
template <typename Visit>
void ForEachPlace(Layout layout, const Shape& shape, const Visit& visit) {
  if (layout == Layout::kNchw) {
    for (int64_t i = 0; i < shape.elements(); ++i) visit(i, i);
    return;
  }
  const int64_t channels = shape.channels(), spatial = shape.spatial();
  for (int64_t n = 0; n < shape.n(); ++n) {
    for (int64_t s = 0; s < spatial; ++s) {
      for (int64_t c = 0; c < channels; ++c) {
        visit((n * channels + c) * spatial + s, (n * spatial + s) * channels + c);
      }
    }
  }
}

template <typename Value>
void PackValues(TensorFormat format, const Shape& shape, std::span<const Value> values,
                void* bytes) {
  WithType(format.dtype, [&](auto type) {
    auto* const out = static_cast<typename decltype(type)::Element*>(bytes);
    ForEachPlace(format.layout, shape, [&](int64_t logical, int64_t packed) {
      out[packed] = type.Encode(values[logical]);
    });
  });
}

}  // namespace

absl::Status Validate(TensorFormat format, const Shape& shape) {
  if (format.layout == Layout::kNchw || shape.rank() > 2) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("layout: ", std::string(Name(format.layout)),
                                                 " with shape ", shape.ToString(),
                                                 "; allowed: nchw (nhwc: ranks 3 to 5)"));
}

int64_t PackedBytes(TensorFormat format, const Shape& shape) {
  return shape.elements() * SizeOf(format.dtype);
}

double RoundTo(DType dtype, double value) {
  double rounded = 0;
  WithType(dtype, [&](auto type) { rounded = type.Decode(type.Encode(value)); });
  return rounded;
}

void Pack(TensorFormat format, const Shape& shape, std::span<const float> values, void* bytes) {
  PackValues(format, shape, values, bytes);
}

void Pack(TensorFormat format, const Shape& shape, std::span<const double> values, void* bytes) {
  PackValues(format, shape, values, bytes);
}

void Unpack(TensorFormat format, const Shape& shape, const void* bytes, std::span<float> values) {
  WithType(format.dtype, [&](auto type) {
    const auto* const in = static_cast<const typename decltype(type)::Element*>(bytes);
    ForEachPlace(format.layout, shape, [&](int64_t logical, int64_t packed) {
      values[logical] = type.Decode(in[packed]);
    });
  });
}

}  // namespace normbench
