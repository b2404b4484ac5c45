// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/status.h"

#include <string>
#include <string_view>

#include "absl/strings/str_format.h"

namespace normbench {
namespace {

constexpr std::string_view kCut = " ...";

// Escaping can only make it longer, so text beyond the limit is never looked at.
std::string Printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 0x20 && c <= 0x7e) {
      out += c;
    } else {
      out += absl::StrFormat("\\x%02x", static_cast<unsigned char>(c));
    }
    if (out.size() > kMaxStatusMessage) {
      out.resize(kMaxStatusMessage - kCut.size());
      return out.append(kCut);
    }
  }
  return out;
}

absl::StatusCode CodeFor(absl::StatusCode code, Contract contract) {
  const bool full = code == absl::StatusCode::kResourceExhausted;
  return full && contract == Contract::kInference ? absl::StatusCode::kUnavailable : code;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, Contract contract) {
  if (status.ok()) return grpc::Status();
  const absl::StatusCode code = CodeFor(status.code(), contract);
  std::string message = Printable({status.message().data(), status.message().size()});
  if (message.empty()) message = absl::StatusCodeToString(code);
  return grpc::Status(static_cast<grpc::StatusCode>(code), message);
}

}  // namespace normbench
