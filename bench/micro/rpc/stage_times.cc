// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/stage_times.h"

#include <civetweb.h>

#include <cstdlib>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

absl::StatusOr<std::string> Get(const std::string& address, const std::string& path) {
  const size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  const int port = std::atoi(address.substr(colon + 1).c_str());
  char error[128] = "";
  mg_connection* connection =
      mg_download(host.c_str(), port, 0, error, sizeof error, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n",
                  path.c_str(), host.c_str());
  if (connection == nullptr) {
    return absl::UnavailableError(absl::StrCat("http://", address, path, ": ", error));
  }
  std::string body;
  char chunk[4096];
  for (int n = 0; (n = mg_read(connection, chunk, sizeof chunk)) > 0;) body.append(chunk, n);
  mg_close_connection(connection);
  return body;
}

}  // namespace

double SumOfMetric(std::string_view text, std::string_view name, std::string_view label) {
  std::istringstream lines{std::string(text)};
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, name.size(), name) != 0 || line[name.size()] != '{') continue;
    if (line.find(label) == std::string::npos) continue;
    sum += std::atof(line.substr(line.rfind(' ') + 1).c_str());
  }
  return sum;
}

absl::StatusOr<StageTimes> ReadStageTimes(const std::string& address) {
  auto text = Get(address, "/metrics");
  if (!text.ok()) return text.status();
  const std::string_view rpc = "rpc=\"Normalize\"";
  return StageTimes{
      .duration = SumOfMetric(*text, "normbench_server_request_duration_seconds_sum", rpc),
      .compute = SumOfMetric(*text, "normbench_server_compute_duration_seconds_sum", "norm="),
      .requests = SumOfMetric(*text, "normbench_server_request_duration_seconds_count", rpc)};
}

absl::StatusOr<StageTimes> ReadModelTimes(const std::string& address, const std::string& model) {
  auto text = Get(address, "/metrics");
  if (!text.ok()) return text.status();
  const std::string label = absl::StrCat("model=\"", model, "\"");
  StageTimes times;
  times.compute = SumOfMetric(*text, "normbench_model_compute_duration_seconds_sum", label);
  times.requests = SumOfMetric(*text, "normbench_model_compute_duration_seconds_count", label);
  return times;
}

}  // namespace normbench
