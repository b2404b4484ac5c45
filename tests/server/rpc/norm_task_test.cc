// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/norm_task.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/server/rpc/narrow_kernel.h"

namespace normbench {
namespace {

struct Format {
  std::string dtype = "", layout = "";
  std::vector<int64_t> shape = {2, 4, 3, 3};
};

absl::Status StatusOf(const Format& format) {
  const NarrowOffer offer;
  v1::NormSpec spec;
  spec.set_norm("layer");
  const std::string none;
  return ParseNormTask({.spec = spec,
                        .shape = format.shape,
                        .dtype = format.dtype,
                        .layout = format.layout,
                        .impl = none,
                        .device = none},
                       offer.kernels)
      .status();
}

TEST(ParseNormTask, NamesThePairOfAnImplementationAndWhatItDoesNotDo) {
  EXPECT_TRUE(StatusOf({}).ok());
  EXPECT_TRUE(StatusOf({.dtype = "f32", .layout = "nchw"}).ok());
  EXPECT_EQ(StatusOf({.dtype = "bf16", .layout = "nchw"}),
            absl::UnimplementedError("dtype: bf16 with impl narrow; allowed: f32"));
  EXPECT_EQ(StatusOf({.dtype = "f32", .layout = "nhwc"}),
            absl::UnimplementedError("layout: nhwc with impl narrow; allowed: nchw"));
  EXPECT_EQ(StatusOf({.shape = {2, 4, 9}}),
            absl::UnimplementedError("rank of shape: 3 with impl narrow; allowed: 4"));
}

TEST(ParseNormTask, WordsThatNobodyKnowsAreNotTheImplementations) {
  EXPECT_EQ(StatusOf({.dtype = "f64"}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(StatusOf({.layout = "nchw "}).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace normbench
