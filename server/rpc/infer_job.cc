// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_job.h"

#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpc/codec.h"

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

Buffer Gather(const InferInput& input, BufferPool& pool) {
  Buffer buffer = pool.Get(input.bytes);
  if (input.typed.empty()) {
    input.raw.CopyTo(buffer.data());
  } else {
    std::memcpy(buffer.data(), input.typed.data(), input.bytes);
  }
  return buffer;
}

absl::Status Infer(const InferShared& shared, const InferJob& job, std::vector<Output>& outputs) {
  const LoadedModel& loaded = *job.model->loaded;
  std::vector<Buffer> memory;
  std::vector<TensorIn> inputs;
  for (size_t i = 0; i < job.plan.inputs.size(); ++i) {
    const InferInput& input = job.plan.inputs[i];
    memory.push_back(Gather(input, *shared.buffers));
    inputs.push_back({.datatype = loaded.spec.inputs[i].datatype,
                      .shape = input.shape,
                      .data = memory.back().data(),
                      .bytes = input.bytes});
  }
  outputs.resize(loaded.spec.outputs.size());
  const auto allocate = [&](int index, std::vector<int64_t> shape, size_t bytes) -> std::byte* {
    if (index < 0 || static_cast<size_t>(index) >= outputs.size()) return nullptr;
    outputs[index] = {.made = true,
                      .shape = std::move(shape),
                      .bytes = bytes,
                      .buffer = shared.buffers->Get(bytes)};
    return outputs[index].buffer.data();
  };
  const auto start = Call::Clock::now();
  const absl::Status status = loaded.model->Infer(inputs, allocate);
  job.model->metrics->compute->Observe(SecondsSince(start));
  job.model->metrics->formed_batch->Observe(static_cast<double>(job.plan.batch));
  return status;
}

absl::StatusOr<grpc::ByteBuffer> Respond(const InferJob& job, std::vector<Output>& outputs) {
  const ModelSpec& spec = job.model->loaded->spec;
  ModelInferResponse header;
  header.set_model_name(spec.name);
  header.set_model_version(absl::StrCat(spec.version));
  header.set_id(job.plan.id);
  std::vector<TensorField> tensors;
  for (const int index : job.plan.outputs) {
    Output& output = outputs[index];
    if (!output.made) {
      return absl::InternalError(absl::StrCat("model '", spec.name, "' left out its output '",
                                              spec.outputs[index].name, "'"));
    }
    auto& tensor = *header.add_outputs();
    tensor.set_name(spec.outputs[index].name);
    tensor.set_datatype(spec.outputs[index].datatype);
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
  std::vector<Output> outputs;
  if (absl::Status status = Infer(shared, job, outputs); !status.ok()) return status;
  // What a worker is kept from: the copy in counts too, and for a model that computes nothing it is
  // most.
  shared.costs.Learn(job.model->cost_kind, job.plan.elements, SecondsSince(begun));
  const auto start = Call::Clock::now();
  auto encoded = Respond(job, outputs);
  if (!encoded.ok()) return encoded.status();
  response.Swap(&*encoded);
  call.RecordEncode(SecondsSince(start));
  return absl::OkStatus();
}

}  // namespace normbench
