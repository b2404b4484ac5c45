// SPDX-License-Identifier: Apache-2.0
#include "server/faults/faulty_model.h"

#include <map>
#include <optional>
#include <utility>

#include "bench/norm/checksum.h"
#include "server/faults/changed_answer.h"

namespace normbench {
namespace {

// What the model has written, by the output's index.
struct Made {
  int64_t rows = 0;
  std::span<std::byte> bytes;
};
using Outputs = std::map<int, Made>;

std::optional<DType> FloatType(const std::string& datatype) {
  if (datatype == "FP32") return DType::kF32;
  if (datatype == "FP16") return DType::kF16;
  if (datatype == "BF16") return DType::kBf16;
  return std::nullopt;
}

// One in ten, whatever is beside it.
bool LosesTop(std::span<const std::byte> sample) {
  return Checksum(sample.data(), sample.size()) % 10 == 0;
}

class FaultyModel final : public Model {
 public:
  FaultyModel(std::unique_ptr<Model> inner, std::shared_ptr<Faults> faults, const ModelSpec& spec)
      : inner_(std::move(inner)), faults_(std::move(faults)), batched_(spec.max_batch_size > 0) {
    for (const TensorSpec& output : spec.outputs) types_.push_back(FloatType(output.datatype));
  }

  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    Outputs outputs;
    const Faults::Clock::time_point begin = faults_->Now();
    absl::Status status =
        inner_->Infer(inputs, [&](int index, std::vector<int64_t> shape, size_t bytes) {
          const int64_t rows = shape.empty() ? 1 : shape[0];
          std::byte* const memory = allocate(index, std::move(shape), bytes);
          outputs[index] = {rows, {memory, memory == nullptr ? 0 : bytes}};
          return memory;
        });
    if (!status.ok()) return status;
    faults_->After(faults_->Now() - begin);
    if (faults_->numeric() > 0) Change(inputs, outputs);
    return status;
  }

  int64_t WorkspaceBytes(int64_t batch) const override { return inner_->WorkspaceBytes(batch); }
  std::vector<MemoryPoint> MeasuredMemory() const override { return inner_->MeasuredMemory(); }
  bool keeps_state() const override { return inner_->keeps_state(); }
  bool any_thread() const override { return inner_->any_thread(); }

 private:
  void Change(std::span<const TensorIn> inputs, const Outputs& outputs) const {
    for (const auto& [index, made] : outputs) {
      if (made.bytes.empty() || !types_[static_cast<size_t>(index)].has_value()) continue;
      ChangeOutput(inputs[0], *types_[static_cast<size_t>(index)], made);
    }
  }

  // Row by row, where it has a row for each sample.
  void ChangeOutput(const TensorIn& input, DType dtype, const Made& made) const {
    const bool by_row = batched_ && made.rows > 0 && made.rows == input.shape[0];
    const size_t rows = by_row ? static_cast<size_t>(made.rows) : 1;
    const size_t in_row = input.bytes / rows;
    const size_t out_row = made.bytes.size() / rows;
    const auto value = static_cast<size_t>(SizeOf(dtype));
    if (out_row < value) return;
    for (size_t i = 0; i < rows; ++i) {
      const std::span<std::byte> values = made.bytes.subspan(i * out_row, out_row);
      if (out_row > value && LosesTop({input.data + i * in_row, in_row})) {
        MoveLargest(dtype, values);
      } else {
        ChangeFirst(dtype, values, faults_->numeric());
      }
    }
  }

  const std::unique_ptr<Model> inner_;
  const std::shared_ptr<Faults> faults_;
  const bool batched_;
  std::vector<std::optional<DType>> types_;  // of the outputs; none: left alone
};

class FaultyBackend final : public Backend {
 public:
  FaultyBackend(std::unique_ptr<Backend> inner, std::shared_ptr<Faults> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  std::string name() const override { return inner_->name(); }
  absl::Status Complete(ModelSpec& spec) const override { return inner_->Complete(spec); }

  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) override {
    absl::StatusOr<std::unique_ptr<Model>> model = inner_->Load(spec);
    if (!model.ok()) return model.status();
    return std::make_unique<FaultyModel>(*std::move(model), faults_, spec);
  }

 private:
  const std::unique_ptr<Backend> inner_;
  const std::shared_ptr<Faults> faults_;
};

}  // namespace

std::vector<std::unique_ptr<Backend>> WithFaults(std::vector<std::unique_ptr<Backend>> backends,
                                                 const std::shared_ptr<Faults>& faults) {
  for (std::unique_ptr<Backend>& backend : backends) {
    backend = std::make_unique<FaultyBackend>(std::move(backend), faults);
  }
  return backends;
}

}  // namespace normbench
