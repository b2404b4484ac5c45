// SPDX-License-Identifier: Apache-2.0
// Where the metrics of a run go: a port while it runs, a textfile for node_exporter and a
// Pushgateway when it has ended. What cannot work is said when it is opened, before anything is
// measured. The only file that knows prometheus' HTTP server.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/arguments.h"
#include "client/metrics/client_metrics.h"
#include "client/metrics/pushgateway.h"

namespace prometheus {
class Exposer;
}

namespace normbench {

class MetricsExporter {
 public:
  // Returns INVALID_ARGUMENT where the port is taken, the textfile cannot be written or has a name
  // that node_exporter does not read (.prom), or the URL is none.
  static absl::StatusOr<std::unique_ptr<MetricsExporter>> Open(const MetricsArguments& arguments,
                                                               const std::string& sweep);
  ~MetricsExporter();
  MetricsExporter(const MetricsExporter&) = delete;
  MetricsExporter& operator=(const MetricsExporter&) = delete;

  ClientMetrics& metrics() { return metrics_; }

  // "http://127.0.0.1:9464/metrics"; empty: no port was asked for.
  const std::string& url() const { return url_; }

  // Writes the textfile whole and replaces the sweep's group on the Pushgateway, as asked for.
  // Returns the first thing that went wrong, having tried both.
  absl::Status Publish();

 private:
  MetricsExporter(const MetricsArguments& arguments, const std::string& sweep);

  absl::Status Listen();

  const MetricsArguments arguments_;
  const std::string sweep_;
  ClientMetrics metrics_;
  PushgatewayAddress pushgateway_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::string url_;
};

}  // namespace normbench
