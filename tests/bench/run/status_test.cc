// SPDX-License-Identifier: Apache-2.0
#include "bench/run/status.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(StatusTest, KeepsCodeAndText) {
  EXPECT_TRUE(ToAbsl(grpc::Status::OK).ok());
  const absl::Status status = ToAbsl({grpc::StatusCode::NOT_FOUND, "no such model"});
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no such model");
}

TEST(StatusTest, TextsOfForeignServersAreMadeUtf8) {
  EXPECT_EQ(ToAbsl({grpc::StatusCode::INTERNAL, "bad \xFF byte"}).message(), "bad ? byte");
}

TEST(StatusTest, AnErrorWithoutTextGetsOne) {
  EXPECT_EQ(ToAbsl({grpc::StatusCode::UNIMPLEMENTED, ""}).message(),
            "the server does not offer this method");
  EXPECT_EQ(ToAbsl({grpc::StatusCode::INTERNAL, ""}).message(), "INTERNAL");
}

TEST(StatusTest, AnAnswerThatCannotBeParsedIsNoMissingMethod) {
  const absl::Status status =
      ToAbsl({grpc::StatusCode::UNIMPLEMENTED, "No message returned for unary request"});
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "the server's answer cannot be parsed");
}

TEST(StatusTest, OnlyUnavailableMeansLost) {
  EXPECT_TRUE(IsLost(absl::UnavailableError("connection refused")));
  EXPECT_FALSE(IsLost(absl::ResourceExhaustedError("slots: 64 of 64 in use")));
  EXPECT_FALSE(IsLost(absl::OkStatus()));
}

}  // namespace
}  // namespace normbench
