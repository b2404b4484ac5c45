// SPDX-License-Identifier: Apache-2.0
#include "bench/run/run_id.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace normbench {

std::string NewRunId() {
  std::random_device device;
  const auto word = [&] { return static_cast<uint32_t>(device()); };
  const uint32_t middle = word();
  const uint32_t variant = word();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%04x%08x", word(), middle >> 16, middle & 0xfff,
                         0x8000 | ((variant >> 16) & 0x3fff), variant & 0xffff, word());
}

std::string FormatNow() {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now(), absl::UTCTimeZone());
}

}  // namespace normbench
