// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/measure_request.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/norm/case_data.h"
#include "bench/report/warnings.h"
#include "server/rpc/codec.h"

namespace normbench {
namespace {

constexpr double kMaxSeconds = 60;
constexpr int kMaxSamples = 1000000;

absl::Status OutOfRange(const char* field, int64_t value, int64_t low, int64_t high) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", value, "; allowed: ", low, " .. ", high));
}

absl::Status CheckSeconds(const char* field, double value) {
  if (value > 0 && value <= kMaxSeconds) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", value, "; allowed: > 0, at most ", kMaxSeconds));
}

// 0 is what a message without the field says: it keeps the default.
absl::Status ReadBudget(const v1::MeasureBudget& budget, MeasureSpec& spec) {
  if (budget.warmup_seconds() != 0) spec.warmup_seconds = budget.warmup_seconds();
  if (budget.seconds() != 0) spec.seconds = budget.seconds();
  if (budget.min_samples() != 0) spec.min_samples = budget.min_samples();
  if (budget.max_samples() != 0) spec.max_samples = budget.max_samples();
  for (const auto& [field, value] : {std::pair{"budget.warmup_seconds", spec.warmup_seconds},
                                     std::pair{"budget.seconds", spec.seconds}}) {
    if (absl::Status status = CheckSeconds(field, value); !status.ok()) return status;
  }
  for (const auto& [field, value] : {std::pair{"budget.min_samples", spec.min_samples},
                                     std::pair{"budget.max_samples", spec.max_samples}}) {
    if (value < 1 || value > kMaxSamples) return OutOfRange(field, value, 1, kMaxSamples);
  }
  return absl::OkStatus();
}

absl::Status CheckWork(const MeasureSpec& spec, const ServiceLimits& limits) {
  const int64_t bytes = PackedBytes(spec.plan.format(), spec.plan.shape);
  if (bytes > limits.max_tensor_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("norm_case.shape: ", spec.plan.shape.ToString(),
                                                   " is ", bytes, " bytes; allowed: at most ",
                                                   limits.max_tensor_bytes));
  }
  const double seconds = spec.warmup_seconds + spec.seconds;
  const double work = static_cast<double>(spec.plan.shape.elements()) * spec.max_samples * seconds;
  if (work <= limits.max_measure_work) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "budget: ", spec.plan.shape.elements(), " elements x ", spec.max_samples, " max_samples x ",
      seconds, " seconds is ", work, "; allowed: at most ", limits.max_measure_work));
}

// Tensors so small that kMaxLanes of them do not fill the caches could not be cold.
absl::Status ReadCache(const std::string& cache, const ServiceLimits& limits, MeasureSpec& spec) {
  if (cache.empty()) return absl::OkStatus();
  const absl::StatusOr<Cache> word = ParseCache(cache);
  if (!word.ok() || *word == Cache::kHot) return word.status();
  const bool cuda = spec.plan.device.starts_with("cuda");
  const int64_t cold_bytes = cuda ? limits.cold_bytes_cuda : limits.cold_bytes;
  const int64_t bytes = PackedBytes(spec.plan.format(), spec.plan.shape);
  const int64_t least = cold_bytes / (2 * kMaxLanes);
  if (bytes < least) {
    return absl::InvalidArgumentError(absl::StrCat("cache: cold with a tensor of ", bytes,
                                                   " bytes; allowed: from ", least,
                                                   " bytes on, or hot"));
  }
  spec.cold_bytes = cold_bytes;
  return absl::OkStatus();
}

absl::Status ReadData(const std::string& name, MeasureSpec& spec) {
  if (name.empty()) return absl::OkStatus();
  const absl::StatusOr<Distribution> data = ParseDistribution(name);
  if (!data.ok()) return data.status();
  spec.data = *data;
  return Validate(*data, spec.plan.dtype);
}

absl::Status ReadCase(const v1::NormCase& words, const ServiceLimits& limits, MeasureRequest& out) {
  if (absl::Status s = ReadCache(words.cache(), limits, out.spec); !s.ok()) return s;
  out.threads = words.threads() == 0 ? 1 : words.threads();
  if (out.threads < 1 || out.threads > limits.max_threads) {
    return OutOfRange("threads", out.threads, 1, limits.max_threads);
  }
  if (words.seed() != 0) out.spec.seed = static_cast<uint64_t>(words.seed());
  if (words.seed() < 0) return OutOfRange("seed", words.seed(), 0, INT32_MAX);
  return ReadData(words.data(), out.spec);
}

v1::NormCase FilledIn(const v1::NormCase& words, const MeasureRequest& request) {
  const PlanRequest& plan = request.spec.plan;
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
  out.set_cache(std::string(Name(request.spec.cold_bytes > 0 ? Cache::kCold : Cache::kHot)));
  out.set_threads(request.threads);
  out.set_data(std::string(Name(request.spec.data)));
  out.set_seed(static_cast<int>(request.spec.seed));
  return out;
}

