// SPDX-License-Identifier: Apache-2.0
#include "server/backends/warm_up.h"

#include <c10/core/ScalarType.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/backends/torch_datatype.h"
#include "server/kernels/torch_memory.h"

namespace normbench {
namespace {

// Calls at a shape until LibTorch's caches are filled: the JIT profiles one, compiles in the next.
constexpr int kRepeats = 3;

// Of one sample.
size_t BytesOf(const TensorSpec& input) {
  size_t bytes = c10::elementSize(*TorchTypeOf(input.datatype));
  for (const int64_t dim : input.dims) bytes *= static_cast<size_t>(std::max<int64_t>(1, dim));
  return bytes;
}

// Inputs of zeros for one request.
struct Zeros {
  Zeros(const ModelSpec& spec, int64_t batch) {
    for (const TensorSpec& input : spec.inputs) {
      std::vector<int64_t> shape = input.dims;
      for (int64_t& dim : shape) dim = std::max<int64_t>(1, dim);
      if (spec.max_batch_size > 0) shape.insert(shape.begin(), batch);
      memory.emplace_back(BytesOf(input) * static_cast<size_t>(batch));
      inputs.push_back({input.datatype, shape, memory.back().data(), memory.back().size()});
    }
  }

  std::vector<std::vector<std::byte>> memory;
  std::vector<TensorIn> inputs;
};

// Returns the most that LibTorch held at once.
absl::StatusOr<int64_t> RunZeros(Model& model, const ModelSpec& spec, int64_t batch) {
  const Zeros zeros(spec, batch);
  int64_t peak = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    std::vector<std::vector<std::byte>> outputs(spec.outputs.size());
    absl::Status status;
    const int64_t bytes = PeakTorchBytes([&] {
      status = model.Infer(zeros.inputs, [&](int index, const std::vector<int64_t>&, size_t size) {
        outputs[static_cast<size_t>(index)].resize(size);
        return outputs[static_cast<size_t>(index)].data();
      });
    });
    peak = std::max(peak, bytes);
    if (status.ok()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("on zeros, batch ", batch, ": ", status.message()));
  }
  return peak;
}

int64_t Largest(const ModelSpec& spec) {
  return std::max(1, spec.max_batch_size);
}

// Powers of two, and the largest.
std::vector<int64_t> BatchesOf(const ModelSpec& spec) {
  std::vector<int64_t> batches;
  for (int64_t batch = 1; batch < Largest(spec); batch *= 2) batches.push_back(batch);
  batches.push_back(Largest(spec));
  return batches;
}

// As far as what was measured so far can tell of a batch.
absl::Status CheckFits(const Workspace& workspace, const ModelSpec& spec, int64_t batch,
                       int64_t max_request_bytes) {
  int64_t needed = workspace.of(batch);
  for (const TensorSpec& input : spec.inputs) {
    needed += batch * static_cast<int64_t>(BytesOf(input));
  }
  if (needed <= max_request_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("max_batch_size: ", spec.max_batch_size, "; a batch of ", batch, " needs about ",
                   needed, " bytes; allowed: ", max_request_bytes, " bytes, which requests share"));
}

}  // namespace

int64_t Workspace::of(int64_t batch) const {
  if (points.empty()) return 0;
  if (batch <= points.front().batch || points.size() == 1) return points.front().bytes;
  size_t right = 1;
  while (right + 1 < points.size() && points[right].batch < batch) ++right;
  const MemoryPoint& a = points[right - 1];
  const MemoryPoint& b = points[right];
  return a.bytes + (b.bytes - a.bytes) * (batch - a.batch) / (b.batch - a.batch);
}

absl::StatusOr<Workspace> WarmUp(Model& model, const ModelSpec& spec, int64_t max_request_bytes) {
  Workspace workspace;
  for (const int64_t batch : BatchesOf(spec)) {
    // Not of the largest yet: an operator that takes another way from some batch on makes a step,
    // which is no slope.
    const absl::Status fits = CheckFits(workspace, spec, batch, max_request_bytes);
    if (!fits.ok()) return fits;
    const absl::StatusOr<int64_t> bytes = RunZeros(model, spec, batch);
    if (!bytes.ok()) return bytes.status();
    workspace.points.push_back({.batch = batch, .bytes = *bytes});
  }
  const absl::Status fits = CheckFits(workspace, spec, Largest(spec), max_request_bytes);
  if (!fits.ok()) return fits;
  return workspace;
}

}  // namespace normbench
