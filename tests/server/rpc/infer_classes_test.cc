// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_classes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace normbench {
namespace {

using ::testing::ElementsAre;

// The elements of a raw BYTES tensor.
std::vector<std::string> Elements(const std::string& tensor) {
  std::vector<std::string> elements;
  for (size_t at = 0; at < tensor.size();) {
    uint32_t length = 0;
    std::memcpy(&length, tensor.data() + at, sizeof length);
    elements.push_back(tensor.substr(at + sizeof length, length));
    at += sizeof length + length;
  }
  return elements;
}

template <typename T>
std::vector<std::string> Top(const std::string& datatype, const std::vector<T>& values, int64_t top,
                             const std::vector<std::string>& labels = {}, int64_t rows = 1) {
  return Elements(TopClasses({.datatype = datatype,
                              .data = reinterpret_cast<const std::byte*>(values.data()),
                              .rows = rows,
                              .per_row = static_cast<int64_t>(values.size()) / rows},
                             top, labels));
}

TEST(InferClassesTest, LargestFirstWithLabelsWhereThereAre) {
  EXPECT_THAT(Top<float>("FP32", {0.5f, 2, -1, 1}, 3, {"cat", "dog", "bird"}),
              ElementsAre("2:1:dog", "1:3", "0.5:0:cat"));
  EXPECT_THAT(Top<float>("FP32", {1, 2}, 9), ElementsAre("2:1", "1:0")) << "no more than there are";
}

TEST(InferClassesTest, EachSampleHasItsOwn) {
  EXPECT_THAT(Top<float>("FP32", {1, 2, 4, 3}, 1, {}, 2), ElementsAre("2:1", "4:0"));
}

TEST(InferClassesTest, EqualOnesByClassAndNanLast) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_THAT(Top<float>("FP32", {NAN, 1, -inf, 1, inf}, 5),
              ElementsAre("inf:4", "1:1", "1:3", "-inf:2", "nan:0"));
}

TEST(InferClassesTest, ValuesReadBackTheSame) {
  for (const float value : {0.1f, 1e-30f, 16777217.0f, -3.4028235e38f}) {
    const std::string text = Top<float>("FP32", {value}, 1)[0];
    EXPECT_EQ(std::stof(text.substr(0, text.find(':'))), value);
  }
}

TEST(InferClassesTest, AnyDatatypeOfFixedSize) {
  EXPECT_THAT(Top<double>("FP64", {0.1, 0.2}, 1), ElementsAre("0.2:1"));
  EXPECT_THAT(Top<int64_t>("INT64", {-5, -7}, 1), ElementsAre("-5:0"));
  EXPECT_THAT(Top<int32_t>("INT32", {3, 7}, 1), ElementsAre("7:1"));
  EXPECT_THAT(Top<int16_t>("INT16", {3, -7}, 1), ElementsAre("3:0"));
  EXPECT_THAT(Top<int8_t>("INT8", {-1, -128}, 1), ElementsAre("-1:0"));
  EXPECT_THAT(Top<uint64_t>("UINT64", {1, ~uint64_t{0}}, 1), ElementsAre("18446744073709551615:1"));
  EXPECT_THAT(Top<uint32_t>("UINT32", {1, 9}, 1), ElementsAre("9:1"));
  EXPECT_THAT(Top<uint16_t>("UINT16", {65535, 9}, 1), ElementsAre("65535:0"));
  EXPECT_THAT(Top<uint8_t>("UINT8", {200, 9}, 1), ElementsAre("200:0"));
  EXPECT_THAT(Top<uint8_t>("BOOL", {0, 1}, 1), ElementsAre("1:1"));
  EXPECT_THAT(Top<uint16_t>("FP16", {0x3c00, 0xc000}, 2), ElementsAre("1:0", "-2:1"));
  EXPECT_THAT(Top<uint16_t>("BF16", {0x3f80, 0x4000}, 2), ElementsAre("2:1", "1:0"));
}

TEST(InferClassesTest, TheBudgetCoversTheLongestText) {
  const std::string label(256, 'l');
  const double longest = -std::numeric_limits<double>::denorm_min();
  EXPECT_LE(static_cast<int64_t>(Top<double>("FP64", {longest}, 1, {label})[0].size()) + 4,
            MaxClassBytes());
}

}  // namespace
}  // namespace normbench
