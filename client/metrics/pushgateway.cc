// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/pushgateway.h"

#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "prometheus/gateway.h"

namespace normbench {
namespace {

constexpr char kKept[] = "; the results are kept in the report";

// HTTP status, or minus the error of curl; blocks for as long as curl does: minutes where packets
// are lost, and for ever where the connection is accepted and nothing comes.
int Push(const PushgatewayAddress& address, const std::string& sweep,
         const std::shared_ptr<prometheus::Registry>& results) {
  prometheus::Gateway gateway(address.host, address.port, "normbench", {{"sweep", sweep}});
  gateway.RegisterCollectable(results);
  // What prometheus-cpp calls PushAdd is PUT, which replaces the group; its Push is POST.
  return gateway.PushAdd();
}

// Nothing where it takes longer.
std::optional<int> PushWithin(double seconds, const PushgatewayAddress& address,
                              const std::string& sweep,
                              const std::shared_ptr<prometheus::Registry>& results) {
  std::packaged_task<int()> task([=] { return Push(address, sweep, results); });
  std::future<int> status = task.get_future();
  std::thread(std::move(task)).detach();
  const auto timeout = std::chrono::duration<double>(seconds);
  if (status.wait_for(timeout) != std::future_status::ready) return std::nullopt;
  return status.get();
}

}  // namespace

absl::StatusOr<PushgatewayAddress> ParsePushgateway(const std::string& url) {
  absl::string_view rest = url;
  const bool secure = absl::ConsumePrefix(&rest, "https://");
  if (!secure) absl::ConsumePrefix(&rest, "http://");
  absl::ConsumeSuffix(&rest, "/");
  PushgatewayAddress address;
  const size_t colon = rest.rfind(':');
  const bool has_port = colon != absl::string_view::npos && !absl::EndsWith(rest, "]");
  if (has_port) address.port = std::string(rest.substr(colon + 1));
  const absl::string_view host = has_port ? rest.substr(0, colon) : rest;
  int port = 0;
  const bool valid = !host.empty() && host.find_first_of("/?#@ ") == absl::string_view::npos &&
                     absl::SimpleAtoi(address.port, &port) && port > 0 && port < 65536;
  if (!valid) {
    return absl::InvalidArgumentError(
        absl::StrCat("--pushgateway: '", url, "' is not [http[s]://]HOST[:PORT]"));
  }
  address.host = absl::StrCat(secure ? "https://" : "http://", host);
  return address;
}

absl::Status PushResults(const PushgatewayAddress& address, const std::string& sweep,
                         const std::shared_ptr<prometheus::Registry>& results,
                         double timeout_seconds) {
  const std::optional<int> status = PushWithin(timeout_seconds, address, sweep, results);
  const std::string where =
      absl::StrCat("--pushgateway: the Pushgateway at ", address.host, ":", address.port);
  if (!status) {
    return absl::UnavailableError(
        absl::StrCat(where, " does not answer within ", timeout_seconds, " s", kKept));
  }
  if (*status >= 200 && *status < 300) return absl::OkStatus();
  if (*status < 100) {
    return absl::UnavailableError(
        absl::StrCat(where, " does not answer (curl ", -*status, ")", kKept));
  }
  return absl::InternalError(absl::StrCat(where, " answered HTTP ", *status, kKept));
}

}  // namespace normbench
