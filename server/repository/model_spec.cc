// SPDX-License-Identifier: Apache-2.0
#include "server/repository/model_spec.h"

#include "server/repository/backend_name.h"
#include "server/repository/datatype.h"

namespace normbench {
namespace {

template <typename Tensors>
std::vector<TensorSpec> ToTensorSpecs(const Tensors& tensors) {
  std::vector<TensorSpec> specs;
  for (const auto& tensor : tensors) {
    specs.push_back({.name = tensor.name(),
                     .datatype = WireName(tensor.data_type()),
                     .dims = {tensor.dims().begin(), tensor.dims().end()}});
  }
  return specs;
}

}  // namespace

ModelSpec ToModelSpec(const inference::ModelConfig& config) {
  ModelSpec spec;
  spec.name = config.name();
  spec.backend = BackendName(config);
  spec.max_batch_size = config.max_batch_size();
  spec.model_file = config.default_model_filename();
  spec.inputs = ToTensorSpecs(config.input());
  spec.outputs = ToTensorSpecs(config.output());
  for (const auto& [name, parameter] : config.parameters()) {
    spec.parameters[name] = parameter.string_value();
  }
  return spec;
}

}  // namespace normbench
