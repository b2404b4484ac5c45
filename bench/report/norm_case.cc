// SPDX-License-Identifier: Apache-2.0
#include "bench/report/norm_case.h"

#include <utility>
#include <vector>

#include "bench/norm/case_data.h"
#include "bench/norm/trailing.h"
#include "bench/report/canonical.h"

namespace normbench {
namespace {

absl::StatusOr<NormSpec> ToNormSpec(const v1::NormSpec& given) {
  const absl::StatusOr<Method> method = ParseMethod(given.norm());
  if (!method.ok()) return method.status();
  const absl::StatusOr<Affine> affine = ParseAffine(given.affine());
  if (!affine.ok()) return affine.status();
  NormSpec spec;
  spec.method = *method;
  spec.affine = *affine;
  spec.eps = given.eps();
  if (given.groups() != 0) spec.groups = given.groups();
  if (!given.stats().empty()) {
    const absl::StatusOr<StatsSource> stats = ParseStatsSource(given.stats());
    if (!stats.ok()) return stats.status();
    spec.stats = *stats;
  }
  return spec;
}

absl::StatusOr<TensorFormat> ToFormat(const v1::NormCase& norm_case) {
  const absl::StatusOr<DType> dtype = ParseDType(norm_case.dtype());
  if (!dtype.ok()) return dtype.status();
  const absl::StatusOr<Layout> layout = ParseLayout(norm_case.layout());
  if (!layout.ok()) return layout.status();
  return TensorFormat{*dtype, *layout};
}

}  // namespace

absl::StatusOr<NormProblem> ToNormProblem(const v1::NormCase& given) {
  const auto norm_case = std::get<v1::NormCase>(Canonical(given));
  const absl::StatusOr<NormSpec> spec = ToNormSpec(norm_case.spec());
  if (!spec.ok()) return spec.status();
  const std::vector<int64_t> dims(norm_case.shape().begin(), norm_case.shape().end());
  const absl::StatusOr<Shape> given_shape = Shape::Create(dims);
  if (!given_shape.ok()) return given_shape.status();
  const absl::StatusOr<TensorFormat> format = ToFormat(norm_case);
  if (!format.ok()) return format.status();
  absl::StatusOr<Shape> shape =
      OverTrailing(norm_case.spec().trailing(), spec->method, format->layout, *given_shape);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<Distribution> data = ParseDistribution(norm_case.data());
  if (!data.ok()) return data.status();
  for (const absl::Status& status :
       {ParseCache(norm_case.cache()).status(), Validate(*spec, *shape), Validate(*format, *shape),
        Validate(*data, format->dtype)}) {
    if (!status.ok()) return status;
  }
  const auto seed = static_cast<uint64_t>(norm_case.seed());
  return NormProblem{*spec, *std::move(shape), *format, *data, seed};
}

}  // namespace normbench
