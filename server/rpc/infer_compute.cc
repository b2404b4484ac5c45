// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_compute.h"

#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpc/batch_audit.h"
#include "server/rpc/infer_contents.h"

namespace normbench {
namespace {

using Jobs = std::span<InferJob* const>;

Call::Clock::duration Seconds(double seconds) {
  return std::chrono::duration_cast<Call::Clock::duration>(std::chrono::duration<double>(seconds));
}

absl::Status ReadInput(const InferInput& input, const std::string& datatype, std::byte* to) {
  const SharedPlace& shared = input.shared;
  if (shared.region != nullptr) {
    const absl::Status status = shared.region->Read(shared.offset, to, input.bytes);
    if (!status.ok()) return status;
  } else if (input.typed.has_value()) {
    PackTyped(*input.typed, datatype, to);
  } else {
    input.raw.CopyTo(to);
  }
  // Not before: what is in shared memory may change until it has been read.
  if (datatype != "BYTES") return absl::OkStatus();
  return CheckByteElements(input.field, {to, input.bytes}, input.elements);
}

// What a batch is given, and the memory of it.
struct Inputs {
  // A model may write to what it is given.
  Inputs Copy(BufferPool& pool) const {
    Inputs copy;
    for (const TensorIn& tensor : tensors) {
      copy.memory.push_back(pool.Get(tensor.bytes));
      std::memcpy(copy.memory.back().data(), tensor.data, tensor.bytes);
      copy.tensors.push_back(tensor);
      copy.tensors.back().data = copy.memory.back().data();
    }
    return copy;
  }

