// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <vector>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Contents = inference::InferTensorContents;

template <typename T>
std::vector<T> Packed(const Contents& contents, std::string_view datatype, int64_t elements) {
  const auto bytes = TypedBytes("x", contents, datatype, elements);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(*bytes, elements * sizeof(T));
  std::vector<T> values(static_cast<size_t>(elements));
  PackTyped(contents, datatype, reinterpret_cast<std::byte*>(values.data()));
  return values;
}

std::string WhyNot(const Contents& contents, std::string_view datatype, int64_t elements) {
  const absl::Status status = TypedBytes("x", contents, datatype, elements).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(InferContents, EveryTypeLiesInMemoryAsRawTensorsDo) {
  Contents bools, ints, longs, uints, ulongs, floats, doubles;
  for (const bool value : {true, false}) bools.add_bool_contents(value);
  EXPECT_THAT(Packed<uint8_t>(bools, "BOOL", 2), ElementsAre(1, 0));
  for (const int value : {-128, 127}) ints.add_int_contents(value);
  EXPECT_THAT(Packed<int8_t>(ints, "INT8", 2), ElementsAre(-128, 127));
  EXPECT_THAT(Packed<int16_t>(ints, "INT16", 2), ElementsAre(-128, 127));
  EXPECT_THAT(Packed<int32_t>(ints, "INT32", 2), ElementsAre(-128, 127));
  longs.add_int64_contents(INT64_MIN);
  EXPECT_THAT(Packed<int64_t>(longs, "INT64", 1), ElementsAre(INT64_MIN));
  for (const uint32_t value : {0u, 255u}) uints.add_uint_contents(value);
  EXPECT_THAT(Packed<uint8_t>(uints, "UINT8", 2), ElementsAre(0, 255));
  EXPECT_THAT(Packed<uint16_t>(uints, "UINT16", 2), ElementsAre(0, 255));
  EXPECT_THAT(Packed<uint32_t>(uints, "UINT32", 2), ElementsAre(0, 255));
  ulongs.add_uint64_contents(UINT64_MAX);
  EXPECT_THAT(Packed<uint64_t>(ulongs, "UINT64", 1), ElementsAre(UINT64_MAX));
  floats.add_fp32_contents(1.5f);
  EXPECT_THAT(Packed<float>(floats, "FP32", 1), ElementsAre(1.5f));
  doubles.add_fp64_contents(1e300);
  EXPECT_THAT(Packed<double>(doubles, "FP64", 1), ElementsAre(1e300));
}

TEST(InferContents, ElementsOfBytesHaveTheirLengthInFront) {
  Contents contents;
  contents.add_bytes_contents("ab");
  contents.add_bytes_contents("");
  contents.add_bytes_contents(std::string("\0c", 2));
  const auto bytes = TypedBytes("x", contents, "BYTES", 3);
  ASSERT_TRUE(bytes.ok());
  std::string packed(*bytes, '?');
  PackTyped(contents, "BYTES", reinterpret_cast<std::byte*>(packed.data()));
  EXPECT_EQ(packed, std::string("\2\0\0\0ab\0\0\0\0\2\0\0\0\0c", 16));
  EXPECT_TRUE(CheckByteElements("x", std::as_bytes(std::span(packed)), 3).ok());
}

TEST(InferContents, ValuesAreInTheirFieldAndComplete) {
  Contents contents;
  for (const float value : {1.f, 2.f}) contents.add_fp32_contents(value);
  EXPECT_EQ(WhyNot(contents, "FP32", 3),
            "x.contents.fp32_contents: 2 values; allowed: 3 (the product of shape)");
  EXPECT_EQ(WhyNot(contents, "INT64", 2),
            "x.contents.fp32_contents: values of another type; allowed: int64_contents");
  contents.add_fp64_contents(1);
  EXPECT_THAT(WhyNot(contents, "FP32", 2), HasSubstr("x.contents.fp64_contents"));
  EXPECT_THAT(WhyNot(Contents(), "FP32", 2), HasSubstr("0 values; allowed: 2"));
  for (const char* datatype : {"FP16", "BF16"}) {
    EXPECT_THAT(WhyNot(Contents(), datatype, 2), HasSubstr("send them in raw_input_contents"));
  }
}

TEST(InferContents, ValuesFitTheirType) {
  const auto of_int = [](int32_t value) {
    Contents contents;
    contents.add_int_contents(0);
    contents.add_int_contents(value);
    return contents;
  };
  EXPECT_EQ(WhyNot(of_int(128), "INT8", 2),
            "x.contents.int_contents[1]: 128; allowed: -128 to 127");
  EXPECT_THAT(WhyNot(of_int(-32769), "INT16", 2), HasSubstr("[1]: -32769; allowed: -32768"));
  Contents contents;
  contents.add_uint_contents(65536);
  EXPECT_EQ(WhyNot(contents, "UINT16", 1),
            "x.contents.uint_contents[0]: 65536; allowed: 0 to 65535");
}

TEST(InferContents, LengthsOfBytesMustNotLie) {
  const auto why_not = [](const std::string& bytes, int64_t elements) {
    return std::string(CheckByteElements("x", std::as_bytes(std::span(bytes)), elements).message());
  };
  const std::string two("\1\0\0\0a\0\0\0\0", 9);
  EXPECT_EQ(why_not(two, 2), "");
  EXPECT_EQ(why_not(two, 1), "x: 9 bytes; allowed: 5, which hold its 1 elements");
  EXPECT_THAT(why_not(two, 3), HasSubstr("element 2 at byte 9 has 0 bytes left"));
  EXPECT_THAT(why_not(std::string("\2\0\0\0a", 5), 1),
              HasSubstr("element 0 at byte 0 has 5 bytes left; allowed: 4 for its length and as "
                        "many as that says (2)"));
  EXPECT_THAT(why_not("\xff\xff\xff\xff", 1), HasSubstr("(4294967295)"));
}

}  // namespace
}  // namespace normbench
