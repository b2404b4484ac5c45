// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_completion.h"

#include <string>
#include <vector>

#include "server/repository/config_error.h"
#include "server/repository/datatype.h"
#include "server/repository/model_spec.h"

namespace normbench {
namespace {

template <typename Tensors>
void FillIn(const std::vector<TensorSpec>& specs, Tensors& tensors) {
  if (!tensors.empty()) return;
  for (const TensorSpec& spec : specs) {
    auto& tensor = *tensors.Add();
    tensor.set_name(spec.name);
    tensor.set_data_type(TypeOfWireName(spec.datatype));
    tensor.mutable_dims()->Add(spec.dims.begin(), spec.dims.end());
  }
}

}  // namespace

absl::Status CompleteConfig(const Backend& backend, inference::ModelConfig& config) {
  if (!config.input().empty() && !config.output().empty()) return absl::OkStatus();
  ModelSpec spec = ToModelSpec(config);
  const absl::Status status = backend.Complete(spec);
  if (!status.ok()) return ConfigError(std::string(status.message()));
  config.set_max_batch_size(spec.max_batch_size);
  FillIn(spec.inputs, *config.mutable_input());
  FillIn(spec.outputs, *config.mutable_output());
  return absl::OkStatus();
}

}  // namespace normbench
