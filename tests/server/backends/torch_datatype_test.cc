// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torch_datatype.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(TorchDatatype, NamesAreThoseOfTheWire) {
  EXPECT_EQ(TorchTypeOf("FP32"), at::kFloat);
  EXPECT_EQ(TorchTypeOf("BF16"), at::kBFloat16);
  EXPECT_EQ(TorchTypeOf("UINT8"), at::kByte);
  EXPECT_EQ(TorchTypeOf("UINT16"), std::nullopt);
  EXPECT_EQ(TorchTypeOf(""), std::nullopt);
}

TEST(TorchDatatype, NamesTheTensorThatHasAnother) {
  EXPECT_TRUE(CheckTorchTypes({{"x", "INT64", {}}}, "input").ok());
  const absl::Status status =
      CheckTorchTypes({{"x", "INT64", {}}, {"mask", "UINT32", {}}}, "output");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("output mask: UINT32; LibTorch takes BOOL, UINT8, INT8"));
}

}  // namespace
}  // namespace normbench
