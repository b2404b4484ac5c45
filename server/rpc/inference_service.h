// SPDX-License-Identifier: Apache-2.0
// inference.GRPCInferenceService: the KServe V2 protocol over a model repository. Served is all but
// CUDA shared memory, whose methods answer UNIMPLEMENTED with a sentence. All twenty are registered
// raw, see unary.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "inference/grpc_service.grpc.pb.h"
#include "server/repository/repository.h"
#include "server/rpc/batch_audit.h"
#include "server/rpc/infer_job.h"
#include "server/rpc/inference_methods.h"
#include "server/rpc/service_context.h"
#include "server/rpc/unary.h"
#include "server/shm/regions.h"
#include "server/trace/tracer.h"

namespace normbench {

// The generated service with every method raw, one more in each line.
struct RawInference {
  using V2 = inference::GRPCInferenceService;
  using With1 = V2::WithRawCallbackMethod_LogSettings<V2::Service>;
  using With2 = V2::WithRawCallbackMethod_TraceSetting<With1>;
  using With3 = V2::WithRawCallbackMethod_CudaSharedMemoryUnregister<With2>;
  using With4 = V2::WithRawCallbackMethod_CudaSharedMemoryRegister<With3>;
  using With5 = V2::WithRawCallbackMethod_CudaSharedMemoryStatus<With4>;
  using With6 = V2::WithRawCallbackMethod_SystemSharedMemoryUnregister<With5>;
  using With7 = V2::WithRawCallbackMethod_SystemSharedMemoryRegister<With6>;
  using With8 = V2::WithRawCallbackMethod_SystemSharedMemoryStatus<With7>;
  using With9 = V2::WithRawCallbackMethod_RepositoryModelUnload<With8>;
  using With10 = V2::WithRawCallbackMethod_RepositoryModelLoad<With9>;
  using With11 = V2::WithRawCallbackMethod_RepositoryIndex<With10>;
  using With12 = V2::WithRawCallbackMethod_ModelStatistics<With11>;
  using With13 = V2::WithRawCallbackMethod_ModelConfig<With12>;
  using With14 = V2::WithRawCallbackMethod_ModelStreamInfer<With13>;
  using With15 = V2::WithRawCallbackMethod_ModelInfer<With14>;
  using With16 = V2::WithRawCallbackMethod_ModelMetadata<With15>;
  using With17 = V2::WithRawCallbackMethod_ServerMetadata<With16>;
  using With18 = V2::WithRawCallbackMethod_ModelReady<With17>;
  using With19 = V2::WithRawCallbackMethod_ServerReady<With18>;
  using All = V2::WithRawCallbackMethod_ServerLive<With19>;
};

// A ModelInferRequest and where its answer goes.
struct InferExchange {
  const grpc::ByteBuffer* request = nullptr;
  grpc::ByteBuffer* response = nullptr;
  std::string* id = nullptr;  // streams: gets the request's, as soon as it is known
  std::shared_ptr<RequestTrace> trace = nullptr;  // null: it is not traced
};

class InferenceService final : public RawInference::All {
 public:
  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  using Reactor = grpc::ServerUnaryReactor;
  using Stream = grpc::ServerBidiReactor<Bytes, Bytes>;

  struct Options {
    std::string version;            // what ServerMetadata says
    Regions* regions = nullptr;     // null: shared memory is not offered; outlives the service
    bool controls_models = false;   // clients may load and unload
    bool strict_readiness = false;  // ready only while no model has failed to load
    Tracer* tracer = nullptr;       // null: nothing is traced; outlives the service
    double audit_share = 0;         // of the batches of several requests: see BatchAudit
    std::function<void()> thread_init = nullptr;  // of a thread that computes
  };

  // `services` and `repository` outlive the service. REQUIRES: services.metrics knows every one of
  // InferenceRpcNames().
  InferenceService(ServiceContext& services, ModelRepository& repository, Options options);

  Reactor* ServerLive(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ServerReady(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ModelReady(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ServerMetadata(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ModelMetadata(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ModelInfer(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ModelConfig(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ModelStatistics(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* RepositoryIndex(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* RepositoryModelLoad(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* RepositoryModelUnload(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* SystemSharedMemoryStatus(Context* context, const Bytes* request,
                                    Bytes* response) override;
  Reactor* SystemSharedMemoryRegister(Context* context, const Bytes* request,
                                      Bytes* response) override;
  Reactor* SystemSharedMemoryUnregister(Context* context, const Bytes* request,
                                        Bytes* response) override;
  Reactor* TraceSetting(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* LogSettings(Context* context, const Bytes* request, Bytes* response) override;

  Stream* ModelStreamInfer(Context* context) override;

  Reactor* CudaSharedMemoryStatus(Context* context, const Bytes* request,
                                  Bytes* response) override {
    return Refuse(V2Method::kCudaSharedMemoryStatus, {context, request, response});
  }
  Reactor* CudaSharedMemoryRegister(Context* context, const Bytes* request,
                                    Bytes* response) override {
    return Refuse(V2Method::kCudaSharedMemoryRegister, {context, request, response});
  }
  Reactor* CudaSharedMemoryUnregister(Context* context, const Bytes* request,
                                      Bytes* response) override {
    return Refuse(V2Method::kCudaSharedMemoryUnregister, {context, request, response});
  }

 private:
  // Answers from what is known: `answer` makes the response of a request, or an error.
  template <typename Request, typename Answer>
  Reactor* AnswerWith(V2Method method, const RawExchange& exchange, const Answer& answer);

  Reactor* Refuse(V2Method method, const RawExchange& exchange);
  // Decodes a Request, checks it, and runs `obey` with its model_name on a worker.
  template <typename Request>
  Reactor* Control(V2Method method, const RawExchange& exchange,
                   absl::Status (*check)(const Request& request),
                   absl::Status (InferenceService::*obey)(const std::string& name));
  absl::Status LoadModel(const std::string& name) { return repository_.LoadModel(name); }
  absl::Status UnloadModel(const std::string& name) { return repository_.UnloadModel(name); }
  absl::StatusOr<inference::ModelStatisticsResponse> Statistics(
      const inference::ModelStatisticsRequest& request);
  absl::Status StartInfer(Call& call, const InferExchange& exchange);
  const Rpc& rpc(V2Method method) const { return rpcs_[static_cast<size_t>(method)]; }

  ServiceContext& services_;
  ModelRepository& repository_;
  const Options options_;
  BatchAudit audit_;
  const InferShared shared_;
  std::vector<Rpc> rpcs_;  // by V2Method
  ServedModels served_;
};

}  // namespace normbench
