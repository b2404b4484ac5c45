// SPDX-License-Identifier: Apache-2.0
// A message to another thread and back over loopback TCP: what a request costs before anybody
// computes.
#pragma once

#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

class RoundTrip {
 public:
  // Returns UNAVAILABLE, with what the system says, where there is no loopback to use.
  static absl::StatusOr<std::unique_ptr<RoundTrip>> Open();
  // Ends the thread that answers.
  ~RoundTrip();
  RoundTrip(const RoundTrip&) = delete;
  RoundTrip& operator=(const RoundTrip&) = delete;

  // Sends 64 bytes and waits for them. Returns UNAVAILABLE where they do not come back within ten
  // seconds.
  absl::Status Once();

 private:
  RoundTrip(int near, int far);

  int near_;
  int far_;
  std::thread echo_;
};

}  // namespace normbench
