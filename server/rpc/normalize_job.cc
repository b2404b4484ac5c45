// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/normalize_job.h"

#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

using Request = v1::NormalizeRequest;
using Response = v1::NormalizeResponse;

constexpr std::array kTensorFields = {
    int{Request::kXFieldNumber}, int{Request::kGammaFieldNumber}, int{Request::kBetaFieldNumber},
    int{Request::kMeanFieldNumber}, int{Request::kVarianceFieldNumber}};

// The part of a message that a tensor must fill exactly. 0 elements: it must be absent.
struct Expected {
  const char* name;
  int field;
  int64_t elements;
  const char* why;  // follows the number of bytes
  DType dtype = DType::kF32;
};

absl::Status CheckSize(const RawMessage& message, const Expected& expected) {
  const auto actual = static_cast<int64_t>(message.Last(expected.field).size());
  const int64_t bytes = expected.elements * SizeOf(expected.dtype);
  if (actual == bytes) return absl::OkStatus();
  if (bytes == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(expected.name, ": ", actual, " bytes; allowed: absent ", expected.why));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(expected.name, ": ", actual, " bytes; allowed: ", bytes, " (", expected.elements,
                   " ", std::string(Name(expected.dtype)), ") ", expected.why));
}

absl::Status CheckVariance(const float* variance, int64_t channels) {
  for (int64_t c = 0; variance != nullptr && c < channels; ++c) {
    if (!(variance[c] >= 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat("variance[", c, "]: ", variance[c], "; allowed: >= 0"));
    }
  }
  return absl::OkStatus();
}

// Copies `view` to `buffer`; null if it is empty.
const void* GatherInto(Buffer& buffer, BytesView view, BufferPool& pool) {
  if (view.empty()) return nullptr;
  buffer = pool.Get(view.size());
  view.CopyTo(buffer.data());
  return buffer.data();
}

}  // namespace

// Everything Run allocates; what is not sent goes back to the pool when Run ends.
struct NormalizeJob::Memory {
  std::array<Buffer, kTensorFields.size()> inputs;
  Buffer y, mean, rstd;
  NormBuffers bound;
};

absl::StatusOr<NormalizeJob> NormalizeJob::Decode(const grpc::ByteBuffer& request,
                                                  const OfferedKernels& kernels,
                                                  const ServiceLimits& limits) {
  Request header;
  absl::StatusOr<RawMessage> message =
      RawMessage::Decode(request,
                         {.tensor_fields = kTensorFields,
                          .max_header_bytes = static_cast<size_t>(limits.max_header_bytes)},
                         header);
  if (!message.ok()) return message.status();
  const std::span<const int64_t> shape(header.shape().data(),
                                       static_cast<size_t>(header.shape_size()));
  absl::StatusOr<NormTask> task = ParseNormTask({.spec = header.spec(),
                                                 .shape = shape,
                                                 .dtype = header.dtype(),
                                                 .layout = header.layout(),
                                                 .impl = header.impl(),
                                                 .device = header.device()},
                                                kernels);
  if (!task.ok()) return task.status();
  NormalizeJob job(*std::move(task), *std::move(message), header.want_statistics());
  if (absl::Status status = job.CheckTensors(limits); !status.ok()) return status;
  return job;
}

absl::Status NormalizeJob::CheckTensors(const ServiceLimits& limits) const {
  const NormSpec& spec = task_.plan.spec;
  const Shape& shape = task_.plan.shape;
  const int64_t bytes = PackedBytes(task_.plan.format(), shape);
  if (bytes > limits.max_tensor_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("shape: ", shape.ToString(), " is ", bytes,
                                                   " bytes; allowed: at most ",
                                                   limits.max_tensor_bytes));
  }
  const bool gamma = !message_.Last(Request::kGammaFieldNumber).empty();
  const bool beta = !message_.Last(Request::kBetaFieldNumber).empty();
  if (gamma != beta) {
    return absl::InvalidArgumentError(absl::StrCat(gamma ? "beta" : "gamma", ": 0 bytes where ",
                                                   gamma ? "gamma" : "beta",
                                                   " is given; allowed: both or neither"));
  }
  const int64_t affine = AffineElements(spec, shape);
  const int64_t given = gamma ? affine : 0;
  const std::string affine_is = absl::StrCat("with affine ", std::string(Name(spec.affine)));
  const int64_t channels = TakesStatistics(spec) ? shape.channels() : 0;
  const char* statistics =
      channels == 0 ? "unless norm is batch with running statistics" : "for the channels";
  for (const Expected& expected :
       {Expected{"x", Request::kXFieldNumber, shape.elements(), "for the shape", task_.plan.dtype},
        Expected{"gamma", Request::kGammaFieldNumber, given, affine_is.c_str()},
        Expected{"beta", Request::kBetaFieldNumber, given, affine_is.c_str()},
        Expected{"mean", Request::kMeanFieldNumber, channels, statistics},
        Expected{"variance", Request::kVarianceFieldNumber, channels, statistics}}) {
    if (absl::Status status = CheckSize(message_, expected); !status.ok()) return status;
  }
  return absl::OkStatus();
}

