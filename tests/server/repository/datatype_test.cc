// SPDX-License-Identifier: Apache-2.0
#include "server/repository/datatype.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(DatatypeTest, NamesFollowTheEnumExceptStrings) {
  const auto* descriptor = inference::DataType_descriptor();
  ASSERT_EQ(descriptor->value_count(), 15);
  for (int i = 1; i < descriptor->value_count(); ++i) {
    const auto* value = descriptor->value(i);
    const auto type = static_cast<inference::DataType>(value->number());
    const std::string expected = type == inference::TYPE_STRING
                                     ? "BYTES"
                                     : value->name().substr(std::string("TYPE_").size());
    EXPECT_EQ(WireName(type), expected);
    EXPECT_EQ(TypeOfWireName(expected), type);
  }
  EXPECT_EQ(TypeOfWireName("FP31"), inference::TYPE_INVALID);
  EXPECT_EQ(WireName(inference::TYPE_INVALID), "");
}

TEST(DatatypeTest, SizesAreThoseOfTheProtocol) {
  EXPECT_EQ(WireSize("BOOL"), 1);
  EXPECT_EQ(WireSize("UINT16"), 2);
  EXPECT_EQ(WireSize("BF16"), 2);
  EXPECT_EQ(WireSize("FP16"), 2);
  EXPECT_EQ(WireSize("FP32"), 4);
  EXPECT_EQ(WireSize("INT64"), 8);
  EXPECT_EQ(WireSize("BYTES"), 0);
  EXPECT_EQ(WireSize("fp32"), 0);
  EXPECT_EQ(WireSize(""), 0);
}

}  // namespace
}  // namespace normbench
