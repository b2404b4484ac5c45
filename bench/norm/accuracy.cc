// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/accuracy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/norm/group_rms.h"
#include "bench/norm/planes.h"

namespace normbench {
namespace {

bool SameNonfinite(double r, float y) {
  return (std::isnan(r) && std::isnan(y)) || (std::isinf(r) && r == y);
}

double Ratio(double numerator, double denominator) {
  return numerator == 0 ? 0 : numerator / denominator;
}

// What adds up over one statistics group.
struct GroupSquares {
  double error = 0;
  double reference = 0;
};

std::optional<double> WorstRelativeL2(const std::vector<GroupSquares>& groups) {
  std::optional<double> worst;
  for (const GroupSquares& squares : groups) {
    if (squares.reference == 0) continue;
    worst = std::max(worst.value_or(0), std::sqrt(squares.error / squares.reference));
  }
  return worst;
}

}  // namespace

Accuracy Compare(const NormSpec& spec, const Shape& shape, DType dtype,
                 const ReferenceResult& reference, std::span<const float> y) {
  const std::vector<double> rms = GroupRms(spec, shape, reference);
  const double unit = UnitRoundoff(dtype);
  std::vector<GroupSquares> squares(rms.size());
  int64_t finite = 0, misrounded = 0;
  Accuracy accuracy;
  for (const Plane plane : Planes(spec, shape)) {
    for (int64_t i = plane.first; i < plane.first + shape.spatial(); ++i) {
      const double r = reference.y[i], nearest = RoundTo(dtype, r);
      if (!std::isfinite(nearest) || !std::isfinite(y[i])) {
        accuracy.nonfinite_mismatches += SameNonfinite(nearest, y[i]) ? 0 : 1;
        continue;
      }
      ++finite;
      misrounded += y[i] == nearest ? 0 : 1;
      const double error = std::abs(y[i] - r);
      const double scale = unit * std::max(std::abs(r), rms[plane.group]);
      accuracy.err_scaled = std::max(accuracy.err_scaled, Ratio(error, scale));
      accuracy.max_abs = std::max(accuracy.max_abs, error);
      squares[plane.group].error += error * error;
      squares[plane.group].reference += r * r;
    }
  }
  accuracy.rel_l2 = WorstRelativeL2(squares);
  if (dtype != DType::kF32 && finite > 0) {
    accuracy.misrounded = static_cast<double>(misrounded) / static_cast<double>(finite);
  }
  return accuracy;
}

Accuracy ComparePacked(const NormSpec& spec, const Shape& shape, TensorFormat format,
                       const ReferenceResult& reference, const void* y) {
  const auto elements = static_cast<size_t>(shape.elements());
  if (IsPlain(format)) {
    return Compare(spec, shape, format.dtype, reference, {static_cast<const float*>(y), elements});
  }
  std::vector<float> values(elements);
  Unpack(format, shape, y, values);
  return Compare(spec, shape, format.dtype, reference, values);
}

int64_t CompareBytes(const NormSpec& spec, const Shape& shape, TensorFormat format) {
  const int64_t values = IsPlain(format) ? 0 : shape.elements() * int64_t{sizeof(float)};
  // Of each group its size (GroupRms has a count beside it), then what is summed up.
  const auto a_group = static_cast<int64_t>(sizeof(GroupSquares) + sizeof(double));
  return values + a_group * Geometry(spec, shape).groups;
}

Accuracy Worse(const Accuracy& a, const Accuracy& b) {
  return {.err_scaled = std::max(a.err_scaled, b.err_scaled),
          .max_abs = std::max(a.max_abs, b.max_abs),
          .rel_l2 = std::max(a.rel_l2, b.rel_l2),  // absent is less than any number
          .nonfinite_mismatches = std::max(a.nonfinite_mismatches, b.nonfinite_mismatches),
          .misrounded = std::max(a.misrounded, b.misrounded)};
}

}  // namespace normbench