int64_t NormalizeJob::statistics() const {
  return want_statistics_ ? Geometry(task_.plan.spec, task_.plan.shape).groups : 0;
}

int64_t NormalizeJob::bytes() const {
  const PlanRequest& plan = task_.plan;
  int64_t bytes = PackedBytes(plan.format(), plan.shape) +
                  plan.kernel->WorkspaceBytes(plan.spec, plan.shape, plan.format());
  for (const int field : kTensorFields) bytes += static_cast<int64_t>(message_.Last(field).size());
  return bytes + 2 * statistics() * static_cast<int64_t>(sizeof(float));
}

NormalizeJob::Memory NormalizeJob::Gather(BufferPool& pool) const {
  Memory memory;
  std::array<const void*, kTensorFields.size()> inputs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    inputs[i] = GatherInto(memory.inputs[i], message_.Last(kTensorFields[i]), pool);
  }
  const auto floats = [&inputs](size_t i) { return static_cast<const float*>(inputs[i]); };
  const PlanRequest& plan = task_.plan;
  memory.y = pool.Get(static_cast<size_t>(PackedBytes(plan.format(), plan.shape)));
  memory.bound = {.x = inputs[0],
                  .gamma = floats(1),
                  .beta = floats(2),
                  .mean = floats(3),
                  .variance = floats(4),
                  .y = memory.y.data()};
  const size_t bytes = static_cast<size_t>(statistics()) * sizeof(float);
  if (want_statistics_ && HasRstd(plan.spec)) {
    memory.rstd = pool.Get(bytes);
    memory.bound.rstd_out = memory.rstd.floats();
  }
  if (want_statistics_ && HasMean(plan.spec)) {
    memory.mean = pool.Get(bytes);
    memory.bound.mean_out = memory.mean.floats();
  }
  return memory;
}

absl::Status NormalizeJob::Run(Call& call, ServiceContext& services, PlanCache& plans,
                               grpc::ByteBuffer& response) const {
  const Call::Clock::time_point started = Call::Clock::now();
  const absl::StatusOr<std::shared_ptr<const NormPlan>> plan = plans.Get(task_.plan);
  if (!plan.ok()) return plan.status();
  Memory memory = Gather(*services.buffers);
  if (absl::Status status = CheckVariance(memory.bound.variance, task_.plan.shape.channels());
      !status.ok()) {
    return status;
  }
  absl::StatusOr<std::unique_ptr<BoundNorm>> bound = (*plan)->Bind(memory.bound);
  if (!bound.ok()) return bound.status();
  if (call.IsCancelled()) return call.CancelReason();

  const Call::Clock::time_point launched = Call::Clock::now();
  if (absl::Status status = (*bound)->Launch(); !status.ok()) return status;
  if (absl::Status status = (*bound)->Synchronize(); !status.ok()) return status;
  const double compute_seconds = SecondsSince(launched);
  task_.metrics().compute->Observe(compute_seconds);

  const Call::Clock::time_point encoding = Call::Clock::now();
  const Computed computed = {compute_seconds, (*bound)->converts_layout()};
  absl::StatusOr<grpc::ByteBuffer> answer = EncodeAnswer(call, computed, std::move(memory));
  if (!answer.ok()) return answer.status();
  response.Swap(&*answer);
  call.RecordEncode(SecondsSince(encoding));
  services.costs.Learn(task_.cost_kind(), elements(), SecondsSince(started));
  return absl::OkStatus();
}

absl::StatusOr<grpc::ByteBuffer> NormalizeJob::EncodeAnswer(const Call& call,
                                                            const Computed& computed,
                                                            Memory memory) const {
  Response header;
  header.set_impl(task_.entry->name);
  header.set_device(task_.plan.device);
  header.set_queue_seconds(call.queue_seconds());
  header.set_compute_seconds(computed.seconds);
  if (computed.converts_layout) header.add_warnings(std::string(warning::kConvertsLayout));
  std::vector<TensorField> tensors;
  const auto add = [&tensors](int field, Buffer& buffer) {
    const size_t bytes = buffer.size();
    if (bytes > 0) tensors.push_back({field, std::move(buffer), bytes});
  };
  add(Response::kMeanFieldNumber, memory.mean);
  add(Response::kRstdFieldNumber, memory.rstd);
  add(Response::kYFieldNumber, memory.y);
  return Encode(header, std::move(tensors));
}

}  // namespace normbench
