// SPDX-License-Identifier: Apache-2.0
// Results of a finished run on a Prometheus Pushgateway: one group for each sweep
// (job="normbench", sweep=NAME), replaced whole by the next run of that sweep.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "prometheus/registry.h"

namespace normbench {

struct PushgatewayAddress {
  std::string host;  // with the scheme: http://localhost
  std::string port = "9091";
};

// "http://HOST[:PORT]", "https://..." or "HOST[:PORT]". Returns INVALID_ARGUMENT for anything else,
// a path included: the client library has no place for one.
absl::StatusOr<PushgatewayAddress> ParsePushgateway(const std::string& url);

// One request, which gets `timeout_seconds`. Returns UNAVAILABLE where nobody answers or not in
// time, and INTERNAL where the answer is no success. The client library knows no timeout: a request
// that has not ended goes on alone, on a thread of its own, until the program ends.
absl::Status PushResults(const PushgatewayAddress& address, const std::string& sweep,
                         const std::shared_ptr<prometheus::Registry>& results,
                         double timeout_seconds = 10);

}  // namespace normbench
