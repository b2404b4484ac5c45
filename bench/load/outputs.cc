// SPDX-License-Identifier: Apache-2.0
#include "bench/load/outputs.h"

#include <algorithm>

#include "bench/norm/checksum.h"

namespace normbench {
namespace {

// A distinct answer without its payload: the entry, its checksum, two allocations.
constexpr size_t kEntryBytes = sizeof(DistinctOutput) + sizeof(uint64_t) + size_t{2} * 32;

// Few batch sizes come for one answer: looking through them is quicker than a map.
void Count(int formed_batch, std::vector<FormedCount>& counts) {
  const auto found = std::ranges::find(counts, formed_batch, &FormedCount::formed_batch);
  if (found == counts.end()) {
    counts.push_back({formed_batch, 1});
  } else {
    ++found->count;
  }
}

}  // namespace

OutputLedger::OutputLedger(int64_t inputs, size_t max_bytes, size_t max_kept)
    : inputs_(static_cast<size_t>(std::max<int64_t>(0, inputs))),
      max_bytes_(max_bytes),
      max_kept_(max_kept) {}

// Null where the input has max_kept_ other answers, or those that are kept all together fill the
// memory.
DistinctOutput* OutputLedger::FindOrAdd(Input& input, std::span<const std::byte> payload) {
  const uint64_t checksum = Checksum(payload.data(), payload.size());
  const auto found = std::ranges::find(input.checksums, checksum);
  if (found != input.checksums.end()) return &input.distinct[found - input.checksums.begin()];
  // Of a few answers an input what surrounds the payload is no matter, of thousands it is.
  const bool many = input.distinct.size() >= kMaxDistinct;
  const size_t bytes = payload.size() + (many ? kEntryBytes : 0);
  const bool fits = bytes <= max_bytes_ - bytes_;
  if (input.distinct.size() == max_kept_ || (many && !fits)) return nullptr;
  input.checksums.push_back(checksum);
  DistinctOutput& added = input.distinct.emplace_back();
  added.checksum = checksum;
  if (fits) {
    added.kept = true;
    added.payload.assign(payload.begin(), payload.end());
    bytes_ += bytes;
  }
  return &added;
}

void OutputLedger::Add(int64_t input, std::span<const std::byte> payload, int formed_batch) {
  DistinctOutput* output = FindOrAdd(inputs_[input], payload);
  not_kept_ += output == nullptr || !output->kept;
  if (output == nullptr) return Count(formed_batch, inputs_[input].beyond);
  ++output->count;
  Count(formed_batch, output->formed);
}

int OutputLedger::max_distinct() const {
  size_t most = 0;
  for (const Input& input : inputs_) {
    most = std::max(most, input.distinct.size() + (input.beyond.empty() ? 0 : 1));
  }
  return static_cast<int>(std::min(most, kMaxDistinct + 1));
}

}  // namespace normbench
