// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/inference_metadata.h"

#include "absl/strings/str_cat.h"
#include "server/rpc/repository_control.h"

namespace normbench {
namespace {

using TensorMetadata = inference::ModelMetadataResponse::TensorMetadata;

void Describe(const TensorSpec& tensor, bool batched, TensorMetadata& metadata) {
  metadata.set_name(tensor.name);
  metadata.set_datatype(tensor.datatype);
  if (batched) metadata.add_shape(-1);
  for (const int64_t dim : tensor.dims) metadata.add_shape(dim);
}

}  // namespace

inference::ServerMetadataResponse DescribeServer(const std::string& version,
                                                 const std::vector<std::string>& more) {
  inference::ServerMetadataResponse response;
  response.set_name("normbench");
  response.set_version(version);
  for (const char* extension : {"binary_tensor_data", "classification", "model_configuration",
                                "parameters", "schedule_policy", "statistics"}) {
    response.add_extensions(extension);
  }
  for (const std::string& extension : more) response.add_extensions(extension);
  return response;
}

absl::StatusOr<inference::ModelMetadataResponse> DescribeModel(
    const ModelRepository& repository, const inference::ModelMetadataRequest& request) {
  const auto found = repository.Find(request.name(), request.version());
  if (!found.ok()) return found.status();
  const LoadedModel& model = **found;
  const bool batched = model.spec.max_batch_size > 0;
  inference::ModelMetadataResponse response;
  response.set_name(model.spec.name);
  response.set_platform(model.config.platform());
  for (const int64_t version : repository.versions(model.spec.name)) {
    response.add_versions(absl::StrCat(version));
  }
  for (const TensorSpec& input : model.spec.inputs) {
    Describe(input, batched, *response.add_inputs());
  }
  for (const TensorSpec& output : model.spec.outputs) {
    Describe(output, batched, *response.add_outputs());
  }
  response.mutable_properties()->insert(model.spec.parameters.begin(), model.spec.parameters.end());
  return response;
}

absl::StatusOr<inference::ModelConfigResponse> DescribeConfig(
    const ModelRepository& repository, const inference::ModelConfigRequest& request) {
  const auto found = repository.Find(request.name(), request.version());
  if (!found.ok()) return found.status();
  inference::ModelConfigResponse response;
  *response.mutable_config() = (*found)->config;
  return response;
}

absl::StatusOr<std::vector<ModelHandle>> ModelsMeant(
    const ModelRepository& repository, const inference::ModelStatisticsRequest& request) {
  if (request.name().empty()) return repository.models();
  const auto found = repository.Find(request.name(), request.version());
  if (!found.ok()) return found.status();
  if (!request.version().empty()) return std::vector<ModelHandle>{*found};
  std::vector<ModelHandle> models = repository.models();
  std::erase_if(models,
                [&](const ModelHandle& model) { return model->spec.name != request.name(); });
  return models;
}

absl::StatusOr<inference::RepositoryIndexResponse> DescribeRepository(
    const ModelRepository& repository, const inference::RepositoryIndexRequest& request) {
  absl::Status known = CheckRepositoryName(request.repository_name());
  if (!known.ok()) return known;
  inference::RepositoryIndexResponse response;
  for (const ModelStatus& status : repository.index()) {
    if (request.ready() && !status.ready) continue;
    auto& line = *response.add_models();
    line.set_name(status.name);
    if (status.version > 0) line.set_version(absl::StrCat(status.version));
    line.set_state(status.ready ? "READY" : "UNAVAILABLE");
    line.set_reason(status.reason);
  }
  return response;
}

absl::StatusOr<bool> IsModelReady(const ModelRepository& repository,
                                  const inference::ModelReadyRequest& request) {
  const absl::Status status = repository.Find(request.name(), request.version()).status();
  if (absl::IsInvalidArgument(status)) return status;
  return status.ok();
}

}  // namespace normbench
