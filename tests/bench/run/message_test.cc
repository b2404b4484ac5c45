// SPDX-License-Identifier: Apache-2.0
#include "bench/run/message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "inference/grpc_service.pb.h"
#include "normbench/v1/normalization.pb.h"

namespace normbench {
namespace {

std::string Text(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string text;
  for (const auto& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

// Lengths around the borders of one, two and three varint bytes.
TEST(MessageTest, ParsesAsTheWholeMessage) {
  for (const size_t size : {0, 1, 127, 128, 16383, 16384, 300000}) {
    const std::string x(size, 'x');
    v1::NormalizeRequest rest;
    rest.mutable_spec()->set_norm("group");
    rest.set_gamma("gggg");
    const auto buffer = WithTensor(rest, v1::NormalizeRequest::kXFieldNumber,
                                   {reinterpret_cast<const std::byte*>(x.data()), x.size()});
    v1::NormalizeRequest parsed;
    ASSERT_TRUE(parsed.ParseFromString(Text(buffer)));
    rest.set_x(x);
    EXPECT_EQ(parsed.SerializeAsString(), rest.SerializeAsString()) << size;
  }
}

TEST(MessageTest, FillsARepeatedField) {
  inference::ModelInferRequest rest;
  rest.set_model_name("m");
  const std::string tensor = "abcd";
  const auto buffer =
      WithTensor(rest, inference::ModelInferRequest::kRawInputContentsFieldNumber,
                 {reinterpret_cast<const std::byte*>(tensor.data()), tensor.size()});
  inference::ModelInferRequest parsed;
  ASSERT_TRUE(parsed.ParseFromString(Text(buffer)));
  ASSERT_EQ(parsed.raw_input_contents_size(), 1);
  EXPECT_EQ(parsed.raw_input_contents(0), "abcd");
  EXPECT_EQ(parsed.model_name(), "m");
}

}  // namespace
}  // namespace normbench
