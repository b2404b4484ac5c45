// SPDX-License-Identifier: Apache-2.0
#include "bench/run/model_info.h"

#include <grpcpp/client_context.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "bench/run/status.h"
#include "inference/grpc_service.grpc.pb.h"

namespace normbench {
namespace {

using inference::GRPCInferenceService;

void SetDeadline(grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
}

absl::StatusOr<inference::ModelMetadataResponse> Metadata(GRPCInferenceService::Stub& stub,
                                                          const v1::ModelCase& model_case) {
  inference::ModelMetadataRequest request;
  request.set_name(model_case.model());
  request.set_version(model_case.version());
  inference::ModelMetadataResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  const grpc::Status status = stub.ModelMetadata(&context, request, &response);
  if (!status.ok()) return ToAbsl(status);
  return response;
}

// Not every V2 server has this method; what it says is welcome, not needed.
void AddConfig(GRPCInferenceService::Stub& stub, const v1::ModelCase& model_case, ModelInfo* info) {
  inference::ModelConfigRequest request;
  request.set_name(model_case.model());
  request.set_version(model_case.version());
  inference::ModelConfigResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  if (!stub.ModelConfig(&context, request, &response).ok()) return;
  info->max_batch_size = response.config().max_batch_size();
  for (const auto& [name, parameter] : response.config().parameters()) {
    info->parameters[name] = parameter.string_value();
  }
}

}  // namespace

absl::StatusOr<ModelInfo> AskModel(const std::shared_ptr<grpc::Channel>& channel,
                                   const v1::ModelCase& model_case) {
  const auto stub = GRPCInferenceService::NewStub(channel);
  const auto metadata = Metadata(*stub, model_case);
  if (!metadata.ok()) return metadata.status();
  if (metadata->inputs_size() != 1 || metadata->inputs(0).datatype() != "FP32" ||
      metadata->inputs(0).shape_size() < 1 || metadata->outputs_size() < 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        "model '", model_case.model(), "' has ", metadata->inputs_size(), " inputs and ",
        metadata->outputs_size(), " outputs; needed: one FP32 input and an output"));
  }
  const auto& input = metadata->inputs(0);
  const auto& output = metadata->outputs(0);
  const bool classifies =
      output.datatype() == "FP32" && output.shape_size() == 2 && output.shape(1) > 0;
  ModelInfo info{.input = input.name(),
                 .input_shape = {input.shape().begin() + 1, input.shape().end()},
                 .output = output.name(),
                 .classes = classifies ? output.shape(1) : 0,
                 .max_batch_size = 0,
                 .parameters = {}};
  AddConfig(*stub, model_case, &info);
  return info;
}

}  // namespace normbench
