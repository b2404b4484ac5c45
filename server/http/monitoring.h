// SPDX-License-Identifier: Apache-2.0
// The pages that monitoring reads: /metrics for Prometheus, /v2/health/live and /v2/health/ready
// for probes. Live says that the process answers; ready says that it takes work.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "prometheus/registry.h"
#include "server/http/http_server.h"

namespace normbench {

struct MonitoringSources {
  const prometheus::Registry* registry = nullptr;  // outlives the routes
  std::function<void()> before_scrape;             // sets the gauges that are read, not kept
  std::function<bool()> ready;
};

// REQUIRES: every source is set, and thread-safe.
std::map<std::string, HttpRoute> MonitoringRoutes(MonitoringSources sources);

}  // namespace normbench
