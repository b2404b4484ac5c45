// SPDX-License-Identifier: Apache-2.0
// What a server can be told to do badly, so that a gate can be seen to notice. Plain values: how
// they act is in faults.h.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace normbench {

struct FaultOptions {
  // Shares of the time that a piece of work took: 0.2 is 20 %; 0: no such fault.
  double delay = 0;  // busy work after each piece of work
  double tail = 0;   // the same after one in a hundred
  double cpu = 0;    // CPU time at idle priority, beside the work
  // Share of the largest magnitude of an answer by which one value of it is wrong; 0: none.
  double numeric = 0;

  bool any() const { return delay > 0 || tail > 0 || cpu > 0 || numeric > 0; }
};

// The flags as they were given; empty: not.
struct FaultWords {
  std::string delay{}, tail{}, cpu{}, numeric{};
};

// Leaves in `options` what `words` say. Returns INVALID_ARGUMENT naming the flag, the value and
// what is allowed for what is no share.
absl::Status ReadFaults(const FaultWords& words, FaultOptions& options);

// Returns INVALID_ARGUMENT naming the flag, its value and what is allowed; `allowed`: whether there
// may be any.
absl::Status Validate(const FaultOptions& options, bool allowed);

// A line for each fault that was asked for, for people.
std::vector<std::string> Describe(const FaultOptions& options);

}  // namespace normbench
