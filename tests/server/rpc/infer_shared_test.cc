// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_shared.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/shm/shared_object.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class InferSharedTest : public ::testing::Test {
 protected:
  InferSharedTest() {
    EXPECT_TRUE(regions_.Register({.name = "r", .key = object_.key(), .byte_size = 10}).ok());
    parameters_["shared_memory_region"].set_string_param("r");
    parameters_["shared_memory_byte_size"].set_int64_param(4);
  }

  void ExpectRefused(const std::string& text) {
    const auto place = SharedPlaceOf("inputs[0] 'x'", parameters_, &regions_);
    EXPECT_TRUE(absl::IsInvalidArgument(place.status())) << place.status();
    EXPECT_THAT(std::string(place.status().message()),
                HasSubstr("inputs[0] 'x'.parameters: " + text));
  }

  const SharedObject object_{"0123456789"};
  Regions regions_;
  InferParameters parameters_;
};

TEST_F(InferSharedTest, SaysWhere) {
  EXPECT_TRUE(IsShared(parameters_));
  auto place = SharedPlaceOf("x", parameters_, &regions_);
  ASSERT_TRUE(place.ok()) << place.status();
  EXPECT_EQ(place->region->spec().key, object_.key());
  EXPECT_EQ(place->offset, 0u);
  EXPECT_EQ(place->byte_size, 4u);
  parameters_["shared_memory_offset"].set_uint64_param(6);
  EXPECT_EQ(SharedPlaceOf("x", parameters_, &regions_)->offset, 6u);
}

TEST_F(InferSharedTest, WithoutARegionItIsInTheMessage) {
  parameters_.erase("shared_memory_region");
  EXPECT_FALSE(IsShared(parameters_));
  EXPECT_EQ(SharedPlaceOf("x", parameters_, &regions_)->region, nullptr);
}

TEST_F(InferSharedTest, WhereNothingIsOfferedItSaysHowToGetIt) {
  const auto place = SharedPlaceOf("x", parameters_, nullptr);
  EXPECT_TRUE(absl::IsUnimplemented(place.status()));
  EXPECT_THAT(std::string(place.status().message()), HasSubstr("--shared-memory=on"));
}

TEST_F(InferSharedTest, APlaceIsWithinItsRegion) {
  parameters_["shared_memory_offset"].set_int64_param(7);
  ExpectRefused(
      "shared_memory_byte_size: 4 from offset 7 on; allowed: 1 to the end of 'r', which has 10");
  parameters_.erase("shared_memory_offset");
  parameters_.erase("shared_memory_byte_size");
  ExpectRefused("shared_memory_byte_size: 0 from offset 0");
}

TEST_F(InferSharedTest, ValuesHaveTheirTypes) {
  parameters_["shared_memory_byte_size"].set_int64_param(-4);
  ExpectRefused("shared_memory_byte_size: is no int64_param of 0 or more");
  parameters_["shared_memory_byte_size"].set_string_param("4");
  ExpectRefused("shared_memory_byte_size: is no int64_param");
  parameters_["shared_memory_byte_size"].set_int64_param(4);
  parameters_["shared_memory_region"].set_int64_param(4);
  ExpectRefused("shared_memory_region: no shared memory region ''");
}

}  // namespace
}  // namespace normbench
