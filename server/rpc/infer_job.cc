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
#include "server/rpc/infer_contents.h"

namespace normbench {
namespace {

using inference::ModelInferResponse;

// What the model wrote, by its own output index.
struct Output {
  bool made = false;
  std::vector<int64_t> shape;
  size_t bytes = 0;
  Buffer buffer;
};

absl::StatusOr<Buffer> Gather(const InferInput& input, const std::string& datatype,
                              BufferPool& pool) {
  Buffer buffer = pool.Get(input.bytes);
  const SharedPlace& shared = input.shared;
  if (shared.region != nullptr) {
    const absl::Status status = shared.region->Read(shared.offset, buffer.data(), input.bytes);
    if (!status.ok()) return status;
  } else if (input.typed.has_value()) {
    PackTyped(*input.typed, datatype, buffer.data());
  } else {
    input.raw.CopyTo(buffer.data());
  }
  // Not before: what is in shared memory may change until it has been read.
  if (datatype == "BYTES") {
    const absl::Status status =
        CheckByteElements(input.field, {buffer.data(), input.bytes}, input.elements);
    if (!status.ok()) return status;
  }
  return buffer;
}

absl::Status Infer(const InferShared& shared, const InferJob& job, std::vector<Output>& outputs) {
  const LoadedModel& loaded = *job.model;
  const auto begun = Call::Clock::now();
  std::vector<Buffer> memory;
  std::vector<TensorIn> inputs;
  for (size_t i = 0; i < job.plan.inputs.size(); ++i) {
    const InferInput& input = job.plan.inputs[i];
    auto gathered = Gather(input, loaded.spec.inputs[i].datatype, *shared.buffers);
    if (!gathered.ok()) return gathered.status();
    memory.push_back(*std::move(gathered));
    inputs.push_back({.datatype = loaded.spec.inputs[i].datatype,
                      .shape = input.shape,
                      .data = memory.back().data(),
                      .bytes = input.bytes});
  }
  outputs.resize(loaded.spec.outputs.size());
  const auto allocate = [&](int index, std::vector<int64_t> shape, size_t bytes) -> std::byte* {
    if (index < 0 || static_cast<size_t>(index) >= outputs.size()) return nullptr;
    if (bytes > static_cast<size_t>(shared.max_output_bytes)) return nullptr;
    outputs[index] = {.made = true,
                      .shape = std::move(shape),
                      .bytes = bytes,
                      .buffer = shared.buffers->Get(bytes)};
    return outputs[index].buffer.data();
  };
  job.times->input = SecondsSince(begun);
  const auto start = Call::Clock::now();
  const absl::Status status = loaded.model->Infer(inputs, allocate);
  job.times->infer = SecondsSince(start);
  job.served->metrics->compute->Observe(job.times->infer);
  job.served->metrics->formed_batch->Observe(static_cast<double>(job.plan.batch));
  return status;
}

// Leaves the texts of the largest `top` values of each sample in place of the values.
void Classify(const InferShared& shared, const InferJob& job, int index, int64_t top,
              Output& output) {
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
absl::Status Share(const std::string& name, const SharedPlace& place, Output& output) {
  if (output.bytes > place.byte_size) {
    return absl::InvalidArgumentError(absl::StrCat(
        "outputs: ", Quoted(name), ".parameters: shared_memory_byte_size: ", place.byte_size,
        "; allowed: at least ", output.bytes));
  }
  const absl::Status status = place.region->Write(place.offset, output.buffer.data(), output.bytes);
  output.bytes = 0;
  return status;
}

absl::StatusOr<grpc::ByteBuffer> Respond(const InferShared& shared, const InferJob& job,
                                         std::vector<Output>& outputs) {
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
    Output& output = outputs[index];
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
  return Encode(header, std::move(tensors));
}

}  // namespace

absl::Status RunInfer(const InferShared& shared, const InferJob& job, Call& call,
                      grpc::ByteBuffer& response) {
  const auto begun = Call::Clock::now();
  job.times->queue = call.queue_seconds();
  job.times->batch = job.plan.batch;
  std::vector<Output> outputs;
  if (absl::Status status = Infer(shared, job, outputs); !status.ok()) return status;
  // What a worker is kept from: the copy in counts too, and for a model that computes nothing it is
  // most.
  shared.costs.Learn(job.served->cost_kind, job.plan.elements, SecondsSince(begun));
  const auto start = Call::Clock::now();
  auto encoded = Respond(shared, job, outputs);
  if (!encoded.ok()) return encoded.status();
  response.Swap(&*encoded);
  job.times->output = SecondsSince(start);
  call.RecordEncode(job.times->output);
  return absl::OkStatus();
}

}  // namespace normbench
