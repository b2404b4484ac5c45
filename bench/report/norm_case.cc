// SPDX-License-Identifier: Apache-2.0
#include "bench/report/norm_case.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/report/canonical.h"

namespace normbench {
namespace {

// Only single-valued words: everything else is parsed where it is defined.
absl::Status CheckCache(const std::string& cache) {
  if (cache == "hot") return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cache: unknown '", cache, "'; allowed: hot"));
}

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

}  // namespace

absl::StatusOr<NormProblem> ToNormProblem(const v1::NormCase& given) {
  const auto norm_case = std::get<v1::NormCase>(Canonical(given));
  const absl::StatusOr<NormSpec> spec = ToNormSpec(norm_case.spec());
  if (!spec.ok()) return spec.status();
  const std::vector<int64_t> dims(norm_case.shape().begin(), norm_case.shape().end());
  absl::StatusOr<Shape> shape = Shape::Create(dims);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<DType> dtype = ParseDType(norm_case.dtype());
  if (!dtype.ok()) return dtype.status();
  const absl::StatusOr<Layout> layout = ParseLayout(norm_case.layout());
  if (!layout.ok()) return layout.status();
  const absl::StatusOr<Distribution> data = ParseDistribution(norm_case.data());
  if (!data.ok()) return data.status();
  if (absl::Status cache = CheckCache(norm_case.cache()); !cache.ok()) return cache;
  if (absl::Status valid = Validate(*spec, *shape); !valid.ok()) return valid;
  return NormProblem{
      *spec, *std::move(shape), *dtype, *layout, *data, static_cast<uint64_t>(norm_case.seed())};
}

}  // namespace normbench
