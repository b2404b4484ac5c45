// SPDX-License-Identifier: Apache-2.0
#include "server/options.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/kernels/device_name.h"
#include "server/memory_size.h"

namespace normbench {
namespace {

// LibTorch alone takes over 100 MB; under this nothing would be left for a request.
constexpr int64_t kMinBudget = 256'000'000;
constexpr int64_t kMaxBudget = 1'000'000'000'000'000;

bool IsNumberUpTo(const std::string& text, int max) {
  int value = 0;
  const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
  return !text.empty() && digits && absl::SimpleAtoi(text, &value) && value <= max;
}

// Of a host name, an IPv4 address or an IPv6 one in brackets. Others, such as a comma, mean
// something to the HTTP server, which takes lists.
bool IsHost(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains(".-_:[]%", c);
  });
}

absl::Status CheckAddress(const char* flag, const std::string& address) {
  const size_t colon = address.rfind(':');
  const bool good = colon != std::string::npos && IsHost(address.substr(0, colon)) &&
                    IsNumberUpTo(address.substr(colon + 1), 65535);
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": '", address,
      "' is not HOST:PORT with a host of A-Z a-z 0-9 . - _ : [ ] % and a port from 0 to 65535"));
}

absl::Status CheckDevice(const std::string& device) {
  if (device == "auto" || ParseDeviceName(device).ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--device: '", device, "'; allowed: auto, ", AllowedDeviceNames()));
}

struct Range {
  const char* flag;
  double value, min, max;
};

// Whole numbers with all their digits: 1000000, not 1e+06.
std::string Written(double value) {
  const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
  return whole ? absl::StrCat(static_cast<int64_t>(value)) : absl::StrCat(value);
}

absl::Status CheckRange(const Range& range) {
  if (range.value >= range.min && range.value <= range.max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(range.flag, ": ", Written(range.value),
                                                 " is out of range; allowed: ", Written(range.min),
                                                 " to ", Written(range.max)));
}

absl::Status CheckSharedMemory(const std::string& word) {
  if (word == "auto" || word == "on" || word == "off") return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--shared-memory: '", word, "'; allowed: auto, on, off"));
}

absl::Status CheckModelControl(const ServerOptions& options) {
  if (options.model_control != "none" && options.model_control != "explicit" &&
      options.model_control != "poll") {
    return absl::InvalidArgumentError(absl::StrCat("--model-control: '", options.model_control,
                                                   "'; allowed: none, explicit, poll"));
  }
  if (options.load_models.empty() || options.model_control == "explicit") return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--load-model: '", options.load_models[0],
                                                 "'; goes with --model-control=explicit only"));
}

absl::Status CheckBudget(int64_t bytes) {
  if (bytes == 0 || (bytes >= kMinBudget && bytes <= kMaxBudget)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--memory-budget: ", FormatMemorySize(bytes), " is out of range; allowed: ",
                   FormatMemorySize(kMinBudget), " to ", FormatMemorySize(kMaxBudget)));
}

absl::Status CheckHistory(const ServerOptions& options) {
  const ServerOptions defaults;
  const bool said = options.history_keep != defaults.history_keep ||
                    options.history_days != defaults.history_days ||
                    options.max_run_seconds != defaults.max_run_seconds;
  if (!options.history.empty() || !said) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--history-keep, --history-days, --max-run-seconds: go with --history FILE only");
}

absl::Status CheckFaults(const ServerOptions& options) {
  if (options.fault_stall_seconds == 0 || options.allow_faults) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--fault-stall: makes the server stand still on purpose; give --allow-faults, too");
}

}  // namespace

absl::Status Validate(const ServerOptions& options) {
  for (const absl::Status& status :
       {CheckAddress("--listen", options.listen),
        CheckAddress("--http", options.http),
        CheckDevice(options.device),
        CheckBudget(options.memory_budget),
        CheckSharedMemory(options.shared_memory),
        CheckModelControl(options),
        CheckRange({"--poll-seconds", options.poll_seconds, 0.1, 3600}),
        CheckRange({"--workers", double(options.workers), 0, 1024}),
        CheckRange({"--max-queued", double(options.max_queued), 1, 1'000'000}),
        CheckRange({"--audit-batching", options.audit_batching, 0, 1}),
        CheckRange({"--drain-seconds", options.drain_seconds, 0, 3600}),
        CheckRange({"--ready-gap", options.ready_gap_seconds, 0, 600}),
        CheckRange({"--fault-stall", options.fault_stall_seconds, 0, 60}),
        CheckRange({"--fault-stall", options.fault_stall_after_seconds, 0, 3600}),
        CheckRange({"--trace-rate", double(options.trace_rate), 0, 1e9}),
        CheckRange({"--history-keep", double(options.history_keep), 1, 1'000'000}),
        CheckRange({"--history-days", options.history_days, 0.001, 36500}),
        CheckRange({"--max-run-seconds", options.max_run_seconds, 1, 1e7}),
        CheckHistory(options),
        CheckFaults(options),
        Validate(options.faults, options.allow_faults)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

bool SharesMemory(const ServerOptions& options) {
  if (options.shared_memory != "auto") return options.shared_memory == "on";
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  const bool dotted = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "[::1]" || (dotted && absl::StartsWith(host, "127."));
}

ServerOptions WithMachineDefaults(ServerOptions options, int cpus, double memory_bytes) {
  if (options.workers == 0) options.workers = std::max(1, cpus);
  if (options.memory_budget == 0) {
    const auto half = static_cast<int64_t>(memory_bytes / 2);
    options.memory_budget = std::clamp<int64_t>(half, kMinBudget, 4'000'000'000);
  }
  return options;
}

MemoryShares Divide(int64_t memory_budget) {
  const int64_t kept = memory_budget / 12;
  return {.grpc_quota = memory_budget / 3,
          .admitted = memory_budget / 3,
          .max_message = memory_budget / 9,
          .pooled = kept,
          .kept_mebibytes = static_cast<int>(std::min<int64_t>(kept >> 20, 256))};
}

}  // namespace normbench
