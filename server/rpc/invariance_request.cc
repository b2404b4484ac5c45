// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/invariance_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/report/invariance_case.h"
#include "server/rpc/codec.h"
#include "server/rpc/measured_case.h"

namespace normbench {
namespace {

constexpr double kElementSeconds = 2e-9;        // about, of a library's kernel
constexpr double kPlainElementSeconds = 20e-9;  // of plain float64 loops
constexpr int kUsualThreads = 2;                // from 1 on, where the request names none

// Only a CPU has intra-op threads to vary.
void FillThreads(const PlanRequest& sample, const ServiceLimits& limits,
                 v1::InvarianceCase& words) {
  if (words.threads().empty()) {
    for (int t = 1; t <= std::min(kUsualThreads, limits.max_threads); ++t) words.add_threads(t);
  }
  if (sample.device != "cpu") words.mutable_threads()->Truncate(1);
}

absl::Status CheckWork(const InvarianceSpec& spec, const ServiceLimits& limits) {
  const absl::StatusOr<Shape> largest = BatchOf(spec.sample.shape, spec.batch_sizes.back());
  if (!largest.ok()) return largest.status();
  PlanRequest plan = spec.sample;
  plan.shape = *largest;
  if (absl::Status status = CheckTensorBytes("batch_sizes", plan, limits.max_tensor_bytes);
      !status.ok()) {
    return status;
  }
  const double elements = InvarianceElements(spec);
  if (elements <= limits.max_invariance_elements) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "batch_sizes: all batches together have ", elements, " elements; allowed: at most ",
      limits.max_invariance_elements, "; take fewer or smaller ones"));
}

v1::InvarianceTally ToProto(const Tally& tally) {
  v1::InvarianceTally out;
  out.set_comparisons(tally.comparisons);
  out.set_equal(tally.equal);
  out.set_max_abs(tally.max_abs);
  out.set_max_scaled(tally.max_scaled);
  if (tally.first_failing_n.has_value()) out.set_first_failing_n(*tally.first_failing_n);
  return out;
}

}  // namespace

double InvarianceRequest::seconds() const {
  const bool plain = spec.sample.kernel->capabilities().any_thread;
  return (plain ? kPlainElementSeconds : kElementSeconds) * InvarianceElements(spec);
}

absl::StatusOr<InvarianceRequest> ParseInvariance(const grpc::ByteBuffer& request,
                                                  const OfferedKernels& kernels,
                                                  const ServiceLimits& limits) {
  v1::CheckInvarianceRequest message;
  if (absl::Status s = DecodeWhole(request, limits.max_header_bytes, message); !s.ok()) return s;
  v1::InvarianceCase& words = *message.mutable_invariance_case();
  FillBatches(&words);
  absl::StatusOr<MeasuredCase> parsed = ParseMeasuredCase(words.norm_case(), kernels);
  if (!parsed.ok()) return parsed.status();
  if (absl::Status s = ValidateBatches(words, limits.max_threads); !s.ok()) return s;
  const PlanRequest& sample = parsed->task.plan;
  FillThreads(sample, limits, words);
  InvarianceRequest out = {
      .spec = {.sample = sample,
               .data = parsed->data,
               .seed = parsed->seed,
               .batch_sizes = {words.batch_sizes().begin(), words.batch_sizes().end()},
               .threads = {words.threads().begin(), words.threads().end()}},
      .words = {}};
  if (absl::Status s = CheckWork(out.spec, limits); !s.ok()) return s;
  const Shape largest = *BatchOf(sample.shape, out.spec.batch_sizes.back());
  out.bytes = InvarianceBytes(out.spec) +
              sample.kernel->WorkspaceBytes(sample.spec, largest, sample.format());
  *words.mutable_norm_case() = std::move(parsed->words);
  out.words = std::move(words);
  return out;
}

v1::MeasureResponse CompareEvent(double fraction) {
  v1::MeasureResponse event;
  event.mutable_progress()->set_phase("compare");
  event.mutable_progress()->set_fraction(fraction);
  return event;
}

v1::MeasureResponse InvarianceEvent(const InvarianceRequest& request, const Invariance& found,
                                    double seconds) {
  v1::MeasureResponse event;
  v1::InvarianceResult& result = *event.mutable_invariance();
  *result.mutable_invariance_case() = request.words;
  v1::InvarianceNumbers& numbers = *result.mutable_numbers();
  *numbers.mutable_all() = ToProto(found.all);
  *numbers.mutable_batch() = ToProto(found.of(Cause::kBatch));
  *numbers.mutable_threads() = ToProto(found.of(Cause::kThreads));
  *numbers.mutable_neighbours() = ToProto(found.of(Cause::kNeighbours));
  *numbers.mutable_alignment() = ToProto(found.of(Cause::kAlignment));
  result.set_seconds(seconds);
  return event;
}

}  // namespace normbench
