// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/measure_request.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/report/warnings.h"
#include "server/rpc/codec.h"
#include "server/rpc/measured_case.h"

namespace normbench {
namespace {

constexpr double kMaxSeconds = 60;
constexpr int kMaxSamples = 1000000;

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
  if (absl::Status status = CheckTensorBytes("norm_case.shape", spec.plan, limits.max_tensor_bytes);
      !status.ok()) {
    return status;
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

absl::Status ReadThreads(int threads, const ServiceLimits& limits, MeasureRequest& out) {
  out.threads = threads == 0 ? 1 : threads;
  if (out.threads >= 1 && out.threads <= limits.max_threads) return absl::OkStatus();
  return OutOfRange("threads", out.threads, 1, limits.max_threads);
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
  if (absl::Status s = DecodeWhole(request, limits.max_header_bytes, message); !s.ok()) return s;
  const v1::NormCase& words = message.norm_case();
  absl::StatusOr<MeasuredCase> parsed = ParseMeasuredCase(words, kernels);
  if (!parsed.ok()) return parsed.status();
  const NormTask& task = parsed->task;
  MeasureRequest out = {
      .spec = {.plan = task.plan, .data = parsed->data, .seed = parsed->seed},
      .norm_case = std::move(parsed->words),
      .copies_output = CopiesOutput(task.entry->capabilities, task.plan.spec.method)};
  if (absl::Status status = ReadCache(words.cache(), limits, out.spec); !status.ok()) return status;
  if (absl::Status status = ReadThreads(words.threads(), limits, out); !status.ok()) return status;
  if (absl::Status status = ReadBudget(message.budget(), out.spec); !status.ok()) return status;
  if (absl::Status status = CheckWork(out.spec, limits); !status.ok()) return status;
  const PlanRequest& plan = out.spec.plan;
  // Each lane is bound and keeps what it prepared; one at a time runs.
  out.bytes =
      MeasureBytes(out.spec) +
      (LanesOf(out.spec) - 1) * plan.kernel->BoundBytes(plan.spec, plan.shape, plan.format()) +
      plan.kernel->WorkspaceBytes(plan.spec, plan.shape, plan.format()) + out.answer_bytes();
  out.norm_case.set_cache(std::string(Name(out.spec.cold_bytes > 0 ? Cache::kCold : Cache::kHot)));
  out.norm_case.set_threads(out.threads);
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
  result.mutable_output_checksums()->Add(measured.output_checksums.begin(),
                                         measured.output_checksums.end());
  if (request.copies_output) result.add_warnings(std::string(warning::kCopiesOutput));
  if (measured.converts_layout) result.add_warnings(std::string(warning::kConvertsLayout));
  if (measured.distinct_outputs > 1) result.add_warnings(std::string(warning::kOutputsDiffer));
  if (!measured.all_compared) result.add_warnings(std::string(warning::kNotCompared));
  return event;
}

}  // namespace normbench
