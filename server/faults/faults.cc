// SPDX-License-Identifier: Apache-2.0
#include "server/faults/faults.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

Faults::Clock::duration ShareOf(Faults::Clock::duration took, double share) {
  return std::chrono::duration_cast<Faults::Clock::duration>(took * share);
}

}  // namespace

bool IsInTail(uint64_t piece) {
  // SplitMix64's finaliser: each bit of the number reaches all bits of the result.
  uint64_t mixed = (piece + 1) * 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
  return (mixed ^ mixed >> 31) % 100 == 0;
}

absl::StatusOr<std::shared_ptr<Faults>> Faults::Create(const FaultOptions& options,
                                                       ReadClock read_clock) {
  std::unique_ptr<IdleBurner> burner;
  if (options.cpu > 0) {
    auto started = IdleBurner::Start();
    if (!started.ok()) {
      return absl::Status(started.status().code(),
                          absl::StrCat("--fault-cpu: ", std::string(started.status().message())));
    }
    burner = *std::move(started);
  }
  return std::shared_ptr<Faults>(new Faults(options, std::move(read_clock), std::move(burner)));
}

Faults::Faults(const FaultOptions& options, ReadClock read_clock,
               std::unique_ptr<IdleBurner> burner)
    : options_(options), read_clock_(std::move(read_clock)), burner_(std::move(burner)) {}

Faults::Clock::duration Faults::After(Clock::duration took) {
  if (burner_ != nullptr) burner_->Owe(ShareOf(took, options_.cpu));
  double share = options_.delay;
  if (options_.tail > 0 && IsInTail(pieces_.fetch_add(1))) share += options_.tail;
  return Spin(ShareOf(took, share));
}

Faults::Clock::duration Faults::Spin(Clock::duration length) const {
  Clock::duration spun{0};
  if (length <= spun) return spun;
  const Clock::time_point begin = read_clock_();
  while (spun < length) spun = read_clock_() - begin;
  return spun;
}

}  // namespace normbench
