// SPDX-License-Identifier: Apache-2.0
// The pages that monitoring reads: /metrics for Prometheus; /v2/health/live, /v2/health/ready,
// /v2/models/NAME/ready and /v2/models/NAME/versions/V/ready for probes. Live says that the process
// answers; ready says that it takes work, or that the model does: 200, else 503.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "prometheus/registry.h"
#include "server/http/http_server.h"

namespace normbench {

struct MonitoringSources {
  const prometheus::Registry* registry = nullptr;  // outlives the routes
  std::function<void()> before_scrape;             // sets the gauges that are read, not kept
  std::function<bool()> ready;
};

// The page of a path that asks for a model; nothing for another path. `ready` takes a name and a
// version, empty for the newest.
std::optional<HttpAnswer> ModelPage(
    const std::string& path,
    const std::function<bool(const std::string& name, const std::string& version)>& ready);

// REQUIRES: every source is set, and thread-safe.
std::map<std::string, HttpRoute> MonitoringRoutes(MonitoringSources sources);

}  // namespace normbench