  std::vector<Buffer> memory;
  std::vector<TensorIn> tensors;
};

// Input `index` of all jobs, one behind the other.
absl::Status Gather(Jobs jobs, size_t index, BufferPool& pool, Inputs& inputs) {
  const std::string& datatype = jobs[0]->model->spec.inputs[index].datatype;
  TensorIn tensor = {.datatype = datatype, .shape = jobs[0]->plan.inputs[index].shape};
  for (const InferJob* job : jobs) tensor.bytes += job->plan.inputs[index].bytes;
  Buffer buffer = pool.Get(tensor.bytes);
  size_t offset = 0;
  for (const InferJob* job : jobs) {
    const InferInput& input = job->plan.inputs[index];
    const absl::Status status = ReadInput(input, datatype, buffer.data() + offset);
    if (!status.ok()) return status;
    if (offset > 0) tensor.shape[0] += input.shape[0];
    offset += input.bytes;
  }
  tensor.data = buffer.data();
  inputs.memory.push_back(std::move(buffer));
  inputs.tensors.push_back(std::move(tensor));
  return absl::OkStatus();
}

absl::StatusOr<Inputs> GatherAll(Jobs jobs, BufferPool& pool) {
  Inputs inputs;
  for (size_t i = 0; i < jobs[0]->plan.inputs.size(); ++i) {
    const absl::Status status = Gather(jobs, i, pool, inputs);
    if (!status.ok()) return status;
  }
  return inputs;
}

int64_t SamplesOf(Jobs jobs) {
  int64_t samples = 0;
  for (const InferJob* job : jobs) samples += job->plan.batch;
  return samples;
}

// Copies to each job the rows of `made` that are its own.
absl::Status Split(const InferShared& shared, Jobs jobs, int64_t samples, const InferOutput& made,
                   size_t index) {
  if (made.shape.empty() || made.shape[0] != samples) {
    return absl::InternalError(absl::StrCat("model '", jobs[0]->model->spec.name,
                                            "' answered a batch of ", samples,
                                            " samples with other than ", samples, " rows"));
  }
  const size_t row = made.bytes / static_cast<size_t>(samples);
  const std::byte* from = made.buffer.data();
  for (InferJob* job : jobs) {
    InferOutput& own = job->outputs[index];
    own.made = true;
    own.shape = made.shape;
    own.shape[0] = job->plan.batch;
    own.bytes = row * static_cast<size_t>(job->plan.batch);
    own.buffer = shared.buffers->Get(own.bytes);
    std::memcpy(own.buffer.data(), from, own.bytes);
    from += own.bytes;
  }
  return absl::OkStatus();
}

absl::Status SplitAll(const InferShared& shared, Jobs jobs,
                      const std::vector<InferOutput>& outputs) {
  const int64_t samples = SamplesOf(jobs);
  for (InferJob* job : jobs) job->outputs.resize(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].made) continue;  // each job finds out if it wants it
    absl::Status status = Split(shared, jobs, samples, outputs[i], i);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Of batches of several, but not where running it again would change what a model keeps.
bool IsAudited(const InferShared& shared, Jobs jobs) {
  return jobs.size() > 1 && shared.audit != nullptr && !jobs[0]->model->model->keeps_state() &&
         shared.audit->Wants(*jobs[0]->served->metrics, jobs.size());
}

void KeepForAudit(BatchAudit& audit, Jobs jobs, Inputs inputs, std::vector<InferOutput> outputs) {
  AuditedBatch batch;
  batch.model = jobs[0]->model;
  batch.metrics = jobs[0]->served->metrics;
  batch.memory = std::move(inputs.memory);
  batch.inputs = std::move(inputs.tensors);
  batch.outputs = std::move(outputs);
  for (const InferJob* job : jobs) batch.samples.push_back(job->plan.batch);
  audit.Keep(std::move(batch));
}

// Leaves each job what is its own of what the batch was answered with. `audited`: its inputs, if it
// is.
absl::Status Share(const InferShared& shared, Jobs jobs, std::optional<Inputs> audited,
                   std::vector<InferOutput> outputs) {
  if (jobs.size() == 1) {
    jobs[0]->outputs = std::move(outputs);
    return absl::OkStatus();
  }
  if (absl::Status status = SplitAll(shared, jobs, outputs); !status.ok()) return status;
  if (audited.has_value()) {
    KeepForAudit(*shared.audit, jobs, *std::move(audited), std::move(outputs));
  }
  return absl::OkStatus();
}

void Mark(Jobs jobs, TracePoint point) {
  for (InferJob* job : jobs) {
    if (job->trace != nullptr) job->trace->Reached(point);
  }
}

absl::Status Run(const InferShared& shared, Jobs jobs, InferTimes& times) {
  const LoadedModel& loaded = *jobs[0]->model;
  Mark(jobs, TracePoint::kComputeStart);
  const auto begun = Call::Clock::now();
  const absl::StatusOr<Inputs> inputs = GatherAll(jobs, *shared.buffers);
  if (!inputs.ok()) return inputs.status();
  std::optional<Inputs> audited;
  if (IsAudited(shared, jobs)) audited = inputs->Copy(*shared.buffers);
  std::vector<InferOutput> outputs(loaded.spec.outputs.size());
  const auto allocate = [&](int index, std::vector<int64_t> shape, size_t bytes) -> std::byte* {
    if (index < 0 || static_cast<size_t>(index) >= outputs.size()) return nullptr;
    if (bytes > static_cast<size_t>(shared.max_output_bytes)) return nullptr;
    outputs[index] = {.made = true,
                      .shape = std::move(shape),
                      .bytes = bytes,
                      .buffer = shared.buffers->Get(bytes)};
    return outputs[index].buffer.data();
  };
  times.input = SecondsSince(begun);
  Mark(jobs, TracePoint::kComputeInputEnd);
  const auto start = Call::Clock::now();
  const absl::Status status = loaded.model->Infer(inputs->tensors, allocate);
  times.infer = SecondsSince(start);
  if (!status.ok()) return status;
  Mark(jobs, TracePoint::kComputeOutputStart);
  return Share(shared, jobs, std::move(audited), std::move(outputs));
}

void Observe(const InferShared& shared, Jobs jobs, const InferTimes& times, double seconds) {
  const ServedModel& served = *jobs[0]->served;
  served.metrics->compute->Observe(times.infer);
  served.metrics->formed_batch->Observe(static_cast<double>(times.formed));
  served.metrics->v2.Executed();
  served.statistics->Executed(times);
  int64_t elements = 0;
  for (const InferJob* job : jobs) elements += job->plan.elements;
  // What a worker is kept from: the copy in counts too, and for a model that computes nothing it is
  // most.
  shared.costs.Learn(served.cost_kind, elements, seconds);
}

}  // namespace

absl::Status RunModel(const InferShared& shared, Jobs jobs) {
  const auto begun = Call::Clock::now();
  InferTimes times = {.formed = SamplesOf(jobs), .leads = true};
  absl::Status status = Run(shared, jobs, times);
  if (!status.ok()) {
    for (InferJob* job : jobs) job->outputs.clear();
    return status;
  }
  Observe(shared, jobs, times, SecondsSince(begun));
  for (InferJob* job : jobs) {
    times.batch = job->plan.batch;
    times.queue = job->times->queue;
    *job->times = times;
    times.leads = false;
    job->computed = begun + Seconds(times.input + times.infer);
  }
  return status;
}

}  // namespace normbench