v1::NormAccuracy ToProto(const Measurement& measured) {
  v1::NormAccuracy out;
  out.set_err_scaled(measured.accuracy.err_scaled);
  out.set_bound(measured.bound);
  out.set_max_abs(measured.accuracy.max_abs);
  if (measured.accuracy.rel_l2.has_value()) out.set_rel_l2(*measured.accuracy.rel_l2);
  const int64_t most = INT32_MAX;
  out.set_nonfinite_mismatches(
      static_cast<int>(std::min(measured.accuracy.nonfinite_mismatches, most)));
  if (measured.accuracy.misrounded.has_value()) out.set_misrounded(*measured.accuracy.misrounded);
  return out;
}

bool CopiesOutput(const KernelCapabilities& capabilities, Method method) {
  return std::ranges::find(capabilities.copying, method) != capabilities.copying.end();
}

}  // namespace

absl::StatusOr<MeasureRequest> ParseMeasure(const grpc::ByteBuffer& request,
                                            const OfferedKernels& kernels,
                                            const ServiceLimits& limits) {
  v1::MeasureRequest message;
  const DecodeOptions options = {.tensor_fields = {},
                                 .max_header_bytes = static_cast<size_t>(limits.max_header_bytes)};
  const absl::StatusOr<RawMessage> raw = RawMessage::Decode(request, options, message);
  if (!raw.ok()) return raw.status();
  const v1::NormCase& words = message.norm_case();
  const std::vector<int64_t> shape(words.shape().begin(), words.shape().end());
  absl::StatusOr<NormTask> task = ParseNormTask({.spec = words.spec(),
                                                 .shape = shape,
                                                 .dtype = words.dtype(),
                                                 .layout = words.layout(),
                                                 .impl = words.impl(),
                                                 .device = words.device()},
                                                kernels);
  if (!task.ok()) return task.status();
  const Method method = task->plan.spec.method;
  MeasureRequest out = {.spec = {.plan = std::move(task->plan)},
                        .norm_case = {},
                        .copies_output = CopiesOutput(task->entry->capabilities, method)};
  if (absl::Status status = ReadCase(words, limits, out); !status.ok()) return status;
  if (absl::Status status = ReadBudget(message.budget(), out.spec); !status.ok()) return status;
  if (absl::Status status = CheckWork(out.spec, limits); !status.ok()) return status;
  const PlanRequest& plan = out.spec.plan;
  // Each lane is bound and keeps what it prepared; one at a time runs.
  out.bytes =
      MeasureBytes(out.spec) +
      (LanesOf(out.spec) - 1) * plan.kernel->BoundBytes(plan.spec, plan.shape, plan.format()) +
      plan.kernel->WorkspaceBytes(plan.spec, plan.shape, plan.format()) + out.answer_bytes();
  out.norm_case = FilledIn(words, out);
  return out;
}

v1::MeasureResponse QueuedEvent(int position) {
  v1::MeasureResponse event;
  event.mutable_queued()->set_position(position);
  return event;
}

v1::MeasureResponse ProgressEvent(MeasurePhase phase, int samples, double fraction) {
  v1::MeasureResponse event;
  v1::MeasureProgress& progress = *event.mutable_progress();
  progress.set_phase(std::string(Name(phase)));
  progress.set_samples(samples);
  progress.set_fraction(fraction);
  return event;
}

v1::MeasureResponse ResultEvent(const MeasureRequest& request, const Measurement& measured) {
  v1::MeasureResponse event;
  v1::MeasureResult& result = *event.mutable_result();
  *result.mutable_norm_case() = request.norm_case;
  result.mutable_sample_seconds()->Add(measured.sample_seconds.begin(),
                                       measured.sample_seconds.end());
  result.set_iterations_per_sample(measured.iterations_per_sample);
  result.mutable_copy_seconds()->Add(measured.copy_seconds.begin(), measured.copy_seconds.end());
  result.set_time_source(measured.time_source);
  result.set_first_call_seconds(measured.first_call_seconds);
  result.set_warmup_calls(measured.warmup_calls);
  result.set_algorithmic_bytes(measured.algorithmic_bytes);
  *result.mutable_accuracy() = ToProto(measured);
  result.set_distinct_outputs(measured.distinct_outputs);
  if (request.copies_output) result.add_warnings(std::string(warning::kCopiesOutput));
  if (measured.converts_layout) result.add_warnings(std::string(warning::kConvertsLayout));
  if (measured.distinct_outputs > 1) result.add_warnings(std::string(warning::kOutputsDiffer));
  if (!measured.all_compared) result.add_warnings(std::string(warning::kNotCompared));
  return event;
}

}  // namespace normbench
