// SPDX-License-Identifier: Apache-2.0
#include "server/backends/warm_up.h"

#include <c10/core/ScalarType.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/backends/torch_datatype.h"
#include "server/kernels/torch_memory.h"

namespace normbench {
namespace {

// Calls at a shape until LibTorch's caches are filled: the JIT profiles one, compiles in the next.
constexpr int kRepeats = 3;

// Inputs of zeros for one request, and what its tensors take.
struct Zeros {
  Zeros(const ModelSpec& spec, int64_t batch) {
    for (const TensorSpec& input : spec.inputs) {
      std::vector<int64_t> shape = input.dims;
      for (int64_t& dim : shape) dim = std::max<int64_t>(1, dim);
      if (spec.max_batch_size > 0) shape.insert(shape.begin(), batch);
      size_t bytes = c10::elementSize(*TorchTypeOf(input.datatype));
      for (const int64_t dim : shape) bytes *= static_cast<size_t>(dim);
      memory.emplace_back(bytes);
      inputs.push_back({input.datatype, shape, memory.back().data(), bytes});
      total += static_cast<int64_t>(bytes);
    }
  }

  std::vector<std::vector<std::byte>> memory;
  std::vector<TensorIn> inputs;
  int64_t total = 0;
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

}  // namespace

absl::StatusOr<Workspace> WarmUp(Model& model, const ModelSpec& spec, int64_t max_request_bytes) {
  const absl::StatusOr<int64_t> one = RunZeros(model, spec, 1);
  if (!one.ok()) return one.status();
  const int64_t most = std::max(1, spec.max_batch_size);
  const absl::StatusOr<int64_t> two = RunZeros(model, spec, std::min<int64_t>(2, most));
  if (!two.ok()) return two.status();
  const int64_t needed = *one + (most - 1) * (*two - *one) + most * Zeros(spec, 1).total;
  if (needed > max_request_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_batch_size: ", spec.max_batch_size, " needs about ", needed,
                     " bytes; allowed: ", max_request_bytes, " bytes, which requests share"));
  }
  const absl::StatusOr<int64_t> all = RunZeros(model, spec, most);
  if (!all.ok()) return all.status();
  const int64_t per_sample = most == 1 ? *one : std::max<int64_t>(0, *all - *one) / (most - 1);
  return Workspace{.fixed = std::max<int64_t>(0, *one - per_sample), .per_sample = per_sample};
}

}  // namespace normbench
