// SPDX-License-Identifier: Apache-2.0
// Requests that expire in the queue of a server whose only worker is held.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

struct ExpirySetup {
  std::string bin;      // folder of normbench-server
  std::string scratch;  // folder for the log and the model
  int requests = 2000;  // that expire
  int in_flight = 16;
};

// Starts a server, holds its worker, and sends requests with timeouts of 5 to 50 ms. Returns the
// seconds from each one's timeout to its refusal, ascending. Returns INTERNAL if one ends in
// another way.
absl::StatusOr<std::vector<double>> ExpiryLags(const ExpirySetup& setup);

}  // namespace normbench
