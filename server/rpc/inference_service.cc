// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/inference_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/empty.pb.h"
#include "server/rpc/codec.h"
#include "server/rpc/infer_batch.h"
#include "server/rpc/infer_stream.h"
#include "server/rpc/infer_trace.h"
#include "server/rpc/inference_metadata.h"
#include "server/rpc/repository_control.h"
#include "server/rpc/server_settings.h"
#include "server/rpc/shared_memory.h"

namespace normbench {
namespace {

// Of a failed request in a stream: many may wait for their turn, and ids are in no budget.
constexpr size_t kMaxRepeatedId = 1024;
// A guess of what loading a model costs a worker.
constexpr double kLoadSeconds = 1;

absl::Status Refusal(V2Method method) {
  const InferenceMethod& refused = InferenceMethods()[static_cast<size_t>(method)];
  return absl::UnimplementedError(
      absl::StrCat(std::string(refused.name), ": ", std::string(refused.refusal)));
}

bool IsWork(std::string_view method) {
  return method == "ModelInfer" || method == "ModelStreamInfer" || method == "RepositoryModelLoad";
}

// V2 clients that want the status of a failed request instead of its text.
bool WantsStatus(const grpc::CallbackServerContext& context) {
  const auto header = context.client_metadata().find("triton_grpc_error");
  return header != context.client_metadata().end() && header->second == "true";
}

}  // namespace

InferenceService::InferenceService(ServiceContext& services, ModelRepository& repository,
                                   Options options)
    : services_(services),
      repository_(repository),
      options_(std::move(options)),
      audit_({.share = options_.audit_share,
              .queue = &services.queue,
              .buffers = services.buffers,
              .thread_init = options_.thread_init}),
      shared_{services.buffers, services.costs, services.limits.max_tensor_bytes, &audit_},
      served_(services.metrics,
              {.submit = [&services](Job job) { return services.queue.Submit(std::move(job)); },
               .run =
                   [this](Batch batch, const std::function<void()>& computed) {
                     RunBatch(shared_, std::move(batch), computed);
                   },
               .max_waiting = services.limits.max_queued}) {
  for (const InferenceMethod& method : InferenceMethods()) {
    rpcs_.push_back({.metrics = services.metrics.rpc(method.name),
                     .contract = Contract::kInference,
                     .access = IsWork(method.name) ? Access::kWork : Access::kInfo});
  }
}

template <typename Request, typename Answer>
InferenceService::Reactor* InferenceService::AnswerWith(V2Method method,
                                                        const RawExchange& exchange,
                                                        const Answer& answer) {
  Request request;
  typename decltype(answer(request))::value_type response;
  return AnswerNow(services_, rpc(method), exchange, request, response, [&] {
    auto answered = answer(request);
    if (answered.ok()) response = *std::move(answered);
    return answered.status();
  });
}

InferenceService::Reactor* InferenceService::Refuse(V2Method method, const RawExchange& exchange) {
  return StartUnary(services_, rpc(method), exchange, [&](Call&) { return Refusal(method); });
}

InferenceService::Stream* InferenceService::ModelStreamInfer(Context* context) {
  InferStream::Options options;
  options.make_call = [this, context](InferStream::Ended ended) {
    return Call::Create(
        CallOptions(services_, rpc(V2Method::kModelStreamInfer), *context, std::move(ended)));
  };
  options.start = [this, context](StreamedRequest& request) {
    request.call->Guard([&] {
      const absl::Status allowed =
          AuthorizeCall(services_, rpc(V2Method::kModelStreamInfer), *context, *request.call);
      if (!allowed.ok()) return allowed;
      return StartInfer(*request.call, {.request = &request.message,
                                        .response = &request.answer,
                                        .id = &request.id,
                                        .trace = BeginTrace(options_.tracer, *context)});
    });
  };
  options.received = [this](double n) { services_.metrics.network_bytes_received().Increment(n); };
  options.sent = [this](double n) { services_.metrics.network_bytes_sent().Increment(n); };
  options.error_ends = WantsStatus(*context);
  return new InferStream(std::move(options));
}

InferenceService::Reactor* InferenceService::ServerLive(Context* context, const Bytes* request,
                                                        Bytes* response) {
  return AnswerWith<inference::ServerLiveRequest>(
      V2Method::kServerLive, {context, request, response}, [](const auto&) {
        inference::ServerLiveResponse live;
        live.set_live(true);
        return absl::StatusOr<inference::ServerLiveResponse>(std::move(live));
      });
}

InferenceService::Reactor* InferenceService::ServerReady(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return AnswerWith<inference::ServerReadyRequest>(
      V2Method::kServerReady, {context, request, response}, [this](const auto&) {
        inference::ServerReadyResponse ready;
        const bool models = !options_.strict_readiness || repository_.AllLoaded();
        ready.set_ready(models && services_.authorizer.ready());
        return absl::StatusOr<inference::ServerReadyResponse>(std::move(ready));
      });
}

InferenceService::Reactor* InferenceService::ModelReady(Context* context, const Bytes* request,
                                                        Bytes* response) {
  using Response = absl::StatusOr<inference::ModelReadyResponse>;
  return AnswerWith<inference::ModelReadyRequest>(
      V2Method::kModelReady, {context, request, response}, [this](const auto& asked) -> Response {
        const auto ready = IsModelReady(repository_, asked);
        if (!ready.ok()) return ready.status();
        inference::ModelReadyResponse answer;
        answer.set_ready(*ready && services_.authorizer.ready());
        return answer;
      });
}

InferenceService::Reactor* InferenceService::ServerMetadata(Context* context, const Bytes* request,
                                                            Bytes* response) {
  return AnswerWith<inference::ServerMetadataRequest>(
      V2Method::kServerMetadata, {context, request, response}, [this](const auto&) {
        std::vector<std::string> more;
        if (options_.regions != nullptr) more.push_back("system_shared_memory");
        if (options_.controls_models) more.push_back("model_repository");
        if (options_.tracer != nullptr) more.push_back("trace");
        return absl::StatusOr<inference::ServerMetadataResponse>(
            DescribeServer(options_.version, more));
      });
}

InferenceService::Reactor* InferenceService::ModelMetadata(Context* context, const Bytes* request,
                                                           Bytes* response) {
  return AnswerWith<inference::ModelMetadataRequest>(
      V2Method::kModelMetadata, {context, request, response},
      [this](const auto& asked) { return DescribeModel(repository_, asked); });
}

InferenceService::Reactor* InferenceService::ModelConfig(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return AnswerWith<inference::ModelConfigRequest>(
      V2Method::kModelConfig, {context, request, response},
      [this](const auto& asked) { return DescribeConfig(repository_, asked); });
}

InferenceService::Reactor* InferenceService::ModelStatistics(Context* context, const Bytes* request,
                                                             Bytes* response) {
  return AnswerWith<inference::ModelStatisticsRequest>(
      V2Method::kModelStatistics, {context, request, response},
      [this](const auto& asked) { return Statistics(asked); });
}

absl::StatusOr<inference::ModelStatisticsResponse> InferenceService::Statistics(
    const inference::ModelStatisticsRequest& request) {
  const auto models = ModelsMeant(repository_, request);
  if (!models.ok()) return models.status();
  inference::ModelStatisticsResponse response;
  for (const ModelHandle& model : *models) {
    inference::ModelStatistics& statistics = *response.add_model_stats();
    statistics.set_name(model->spec.name);
    statistics.set_version(absl::StrCat(model->spec.version));
    served_.Of(model->spec.name, model->spec.version).statistics->Describe(statistics);
  }
  return response;
}

InferenceService::Reactor* InferenceService::RepositoryIndex(Context* context, const Bytes* request,
                                                             Bytes* response) {
  return AnswerWith<inference::RepositoryIndexRequest>(
      V2Method::kRepositoryIndex, {context, request, response},
      [this](const auto& asked) { return DescribeRepository(repository_, asked); });
}

template <typename Request>
InferenceService::Reactor* InferenceService::Control(
    V2Method method, const RawExchange& exchange, absl::Status (*check)(const Request& request),
    absl::Status (InferenceService::*obey)(const std::string& name)) {
  return StartUnary(services_, rpc(method), exchange, [&](Call& call) -> absl::Status {
    if (!options_.controls_models) {
      const std::string name(InferenceMethods()[static_cast<size_t>(method)].name);
      return absl::UnimplementedError(absl::StrCat(name, ": ", kNoControl));
    }
    Request request;
    absl::Status status =
        DecodeWhole(*exchange.request, services_.limits.max_header_bytes, request);
    if (status.ok()) status = check(request);
    if (!status.ok()) return status;
    call.Submit({.run = [this, obey, name = request.model_name(),
                         response = exchange.response](Call&) -> absl::Status {
                   if (absl::Status done = (this->*obey)(name); !done.ok()) return done;
                   auto encoded = Encode(google::protobuf::Empty(), {});  // as both responses are
                   if (encoded.ok()) response->Swap(&*encoded);
                   return encoded.status();
                 },
                 .seconds = kLoadSeconds});
    return absl::OkStatus();
  });
}

InferenceService::Reactor* InferenceService::RepositoryModelLoad(Context* context,
                                                                 const Bytes* request,
                                                                 Bytes* response) {
  return Control<inference::RepositoryModelLoadRequest>(V2Method::kRepositoryModelLoad,
                                                        {context, request, response}, CheckLoad,
                                                        &InferenceService::LoadModel);
}

InferenceService::Reactor* InferenceService::RepositoryModelUnload(Context* context,
                                                                   const Bytes* request,
                                                                   Bytes* response) {
  return Control<inference::RepositoryModelUnloadRequest>(V2Method::kRepositoryModelUnload,
                                                          {context, request, response}, CheckUnload,
                                                          &InferenceService::UnloadModel);
}

InferenceService::Reactor* InferenceService::SystemSharedMemoryStatus(Context* context,
                                                                      const Bytes* request,
                                                                      Bytes* response) {
  return AnswerWith<inference::SystemSharedMemoryStatusRequest>(
      V2Method::kSystemSharedMemoryStatus, {context, request, response},
      [this](const auto& asked) { return DescribeRegions(options_.regions, asked); });
}

InferenceService::Reactor* InferenceService::SystemSharedMemoryRegister(Context* context,
                                                                        const Bytes* request,
                                                                        Bytes* response) {
  return AnswerWith<inference::SystemSharedMemoryRegisterRequest>(
      V2Method::kSystemSharedMemoryRegister, {context, request, response},
      [this](const auto& asked) { return RegisterRegion(options_.regions, asked); });
}

InferenceService::Reactor* InferenceService::SystemSharedMemoryUnregister(Context* context,
                                                                          const Bytes* request,
                                                                          Bytes* response) {
  return AnswerWith<inference::SystemSharedMemoryUnregisterRequest>(
      V2Method::kSystemSharedMemoryUnregister, {context, request, response},
      [this](const auto& asked) { return UnregisterRegion(options_.regions, asked); });
}

InferenceService::Reactor* InferenceService::TraceSetting(Context* context, const Bytes* request,
                                                          Bytes* response) {
  return AnswerWith<inference::TraceSettingRequest>(
      V2Method::kTraceSetting, {context, request, response}, [this](const auto& asked) {
        return AnswerTraceSetting(repository_, options_.tracer, asked);
      });
}

InferenceService::Reactor* InferenceService::LogSettings(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return AnswerWith<inference::LogSettingsRequest>(
      V2Method::kLogSettings, {context, request, response},
      [](const auto& asked) { return AnswerLogSettings(asked); });
}

InferenceService::Reactor* InferenceService::ModelInfer(Context* context, const Bytes* request,
                                                        Bytes* response) {
  const RawExchange exchange = {context, request, response};
  return StartUnary(services_, rpc(V2Method::kModelInfer), exchange, [&](Call& call) {
    return StartInfer(
        call,
        {.request = request, .response = response, .trace = BeginTrace(options_.tracer, *context)});
  });
}

absl::Status InferenceService::StartInfer(Call& call, const InferExchange& exchange) {
  const auto end = std::make_shared<InferEnd>();
  end->trace = exchange.trace;
  call.OnEnd([this, &call, end](grpc::StatusCode code, double seconds) {
    if (end->served != nullptr) end->served->Count(code, end->times, seconds);
    if (end->trace != nullptr) EndTrace(*options_.tracer, call, code, *end);
  });
  InferMessage message;
  const auto max_header = static_cast<size_t>(services_.limits.max_header_bytes);
  absl::Status status = DecodeInfer(*exchange.request, max_header, message);
  if (!status.ok()) return status;
  if (end->trace != nullptr) NameTrace(message.header, *end->trace);
  const std::string& id = message.header.id();
  if (exchange.id != nullptr && id.size() <= kMaxRepeatedId) *exchange.id = id;
  const auto found = repository_.Find(message.header.model_name(), message.header.model_version());
  if (!found.ok()) return found.status();
  const LoadedModel& model = **found;
  const ServedModel& served = served_.Of(model.spec.name, model.spec.version);
  call.CountAlso(served.metrics->requests);
  // The batcher counts its own.
  if (model.batching == nullptr) call.CountWaiting(*served.metrics->v2.pending());
  end->served = &served;
  if (end->trace != nullptr) end->trace->model_version = model.spec.version;
  auto plan = PlanInfer(message, model.spec, options_.regions);
  if (!plan.ok()) return plan.status();
  const auto job = std::make_shared<InferJob>();
  job->model = *found;
  job->served = &served;
  job->raw = std::move(message.raw);
  job->plan = *std::move(plan);
  job->streamed = exchange.id != nullptr;
  job->times = {end, &end->times};
  job->trace = end->trace;
  const InferPlan& planned = job->plan;
  Call::Work work{.run = [this, job, response = exchange.response](
                             Call& running) { return RunInfer(shared_, *job, running, *response); },
                  .bytes = planned.input_bytes + planned.output_bytes + planned.held_bytes +
                           model.model->WorkspaceBytes(planned.batch),
                  .seconds = services_.costs.Estimate(served.cost_kind, planned.elements),
                  .answer_bytes = planned.output_bytes,
                  .may_run_inline = model.model->any_thread()};
  if (model.batching != nullptr) {
    work.bytes += planned.output_bytes;  // the batch's, of which each request has a copy of its own
    work.queue = std::make_shared<BatchedRequest>(*served.batcher, call, job);
    work.may_run_inline = false;
  }
  call.Submit(std::move(work));
  return absl::OkStatus();
}

}  // namespace normbench
