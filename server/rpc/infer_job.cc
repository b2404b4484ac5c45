// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_job.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/repository/datatype.h"
#include "server/repository/naming.h"
#include "server/rpc/codec.h"
#include "server/rpc/infer_classes.h"
#include "server/rpc/infer_compute.h"

namespace normbench {
namespace {

using inference::ModelInferResponse;

// Leaves the texts of the largest `top` values of each sample in place of the values.
void Classify(const InferShared& shared, const InferJob& job, int index, int64_t top,
              InferOutput& output) {
  const TensorSpec& tensor = job.model->spec.outputs[index];
  const std::vector<std::string> none;
  const auto& labels = job.model->labels;
  const int64_t size = WireSize(tensor.datatype);
  const bool batched = job.model->spec.max_batch_size > 0;
  const int64_t rows = batched ? job.plan.batch : 1;
  const int64_t per_row = static_cast<int64_t>(output.bytes) / size / rows;
  const std::string texts = TopClasses(
      {.datatype = tensor.datatype, .data = output.buffer.data(), .rows = rows, .per_row = per_row},
      top, labels.empty() ? none : labels[index]);
  output.shape = {std::min(top, per_row)};
  if (batched) output.shape.insert(output.shape.begin(), rows);
  output.bytes = texts.size();
  output.buffer = shared.buffers->Get(texts.size());
  std::memcpy(output.buffer.data(), texts.data(), texts.size());
}

void MarkFinal(ModelInferResponse& header) {
  static const std::string name = "triton_final_response";
  (*header.mutable_parameters())[name].set_bool_param(true);
}

// Leaves `output` where the request wants it; its entry of the answer is empty then.
absl::Status Share(const std::string& name, const SharedPlace& place, InferOutput& output) {
  if (output.bytes > place.byte_size) {
    return absl::InvalidArgumentError(absl::StrCat(
        "outputs: ", Quoted(name), ".parameters: shared_memory_byte_size: ", place.byte_size,
        "; allowed: at least ", output.bytes));
  }
  const absl::Status status = place.region->Write(place.offset, output.buffer.data(), output.bytes);
  output.bytes = 0;
  return status;
}

absl::StatusOr<grpc::ByteBuffer> Respond(const InferShared& shared, InferJob& job) {
  const ModelSpec& spec = job.model->spec;
  ModelInferResponse header;
  header.set_model_name(spec.name);
  header.set_model_version(absl::StrCat(spec.version));
  header.set_id(job.plan.id);
  if (job.streamed) MarkFinal(header);
  std::vector<TensorField> tensors;
  for (size_t i = 0; i < job.plan.outputs.size(); ++i) {
    const int index = job.plan.outputs[i];
    const int64_t classes = job.plan.classes[i];
    InferOutput& output = job.outputs[index];
    if (!output.made) {
      return absl::InternalError(absl::StrCat("model '", spec.name, "' left out its output '",
                                              spec.outputs[index].name, "'"));
    }
    if (classes > 0) Classify(shared, job, index, classes, output);
    if (const SharedPlace& place = job.plan.shared[i]; place.region != nullptr) {
      const absl::Status status = Share(spec.outputs[index].name, place, output);
      if (!status.ok()) return status;
    }
    auto& tensor = *header.add_outputs();
    tensor.set_name(spec.outputs[index].name);
    tensor.set_datatype(classes > 0 ? "BYTES" : spec.outputs[index].datatype);
    tensor.mutable_shape()->Add(output.shape.begin(), output.shape.end());
    tensors.push_back({.field = ModelInferResponse::kRawOutputContentsFieldNumber,
                       .buffer = std::move(output.buffer),
                       .bytes = output.bytes});
  }
  job.times->output = SecondsSince(job.computed);
  if (job.plan.parameters.wants_times) AddTimes(*job.times, *header.mutable_parameters());
  return Encode(header, std::move(tensors));
}

}  // namespace

absl::Status RunInfer(const InferShared& shared, InferJob& job, Call& call,
                      grpc::ByteBuffer& response) {
  job.times->queue = call.queue_seconds();
  if (!job.ran.has_value()) {
    InferJob* const alone[] = {&job};
    job.ran = RunModel(shared, alone);
  }
  if (!job.ran->ok()) return *job.ran;
  auto encoded = Respond(shared, job);
  if (!encoded.ok()) return encoded.status();
  response.Swap(&*encoded);
  job.times->output = SecondsSince(job.computed);
  call.RecordEncode(job.times->output);
  if (job.trace != nullptr) job.trace->Reached(TracePoint::kComputeEnd);
  return absl::OkStatus();
}

}  // namespace normbench
