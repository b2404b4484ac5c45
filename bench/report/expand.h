// SPDX-License-Identifier: Apache-2.0
// Sweep -> cases: the full product of the axes of each entry, pure. Entries come in the order
// kernel, service, model, invariance, cases; within an entry the axes vary in the order of their
// fields, the last one fastest, but for impl, which comes behind data. Everything that can be known
// without a server is checked here, so
// --dry-run finds it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/report/case.h"
#include "normbench/v1/sweep.pb.h"

namespace normbench {

// By implementation ("auto" included): the device that a server runs it on where a case names none.
using ImplDevices = std::map<std::string, std::string>;

struct ExpandOptions {
  // For cases that name no device, so that keys from different machines differ. "auto" for an
  // implementation that is not in it.
  ImplDevices devices = {};
  std::string filter = "";     // see MatchesFilter; empty: all
  int64_t max_cases = 10'000;  // before the filter
};

// Cases with equal keys are kept once, the first one's budget, the expectations of all.
// Returns INVALID_ARGUMENT naming entry, field, value and allowed range ("kernel[0].shape: ..."),
// also where nothing is left after the filter.
absl::StatusOr<std::vector<Case>> Expand(const v1::Sweep& sweep, const ExpandOptions& options = {});

// The sweep that contains exactly the case with this key, with the budget of its kind: what a rerun
// line asks for. Expand says whether the key is valid.
v1::Sweep SweepOfKey(std::string_view key);

// True if `filter` is part of `key`; '*' in it stands for anything. An empty filter matches all.
// dev=auto on either side stands for any device: keys of reports name the server's, those of a dry
// run do not know it.
bool MatchesFilter(std::string_view key, std::string_view filter);

}  // namespace normbench
