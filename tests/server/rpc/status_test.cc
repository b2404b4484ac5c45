// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/status.h"

#include <gtest/gtest.h>

#include <string>

namespace normbench {
namespace {

using grpc::StatusCode;

TEST(ToGrpcStatus, OkIsOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus(), Contract::kNormbench).ok());
}

TEST(ToGrpcStatus, EveryCodeKeepsItsNumber) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "text");
    const grpc::Status sent = ToGrpcStatus(status, Contract::kNormbench);
    EXPECT_EQ(static_cast<int>(sent.error_code()), code);
    EXPECT_EQ(sent.error_message(), "text");
  }
}

TEST(ToGrpcStatus, AFullBudgetIsUnavailableToV2Clients) {
  const absl::Status full = absl::ResourceExhaustedError("bytes: full");
  EXPECT_EQ(ToGrpcStatus(full, Contract::kNormbench).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  const grpc::Status v2 = ToGrpcStatus(full, Contract::kInference);
  EXPECT_EQ(v2.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(v2.error_message(), "bytes: full");
  EXPECT_EQ(ToGrpcStatus(absl::NotFoundError("m"), Contract::kInference).error_code(),
            StatusCode::NOT_FOUND);
}

TEST(ToGrpcStatus, AnEmptyMessageBecomesTheNameOfTheCode) {
  const grpc::Status sent = ToGrpcStatus(absl::InternalError(""), Contract::kNormbench);
  EXPECT_EQ(sent.error_message(), "INTERNAL");
}

TEST(ToGrpcStatus, WhatAClientSentCannotForgeLines) {
  const absl::Status status = absl::NotFoundError(std::string("a\nb\0\x7f\xc3\xa4\\", 8));
  EXPECT_EQ(ToGrpcStatus(status, Contract::kNormbench).error_message(),
            "a\\x0ab\\x00\\x7f\\xc3\\xa4\\");
}

TEST(ToGrpcStatus, ALongMessageIsCut) {
  const std::string fits(kMaxStatusMessage, 'x');
  EXPECT_EQ(ToGrpcStatus(absl::InternalError(fits), Contract::kNormbench).error_message(), fits);
  for (const char c : {'x', '\n'}) {
    const absl::Status status = absl::InternalError(std::string(size_t{1} << 20, c));
    const std::string sent = ToGrpcStatus(status, Contract::kNormbench).error_message();
    EXPECT_EQ(sent.size(), kMaxStatusMessage);
    EXPECT_EQ(sent.substr(sent.size() - 4), " ...");
  }
}

}  // namespace
}  // namespace normbench
