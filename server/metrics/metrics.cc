// SPDX-License-Identifier: Apache-2.0
#include "server/metrics/metrics.h"

#include <utility>

#include "bench/norm/metric_buckets.h"
#include "bench/norm/words.h"

namespace normbench {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;
using Labels = std::map<std::string, std::string>;
using Buckets = Histogram::BucketBoundaries;

constexpr std::array<const char*, kStatusCodes> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

constexpr std::array kBudgets = {"slots", "bytes", "cost", "queue", "draining", "run"};

// 1 .. 512 samples
Buckets BatchBuckets() {
  return GeometricBuckets(1, 2, 10);
}

Family<Counter>& Counters(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& Gauges(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Histogram>& Histograms(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

CountersByCode AddByCode(Family<Counter>& family, Labels labels) {
  CountersByCode counters;
  for (int code = 0; code < kStatusCodes; ++code) {
    labels["code"] = kCodeNames[code];
    counters[code] = &family.Add(labels);
  }
  return counters;
}

Labels With(Labels labels, const char* name, const char* value) {
  labels[name] = value;
  return labels;
}

std::string NormKey(std::string_view norm, std::string_view impl, std::string_view device) {
  std::string key(norm);
  key.append("/").append(impl).append("/").append(device);
  return key;
}

}  // namespace

struct ServerMetrics::Families {
  explicit Families(prometheus::Registry& where) : registry(where) {}

  Registry& registry;
  Family<Counter>& requests =
      Counters(registry, "normbench_server_requests_total",
               "Requests that ended, failures included, by their gRPC code");
  Family<Counter>& norm_requests =
      Counters(registry, "normbench_server_norm_requests_total",
               "Normalizations that ended, by norm, implementation and gRPC code");
  Family<Histogram>& duration = Histograms(registry, "normbench_server_request_duration_seconds",
                                           "From the start of the handler to Finish");
  Family<Histogram>& queue = Histograms(registry, "normbench_server_queue_duration_seconds",
                                        "From admission to the start on a worker");
  Family<Histogram>& encode = Histograms(registry, "normbench_server_encode_duration_seconds",
                                         "Building the answer after the work has ended");
  Family<Histogram>& compute = Histograms(
      registry, "normbench_server_compute_duration_seconds",
      "From launch to results in host memory, by the wall clock: a GPU's copies back are in it");
  Family<Counter>& network_bytes =
      Counters(registry, "normbench_server_network_bytes_total",
               "Bytes of request and response messages, before framing");
  Family<Gauge>& in_flight = Gauges(registry, "normbench_server_in_flight_requests",
                                    "Requests whose handler has started and that have not ended");
  Family<Gauge>& queued =
      Gauges(registry, "normbench_server_queued_requests", "Requests waiting for a worker");
  Family<Gauge>& admitted_bytes = Gauges(registry, "normbench_server_admitted_bytes",
                                         "Bytes of inputs, outputs and workspace now admitted");
  Family<Gauge>& admitted_bytes_limit =
      Gauges(registry, "normbench_server_admitted_bytes_limit",
             "Over this many admitted bytes a request is refused");
  Family<Counter>& rejections =
      Counters(registry, "normbench_server_rejections_total",
               "Requests refused because a budget was full, while draining, or for a run's sake");
  Family<Counter>& trace_errors =
      Counters(registry, "normbench_server_trace_errors_total",
               "Lines of traced requests that could not be written to the trace file");
  Family<Counter>& model_requests =
      Counters(registry, "normbench_model_requests_total",
               "Inference requests that ended, by model, version and gRPC code");
  Family<Histogram>& model_queue =
      Histograms(registry, "normbench_model_queue_duration_seconds",
                 "From admission to the start of the batch that the request is part of");
  Family<Histogram>& model_input =
      Histograms(registry, "normbench_model_input_duration_seconds",
                 "Gathering the inputs of the batch that the request is part of");
  Family<Histogram>& model_output =
      Histograms(registry, "normbench_model_output_duration_seconds", "Building the answer");
  Family<Histogram>& model_compute =
      Histograms(registry, "normbench_model_compute_duration_seconds",
                 "Inference alone, by the wall clock: copies to and from a GPU are in it");
  Family<Histogram>& model_formed_batch = Histograms(registry, "normbench_model_formed_batch_size",
                                                     "Samples that the model ran on at once");
  Family<Counter>& model_audits = Counters(
      registry, "normbench_model_audited_answers_total",
      "Answers of batches of several requests that were run again alone (--audit-batching), "
      "by result: the same bits, different, or skipped for want of idle time");
  Family<Counter>& model_loads =
      Counters(registry, "normbench_model_loads_total",
               "Attempts to load a version of a model, by result: ok or failed");
  Family<Gauge>& run_active =
      Gauges(registry, "normbench_run_active", "1: a benchmark run on request has the device");
  Family<Gauge>& run_queue_length =
      Gauges(registry, "normbench_run_queue_length", "Benchmark runs on request that wait");
  Family<Gauge>& run_last_success =
      Gauges(registry, "normbench_run_last_success_timestamp_seconds",
             "When a run of the sweep on request last ended with exit code 0, since 1970");
  Family<Gauge>& build_info =
      Gauges(registry, "normbench_build_info", "Always 1: which build runs");
  V2Families v2{registry};
};

ServerMetrics::ServerMetrics(const Options& options)
    : registry_(std::make_shared<prometheus::Registry>()),
      families_(std::make_unique<Families>(*registry_)),
      received_(&families_->network_bytes.Add({{"direction", "received"}})),
      sent_(&families_->network_bytes.Add({{"direction", "sent"}})),
      trace_errors_(&families_->trace_errors.Add({})),
      queued_(&families_->queued.Add({{"queue", "work"}})),
      run_active_(&families_->run_active.Add({})),
      run_queue_length_(&families_->run_queue_length.Add({})),
      admitted_bytes_(&families_->admitted_bytes.Add({})),
      admitted_bytes_limit_(&families_->admitted_bytes_limit.Add({})) {
  for (const std::string& rpc : options.rpcs) {
    const Labels labels = {{"rpc", rpc}};
    rpcs_[rpc] = {
        AddByCode(families_->requests, labels), &families_->duration.Add(labels, RequestBuckets()),
        &families_->queue.Add(labels, RequestBuckets()),
        &families_->encode.Add(labels, RequestBuckets()), &families_->in_flight.Add(labels)};
  }
  for (const std::string& impl : options.impls) {
    AddNorms(impl, options.devices);
  }
  for (const char* budget : kBudgets) {
    rejections_[budget] = &families_->rejections.Add({{"budget", budget}});
  }
  families_->build_info
      .Add({{"version", options.version}, {"sha", options.sha}, {"torch", options.torch}})
      .Set(1);
}

ServerMetrics::~ServerMetrics() = default;

void ServerMetrics::AddNorms(const std::string& impl, const std::vector<std::string>& devices) {
  for (const Method method : kMethods) {
    const std::string norm(Name(method));
    const CountersByCode requests =
        AddByCode(families_->norm_requests, {{"norm", norm}, {"impl", impl}});
    for (const std::string& device : devices) {
      Histogram& compute = families_->compute.Add(
          {{"norm", norm}, {"impl", impl}, {"device", device}}, ComputeBuckets());
      norms_[NormKey(norm, impl, device)] = {requests, &compute};
    }
  }
}

const RpcMetrics& ServerMetrics::rpc(std::string_view name) const {
  return rpcs_.find(name)->second;
}

double ServerMetrics::in_flight(std::string_view but) const {
  double sum = 0;
  for (const auto& [name, rpc] : rpcs_) {
    if (name != but) sum += rpc.in_flight->Value();
  }
  return sum;
}

const NormMetrics& ServerMetrics::norm(std::string_view norm, std::string_view impl,
                                       std::string_view device) const {
  return norms_.find(NormKey(norm, impl, device))->second;
}

const ModelMetrics& ServerMetrics::model(const std::string& name, int64_t version) {
  const Labels labels = {{"model", name}, {"version", std::to_string(version)}};
  absl::MutexLock lock(&mutex_);
  auto [entry, made] = models_.try_emplace(name + "/" + labels.at("version"));
  if (made) {
    entry->second = {AddByCode(families_->model_requests, labels),
                     &families_->model_queue.Add(labels, RequestBuckets()),
                     &families_->model_input.Add(labels, ComputeBuckets()),
                     &families_->model_output.Add(labels, ComputeBuckets()),
                     &families_->model_compute.Add(labels, ComputeBuckets()),
                     &families_->model_formed_batch.Add(labels, BatchBuckets()),
                     &families_->model_audits.Add(With(labels, "result", "same")),
                     &families_->model_audits.Add(With(labels, "result", "different")),
                     &families_->model_audits.Add(With(labels, "result", "skipped")),
                     families_->v2.Add(labels)};
  }
  return entry->second;
}

prometheus::Counter& ServerMetrics::model_loads(const std::string& model, bool ok) {
  return families_->model_loads.Add({{"model", model}, {"result", ok ? "ok" : "failed"}});
}

void ServerMetrics::RunSucceeded(const std::string& sweep, double when) {
  const absl::MutexLock lock(&mutex_);
  if (!successes_.contains(sweep) && successes_.size() >= kMaxSweeps) return;
  successes_.insert(sweep);
  families_->run_last_success.Add({{"sweep", sweep}}).Set(when);
}

prometheus::Counter& ServerMetrics::rejections(std::string_view budget) {
  return *rejections_.find(budget)->second;
}

}  // namespace normbench
