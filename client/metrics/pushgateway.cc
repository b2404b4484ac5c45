// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/pushgateway.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "prometheus/gateway.h"

namespace normbench {

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
                         const std::shared_ptr<prometheus::Registry>& results) {
  prometheus::Gateway gateway(address.host, address.port, "normbench", {{"sweep", sweep}});
  gateway.RegisterCollectable(results);
  // What prometheus-cpp calls PushAdd is PUT, which replaces the group; its Push is POST.
  const int status = gateway.PushAdd();
  const std::string where = absl::StrCat("the Pushgateway at ", address.host, ":", address.port);
  if (status >= 200 && status < 300) return absl::OkStatus();
  if (status < 100) {
    return absl::UnavailableError(absl::StrCat("--pushgateway: ", where, " does not answer (curl ",
                                               -status, "); the results are kept in the report"));
  }
  return absl::InternalError(absl::StrCat("--pushgateway: ", where, " answered HTTP ", status,
                                          "; the results are kept in the report"));
}

}  // namespace normbench
