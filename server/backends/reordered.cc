// SPDX-License-Identifier: Apache-2.0
#include "server/backends/reordered.h"

#include <algorithm>
#include <utility>

#include "server/backends/tensor_positions.h"

namespace normbench {
namespace {

class ReorderedModel : public Model {
 public:
  ReorderedModel(std::unique_ptr<Model> model, const TensorOrder& order)
      : model_(std::move(model)), inputs_(order.inputs), outputs_(order.outputs.size()) {
    for (size_t i = 0; i < outputs_.size(); ++i) {
      outputs_[order.outputs[i]] = static_cast<int>(i);
    }
  }

  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    std::vector<TensorIn> in_order(inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) in_order[inputs_[i]] = inputs[i];
    return model_->Infer(in_order, [&](int index, std::vector<int64_t> shape, size_t bytes) {
      return allocate(outputs_[static_cast<size_t>(index)], std::move(shape), bytes);
    });
  }

  int64_t WorkspaceBytes(int64_t batch) const override { return model_->WorkspaceBytes(batch); }
  std::vector<MemoryPoint> MeasuredMemory() const override { return model_->MeasuredMemory(); }
  bool keeps_state() const override { return model_->keeps_state(); }
  bool any_thread() const override { return model_->any_thread(); }

 private:
  const std::unique_ptr<Model> model_;
  const std::vector<size_t> inputs_;
  std::vector<int> outputs_;  // in the configuration, by the module's index
};

std::vector<TensorSpec> InOrder(const std::vector<TensorSpec>& tensors,
                                const std::vector<size_t>& positions) {
  std::vector<TensorSpec> in_order(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) in_order[positions[i]] = tensors[i];
  return in_order;
}

}  // namespace

absl::StatusOr<TensorOrder> OrderOf(const ModelSpec& spec, std::span<const std::string> arguments) {
  auto inputs = PositionsOf("input", spec.inputs, arguments);
  if (!inputs.ok()) return inputs.status();
  auto outputs = PositionsOf("output", spec.outputs);
  if (!outputs.ok()) return outputs.status();
  return TensorOrder{*std::move(inputs), *std::move(outputs)};
}

ModelSpec InOrder(ModelSpec spec, const TensorOrder& order) {
  spec.inputs = InOrder(spec.inputs, order.inputs);
  spec.outputs = InOrder(spec.outputs, order.outputs);
  return spec;
}

std::unique_ptr<Model> Reordered(std::unique_ptr<Model> model, const TensorOrder& order) {
  if (std::ranges::is_sorted(order.inputs) && std::ranges::is_sorted(order.outputs)) return model;
  return std::make_unique<ReorderedModel>(std::move(model), order);
}

}  // namespace normbench
