// SPDX-License-Identifier: Apache-2.0
// The latencies of an open loop, request by request in order of completion (the order carries the
// autocorrelation), from the scheduled send. In seconds; +inf stands for a request that failed.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/load/open_loop.h"

namespace normbench {

// Whether every request was kept one by one, and each drop with its time.
bool AllKept(const OpenLoopResult& loop);

// Requests that were sent and failed, without ragged ones.
double Failures(const OpenLoopResult& loop);

// The values of the first `most` samples. One series at a time: a million values are 8 MB.
struct OpenSeries {
  const OpenLoopResult& loop;
  size_t most = loop.recorder.samples().size();

  // Without ragged requests, here and in the next two.
  std::vector<double> Ok() const;

  // With failures and drops as +inf, drops where they happened.
  std::vector<double> All() const;

  // From the actual send.
  std::vector<double> Sent() const;

  // How late each was sent; of ragged requests, too.
  std::vector<double> Lag() const;
};

}  // namespace normbench
