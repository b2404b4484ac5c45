// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/measured_case.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/norm/case_data.h"

namespace normbench {
namespace {

absl::Status ReadData(const std::string& name, MeasuredCase& out) {
  if (name.empty()) return absl::OkStatus();
  const absl::StatusOr<Distribution> data = ParseDistribution(name);
  if (!data.ok()) return data.status();
  out.data = *data;
  return Validate(*data, out.task.plan.dtype);
}

absl::Status ReadSeed(int32_t seed, MeasuredCase& out) {
  if (seed < 0) return OutOfRange("seed", seed, 0, INT32_MAX);
  if (seed != 0) out.seed = static_cast<uint64_t>(seed);
  return absl::OkStatus();
}

v1::NormCase FilledIn(const v1::NormCase& words, const MeasuredCase& given) {
  const PlanRequest& plan = given.task.plan;
  v1::NormCase out;
  v1::NormSpec& spec = *out.mutable_spec();
  spec.set_norm(std::string(Name(plan.spec.method)));
  if (plan.spec.method == Method::kBatch) spec.set_stats(std::string(Name(plan.spec.stats)));
  if (plan.spec.method == Method::kGroup) spec.set_groups(static_cast<int>(plan.spec.groups));
  spec.set_affine(std::string(Name(plan.spec.affine)));
  spec.set_eps(plan.spec.eps);
  spec.set_trailing(words.spec().trailing());
  *out.mutable_shape() = words.shape();  // the plan's may be another one
  out.set_dtype(std::string(Name(plan.dtype)));
  out.set_layout(std::string(Name(plan.layout)));
  out.set_impl(plan.kernel->name());
  out.set_device(plan.device);
  out.set_data(std::string(Name(given.data)));
  out.set_seed(static_cast<int>(given.seed));
  return out;
}

}  // namespace

absl::StatusOr<MeasuredCase> ParseMeasuredCase(const v1::NormCase& words,
                                               const OfferedKernels& kernels) {
  const std::vector<int64_t> shape(words.shape().begin(), words.shape().end());
  absl::StatusOr<NormTask> task = ParseNormTask({.spec = words.spec(),
                                                 .shape = shape,
                                                 .dtype = words.dtype(),
                                                 .layout = words.layout(),
                                                 .impl = words.impl(),
                                                 .device = words.device()},
                                                kernels);
  if (!task.ok()) return task.status();
  MeasuredCase out = {.task = *std::move(task), .words = {}};
  if (absl::Status status = ReadSeed(words.seed(), out); !status.ok()) return status;
  if (absl::Status status = ReadData(words.data(), out); !status.ok()) return status;
  out.words = FilledIn(words, out);
  return out;
}

absl::Status OutOfRange(const char* field, int64_t value, int64_t low, int64_t high) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", value, "; allowed: ", low, " .. ", high));
}

absl::Status CheckTensorBytes(const char* field, const PlanRequest& plan, int64_t max_bytes) {
  const int64_t bytes = PackedBytes(plan.format(), plan.shape);
  if (bytes <= max_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", plan.shape.ToString(), " is ", bytes,
                                                 " bytes; allowed: at most ", max_bytes));
}

}  // namespace normbench
