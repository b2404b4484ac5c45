// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/served_model.h"

#include "absl/strings/str_cat.h"

namespace normbench {

void ServedModel::Count(grpc::StatusCode code, const InferTimes& times, double seconds) const {
  // Nothing, of a request that never began.
  if (times.queue > 0) metrics->queue->Observe(times.queue);
  if (times.input > 0) metrics->input->Observe(times.input);
  if (times.output > 0) metrics->output->Observe(times.output);
  if (code != grpc::StatusCode::OK) {
    statistics->Failed(seconds);
    metrics->v2.Failed(FailureOf(code));
    return;
  }
  statistics->Succeeded(times, seconds);
  metrics->v2.Succeeded(static_cast<double>(times.batch), {.request = seconds,
                                                           .queue = times.queue,
                                                           .input = times.input,
                                                           .infer = times.infer,
                                                           .output = times.output});
}

const ServedModel& ServedModels::Of(const std::string& name, int64_t version) {
  const absl::MutexLock lock(&mutex_);
  std::unique_ptr<ServedModel>& model = models_[name][version];
  if (model == nullptr) {
    const ModelMetrics& metrics = metrics_.model(name, version);
    Batcher::Options batching = batching_;
    batching.count_waiting = [&metrics](int more) { metrics.v2.pending()->Increment(more); };
    model = std::make_unique<ServedModel>(
        ServedModel{.metrics = &metrics,
                    .cost_kind = absl::StrCat("model/", name, "/", version),
                    .batcher = std::make_unique<Batcher>(std::move(batching))});
  }
  return *model;
}

V2Failure FailureOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return V2Failure::kRejected;
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return V2Failure::kCanceled;
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
      return V2Failure::kBackend;
    default:
      return V2Failure::kOther;
  }
}

}  // namespace normbench
