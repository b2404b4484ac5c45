// SPDX-License-Identifier: Apache-2.0
#include "server/http/monitoring.h"

#include <utility>

#include "prometheus/text_serializer.h"

namespace normbench {

std::map<std::string, HttpRoute> MonitoringRoutes(MonitoringSources sources) {
  std::map<std::string, HttpRoute> routes;
  routes["/metrics"] = [registry = sources.registry, refresh = std::move(sources.before_scrape)] {
    refresh();
    return HttpAnswer{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                      .body = prometheus::TextSerializer().Serialize(registry->Collect())};
  };
  routes["/v2/health/live"] = [] { return HttpAnswer{.body = "live\n"}; };
  routes["/v2/health/ready"] = [ready = std::move(sources.ready)] {
    return ready() ? HttpAnswer{.body = "ready\n"}
                   : HttpAnswer{.status = 503, .body = "not ready\n"};
  };
  return routes;
}

}  // namespace normbench
