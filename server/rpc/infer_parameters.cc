// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_parameters.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/repository/naming.h"

namespace normbench {
namespace {

using inference::InferParameter;

constexpr const char* kTimes = "normbench_times";

absl::Status Wrong(const std::string& name, const std::string& value, const char* allowed) {
  return absl::InvalidArgumentError(
      absl::StrCat("parameters: '", name, "': ", value, "; allowed: ", allowed));
}

// A whole number that is not negative, as either kind of parameter.
absl::StatusOr<uint64_t> CountOf(const std::string& name, const InferParameter& value) {
  const auto kind = value.parameter_choice_case();
  if (kind == InferParameter::kUint64Param) return value.uint64_param();
  const bool is_signed = kind == InferParameter::kInt64Param;
  if (is_signed && value.int64_param() >= 0) return static_cast<uint64_t>(value.int64_param());
  return Wrong(name, is_signed ? absl::StrCat(value.int64_param()) : "of another type",
               "int64_param or uint64_param, 0 and above");
}

// Whether nobody but us may give `name` a meaning.
bool IsReserved(const std::string& name) {
  return absl::StartsWith(name, "triton_") || absl::StartsWith(name, "normbench_");
}

absl::Status CheckReserved(const std::string& name) {
  // C++ clients send the first one with every request.
  if (name == "triton_enable_empty_final_response" || name == kTimes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("parameters: ", Quoted(name),
                   " is reserved; allowed of triton_* and normbench_*: "
                   "triton_enable_empty_final_response, ",
                   kTimes));
}

absl::Status Read(const std::string& name, const InferParameter& value, RequestParameters& read) {
  constexpr uint64_t kLongest = 86'400'000'000;  // a day: more is as good as none
  if (IsReserved(name)) {
    if (absl::Status status = CheckReserved(name); !status.ok()) return status;
  }
  if (name == kTimes) {
    if (!value.has_bool_param()) return Wrong(name, "of another type", "bool_param");
    read.wants_times = value.bool_param();
  }
  if (name != "priority" && name != "timeout") return absl::OkStatus();
  const auto count = CountOf(name, value);
  if (!count.ok()) return count.status();
  if (name == "priority") read.priority = *count;
  if (name == "timeout") read.timeout = std::chrono::microseconds(std::min(*count, kLongest));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RequestParameters> ReadRequestParameters(const InferParameters& parameters) {
  RequestParameters read;
  for (const auto& [name, value] : parameters) {
    if (absl::Status status = Read(name, value, read); !status.ok()) return status;
  }
  return read;
}

void AddTimes(const InferTimes& times, InferParameters& parameters) {
  const std::pair<std::string, double> stages[] = {{"normbench_queue_us", times.queue},
                                                   {"normbench_input_us", times.input},
                                                   {"normbench_infer_us", times.infer},
                                                   {"normbench_output_us", times.output}};
  for (const auto& [name, seconds] : stages) parameters[name].set_double_param(seconds * 1e6);
  static const std::string formed = "normbench_formed_batch";
  parameters[formed].set_int64_param(times.formed);
}

}  // namespace normbench
