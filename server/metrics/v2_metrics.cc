// SPDX-License-Identifier: Apache-2.0
#include "server/metrics/v2_metrics.h"

namespace normbench {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;

constexpr std::array<const char*, 4> kReasons = {"REJECTED", "CANCELED", "BACKEND", "OTHER"};
constexpr double kMicroseconds = 1e6;

Family<Counter>& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& Gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

V2Families::V2Families(prometheus::Registry& registry)
    : success_(Counters(registry, "nv_inference_request_success", "Requests that were answered")),
      failure_(
          Counters(registry, "nv_inference_request_failure", "Requests that failed, by reason")),
      samples_(Counters(registry, "nv_inference_count", "Samples that were answered")),
      executions_(Counters(registry, "nv_inference_exec_count", "Executions of the model")),
      request_(Counters(registry, "nv_inference_request_duration_us",
                        "Of answered requests, from the start of the handler to the answer")),
      queue_(Counters(registry, "nv_inference_queue_duration_us", "Of answered requests, waiting")),
      input_(Counters(registry, "nv_inference_compute_input_duration_us",
                      "Of answered requests, gathering the inputs")),
      infer_(Counters(registry, "nv_inference_compute_infer_duration_us",
                      "Of answered requests, in the model")),
      output_(Counters(registry, "nv_inference_compute_output_duration_us",
                       "Of answered requests, building the answer")),
      pending_(Gauges(registry, "nv_inference_pending_request_count",
                      "Requests that wait for the model")),
      load_(Gauges(registry, "nv_model_load_duration_secs",
                   "How long the last load of the version took, its warm-up with it")) {}

V2Counters V2Families::Add(const std::map<std::string, std::string>& labels) {
  V2Counters counters;
  counters.success_ = &success_.Add(labels);
  counters.samples_ = &samples_.Add(labels);
  counters.executions_ = &executions_.Add(labels);
  counters.request_ = &request_.Add(labels);
  counters.queue_ = &queue_.Add(labels);
  counters.input_ = &input_.Add(labels);
  counters.infer_ = &infer_.Add(labels);
  counters.output_ = &output_.Add(labels);
  counters.pending_ = &pending_.Add(labels);
  counters.load_ = &load_.Add(labels);
  for (size_t i = 0; i < kReasons.size(); ++i) {
    std::map<std::string, std::string> with_reason = labels;
    with_reason["reason"] = kReasons[i];
    counters.failure_[i] = &failure_.Add(with_reason);
  }
  return counters;
}

void V2Counters::Succeeded(double samples, const V2Times& times) const {
  success_->Increment();
  samples_->Increment(samples);
  request_->Increment(times.request * kMicroseconds);
  queue_->Increment(times.queue * kMicroseconds);
  input_->Increment(times.input * kMicroseconds);
  infer_->Increment(times.infer * kMicroseconds);
  output_->Increment(times.output * kMicroseconds);
}

void V2Counters::Failed(V2Failure why) const {
  failure_[static_cast<size_t>(why)]->Increment();
}

}  // namespace normbench
