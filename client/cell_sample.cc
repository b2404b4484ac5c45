// SPDX-License-Identifier: Apache-2.0
#include "client/cell_sample.h"

#include "bench/gate/accuracy_change.h"
#include "bench/gate/gated_metric.h"

namespace normbench {

v1::CellSample SampleFrom(const GatedCell& cell, const v1::CaseResult& result, double cpu_seconds) {
  v1::CellSample sample;
  sample.set_key(cell.c.key);
  for (const v1::GatedMetric& metric : cell.metrics) {
    if (const auto value = ObserveGateable(*FindGateable(metric.metric()), result)) {
      (*sample.mutable_metrics())[metric.metric()] = *value;
    }
    const double requests = result.requests() + result.errors() + result.warmup_discarded();
    if (metric.metric() == kCpuPerRequest && cpu_seconds > 0 && requests > 0) {
      (*sample.mutable_metrics())[metric.metric()] = cpu_seconds / requests;
    }
  }
  sample.set_n(result.latency_all().n());
  sample.set_seconds(result.measured_seconds());
  *sample.mutable_accuracy() = AccuracyOf(result);
  sample.set_client_limited(result.open_loop().client_limited());
  return sample;
}

}  // namespace normbench
