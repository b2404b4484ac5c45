// SPDX-License-Identifier: Apache-2.0
// How queued work ends without having run, in the same words whichever queue it waits in.
#pragma once

#include "absl/status/status.h"

namespace normbench {

// Its deadline passed while it waited.
inline absl::Status Expired() {
  return absl::DeadlineExceededError("the deadline passed while the request was queued");
}

// Its deadline had passed when it came.
inline absl::Status AlreadyExpired() {
  return absl::DeadlineExceededError("the deadline has already passed");
}

inline absl::Status ShuttingDown() {
  return absl::UnavailableError("the server is shutting down");
}

}  // namespace normbench
