// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/status.h"

#include <string>
#include <string_view>

#include "bench/norm/printable.h"

namespace normbench {
namespace {

constexpr std::string_view kCut = " ...";

// Escaping can only make it longer, so text beyond the limit is never looked at.
std::string Shortened(std::string_view text) {
  std::string out = Printable(text.substr(0, kMaxStatusMessage + 1));
  if (out.size() <= kMaxStatusMessage) return out;
  out.resize(kMaxStatusMessage - kCut.size());
  return out.append(kCut);
}

absl::StatusCode CodeFor(absl::StatusCode code, Contract contract) {
  const bool full = code == absl::StatusCode::kResourceExhausted;
  return full && contract == Contract::kInference ? absl::StatusCode::kUnavailable : code;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, Contract contract) {
  if (status.ok()) return grpc::Status();
  const absl::StatusCode code = CodeFor(status.code(), contract);
  std::string message = Shortened({status.message().data(), status.message().size()});
  if (message.empty()) message = absl::StatusCodeToString(code);
  return grpc::Status(static_cast<grpc::StatusCode>(code), message);
}

}  // namespace normbench
