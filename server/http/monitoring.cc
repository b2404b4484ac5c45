// SPDX-License-Identifier: Apache-2.0
#include "server/http/monitoring.h"

#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "prometheus/text_serializer.h"

namespace normbench {
namespace {

HttpAnswer ReadyPage(bool ready) {
  return ready ? HttpAnswer{.body = "ready\n"} : HttpAnswer{.status = 503, .body = "not ready\n"};
}

}  // namespace

std::optional<HttpAnswer> ModelPage(
    const std::string& path,
    const std::function<bool(const std::string& name, const std::string& version)>& ready) {
  const std::vector<std::string> parts = absl::StrSplit(path, '/');
  const bool of_model = parts.size() >= 5 && parts[0].empty() && parts[1] == "v2" &&
                        parts[2] == "models" && parts.back() == "ready";
  if (of_model && parts.size() == 5) return ReadyPage(ready(parts[3], ""));
  const bool of_version = of_model && parts.size() == 7 && parts[4] == "versions";
  if (of_version && !parts[5].empty()) return ReadyPage(ready(parts[3], parts[5]));
  return std::nullopt;
}

std::map<std::string, HttpRoute> MonitoringRoutes(MonitoringSources sources) {
  std::map<std::string, HttpRoute> routes;
  routes["/metrics"] = [registry = sources.registry, refresh = std::move(sources.before_scrape)] {
    refresh();
    return HttpAnswer{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                      .body = prometheus::TextSerializer().Serialize(registry->Collect())};
  };
  routes["/v2/health/live"] = [] { return HttpAnswer{.body = "live\n"}; };
  routes["/v2/health/ready"] = [ready = std::move(sources.ready)] { return ReadyPage(ready()); };
  return routes;
}

}  // namespace normbench
