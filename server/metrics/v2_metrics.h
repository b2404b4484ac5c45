// SPDX-License-Identifier: Apache-2.0
// The counters of inference that dashboards for V2 servers know, nv_inference_*, with their labels
// and units: cumulative, times in microseconds, of one model version each.
#pragma once

#include <array>
#include <map>
#include <string>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace normbench {

// Why a request failed, in the words of these dashboards.
enum class V2Failure {
  kRejected,  // a budget or a queue was full
  kCanceled,  // the client went away, or its deadline passed, also in the queue
  kBackend,   // the model
  kOther      // the request
};

// Seconds of the stages of a request that was answered.
struct V2Times {
  double request = 0, queue = 0, input = 0, infer = 0, output = 0;
};

// Thread-safe.
class V2Counters {
 public:
  void Executed() const { executions_->Increment(); }
  void Succeeded(double samples, const V2Times& times) const;
  void Failed(V2Failure why) const;
  // Seconds that its last load took.
  prometheus::Gauge* load() const { return load_; }
  // Requests that wait for the model.
  prometheus::Gauge* pending() const { return pending_; }

 private:
  friend class V2Families;
  prometheus::Counter *success_ = nullptr, *samples_ = nullptr, *executions_ = nullptr;
  prometheus::Counter *request_ = nullptr, *queue_ = nullptr, *input_ = nullptr;
  prometheus::Counter *infer_ = nullptr, *output_ = nullptr;
  std::array<prometheus::Counter*, 4> failure_ = {};  // by V2Failure
  prometheus::Gauge *pending_ = nullptr, *load_ = nullptr;
};

class V2Families {
 public:
  explicit V2Families(prometheus::Registry& registry);

  // `labels`: model and version.
  V2Counters Add(const std::map<std::string, std::string>& labels);

 private:
  prometheus::Family<prometheus::Counter>&success_, &failure_, &samples_, &executions_;
  prometheus::Family<prometheus::Counter>&request_, &queue_, &input_, &infer_, &output_;
  prometheus::Family<prometheus::Gauge>&pending_, &load_;
};

}  // namespace normbench
