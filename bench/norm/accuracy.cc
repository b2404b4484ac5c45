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
  Accuracy accuracy;
  for (const Plane plane : Planes(spec, shape)) {
    for (int64_t i = plane.first; i < plane.first + shape.spatial(); ++i) {
      const double r = reference.y[i];
      if (!std::isfinite(r) || !std::isfinite(y[i])) {
        accuracy.nonfinite_mismatches += SameNonfinite(r, y[i]) ? 0 : 1;
        continue;
      }
      const double error = std::abs(y[i] - r);
      const double scale = unit * std::max(std::abs(r), rms[plane.group]);
      accuracy.err_scaled = std::max(accuracy.err_scaled, Ratio(error, scale));
      accuracy.max_abs = std::max(accuracy.max_abs, error);
      squares[plane.group].error += error * error;
      squares[plane.group].reference += r * r;
    }
  }
  accuracy.rel_l2 = WorstRelativeL2(squares);
  return accuracy;
}

Accuracy Worse(const Accuracy& a, const Accuracy& b) {
  return {.err_scaled = std::max(a.err_scaled, b.err_scaled),
          .max_abs = std::max(a.max_abs, b.max_abs),
          .rel_l2 = std::max(a.rel_l2, b.rel_l2),  // absent is less than any number
          .nonfinite_mismatches = std::max(a.nonfinite_mismatches, b.nonfinite_mismatches)};
}

}  // namespace normbench
