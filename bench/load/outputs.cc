// SPDX-License-Identifier: Apache-2.0
#include "bench/load/outputs.h"

#include <algorithm>

#include "bench/norm/checksum.h"

namespace normbench {

OutputLedger::OutputLedger(int64_t inputs, size_t max_bytes)
    : outputs_(static_cast<size_t>(std::max<int64_t>(0, inputs))), max_bytes_(max_bytes) {}

void OutputLedger::Add(int64_t input, std::span<const std::byte> payload) {
  std::vector<DistinctOutput>& distinct = outputs_[input];
  const uint64_t checksum = Checksum(payload.data(), payload.size());
  auto found = std::find_if(distinct.begin(), distinct.end(), [&](const DistinctOutput& output) {
    return output.checksum == checksum;
  });
  if (found == distinct.end()) {
    if (distinct.size() == kMaxDistinct) {
      too_many_distinct_ = true;
      ++not_kept_;
      return;
    }
    found = distinct.insert(distinct.end(), DistinctOutput{checksum, 0, false, {}});
    if (payload.size() <= max_bytes_ - bytes_) {
      found->kept = true;
      found->payload.assign(payload.begin(), payload.end());
      bytes_ += payload.size();
    }
  }
  ++found->count;
  not_kept_ += !found->kept;
}

const std::vector<DistinctOutput>& OutputLedger::of(int64_t input) const {
  return outputs_[input];
}

int OutputLedger::max_distinct() const {
  if (too_many_distinct_) return kMaxDistinct + 1;
  size_t most = 0;
  for (const std::vector<DistinctOutput>& distinct : outputs_) {
    most = std::max(most, distinct.size());
  }
  return static_cast<int>(most);
}

}  // namespace normbench
