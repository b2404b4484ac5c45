// SPDX-License-Identifier: Apache-2.0
#include "bench/run/status.h"

#include "absl/strings/str_cat.h"
#include "bench/run/utf8.h"

namespace normbench {
namespace {

// What grpc::internal::BlockingUnaryCall says of an answer that protobuf refuses.
constexpr char kUnparsed[] = "No message returned for unary request";

}  // namespace

absl::Status ToAbsl(const grpc::Status& status) {
  if (status.error_code() == grpc::UNIMPLEMENTED && status.error_message() == kUnparsed) {
    return absl::InternalError("the server's answer cannot be parsed");
  }
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  if (status.ok() || !status.error_message().empty()) {
    return absl::Status(code, ValidUtf8(status.error_message()));
  }
  // gRPC's own answer for a method that a server does not have comes without words.
  return absl::Status(code, status.error_code() == grpc::UNIMPLEMENTED
                                ? "the server does not offer this method"
                                : absl::StatusCodeToString(code));
}

bool IsLost(const absl::Status& status) {
  return absl::IsUnavailable(status);
}

}  // namespace normbench
