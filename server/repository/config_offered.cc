// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_offered.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/repository/config_error.h"
#include "server/repository/naming.h"

namespace normbench {
namespace {

// What inputs and outputs have in common.
template <typename Tensors>
absl::Status CheckTensorsOffered(const std::string& kind, const Tensors& tensors) {
  for (const auto& tensor : tensors) {
    const std::string field = absl::StrCat(kind, " ", Quoted(tensor.name()));
    if (tensor.has_reshape()) {
      return ConfigError(field + ".reshape: not offered; give the model's own shape as dims");
    }
    if (tensor.is_shape_tensor()) return ConfigError(field + ".is_shape_tensor: not offered");
    if (tensor.is_non_linear_format_io()) {
      return ConfigError(field + ".is_non_linear_format_io: not offered");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckInputsOffered(const inference::ModelConfig& config) {
  for (const inference::ModelInput& input : config.input()) {
    const std::string field = absl::StrCat("input ", Quoted(input.name()));
    if (input.allow_ragged_batch()) return ConfigError(field + ".allow_ragged_batch: not offered");
    if (input.optional()) return ConfigError(field + ".optional: not offered");
  }
  return absl::OkStatus();
}

absl::Status CheckModelOffered(const inference::ModelConfig& config) {
  if (config.has_ensemble_scheduling() || config.platform() == "ensemble") {
    return ConfigError("ensemble_scheduling: not offered; a model is one network");
  }
  if (config.has_sequence_batching()) {
    return ConfigError("sequence_batching: not offered; no state is kept between requests");
  }
  if (config.model_transaction_policy().decoupled()) {
    return ConfigError(
        "model_transaction_policy.decoupled: true is not offered; a request has "
        "one answer");
  }
  if (!config.batch_input().empty()) return ConfigError("batch_input: not offered");
  if (!config.batch_output().empty()) return ConfigError("batch_output: not offered");
  if (config.has_model_repository_agents()) {
    return ConfigError("model_repository_agents: not offered; files would be read unchecked");
  }
  return absl::OkStatus();
}

// Whether a field of any group is set.
template <typename IsSet>
bool AnyGroup(const inference::ModelConfig& config, const IsSet& is_set) {
  return std::any_of(config.instance_group().begin(), config.instance_group().end(), is_set);
}

}  // namespace

absl::Status CheckOffered(const inference::ModelConfig& config) {
  absl::Status status = CheckModelOffered(config);
  if (status.ok()) status = CheckInputsOffered(config);
  if (status.ok()) status = CheckTensorsOffered("input", config.input());
  if (status.ok()) status = CheckTensorsOffered("output", config.output());
  return status;
}

std::vector<std::string> IgnoredSettings(const inference::ModelConfig& config) {
  using Group = inference::ModelInstanceGroup;
  std::vector<std::string> ignored;
  const auto add = [&](bool is_set, const char* name) {
    if (is_set) ignored.push_back(name);
  };
  add(AnyGroup(config, [](const Group& g) { return !g.profile().empty(); }),
      "instance_group.profile");
  add(AnyGroup(config, [](const Group& g) { return g.has_rate_limiter(); }),
      "instance_group.rate_limiter");
  add(AnyGroup(config, [](const Group& g) { return g.passive(); }), "instance_group.passive");
  add(AnyGroup(config, [](const Group& g) { return !g.secondary_devices().empty(); }),
      "instance_group.secondary_devices");
  add(AnyGroup(config, [](const Group& g) { return !g.host_policy().empty(); }),
      "instance_group.host_policy");
  add(!config.cc_model_filenames().empty(), "cc_model_filenames");
  add(!config.metric_tags().empty(), "metric_tags");
  add(config.has_optimization(), "optimization");
  add(config.has_model_operations(), "model_operations");
  add(config.response_cache().enable(), "response_cache");
  add(!config.runtime().empty(), "runtime");
  add(config.has_model_metrics(), "model_metrics");
  return ignored;
}

}  // namespace normbench
