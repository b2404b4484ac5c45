// SPDX-License-Identifier: Apache-2.0
#include "server/shm/regions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/shm/shared_object.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RegionsTest : public ::testing::Test {
 protected:
  absl::Status Register(const std::string& name) {
    return regions_.Register({.name = name, .key = object_.key(), .offset = 1, .byte_size = 4});
  }

  const SharedObject object_{"0123456789"};
  Regions regions_;
};

TEST_F(RegionsTest, AreFoundUntilTheyAreUnregistered) {
  ASSERT_TRUE(Register("b").ok());
  ASSERT_TRUE(Register("a").ok());
  EXPECT_EQ((*regions_.Find("a"))->spec().byte_size, 4);
  ASSERT_EQ(regions_.all().size(), 2u);
  EXPECT_EQ(regions_.all()[0].name, "a");
  EXPECT_EQ(regions_.all()[1].key, object_.key());
  regions_.Unregister("a");
  EXPECT_THAT(std::string(regions_.Find("a").status().message()),
              HasSubstr("no shared memory region 'a' is registered"));
  EXPECT_TRUE(regions_.Find("b").ok());
  regions_.Unregister("never");
  regions_.UnregisterAll();
  EXPECT_THAT(regions_.all(), IsEmpty());
}

TEST_F(RegionsTest, OneThatIsInUseStaysReadable) {
  ASSERT_TRUE(Register("r").ok());
  const auto used = *regions_.Find("r");
  regions_.UnregisterAll();
  std::byte read[4];
  EXPECT_TRUE(used->Read(0, read, 4).ok());
  EXPECT_EQ(static_cast<char>(read[0]), '1');
}

TEST_F(RegionsTest, ANameIsTakenOnce) {
  ASSERT_TRUE(Register("r").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Register("r")));
}

TEST_F(RegionsTest, NamesHaveALengthAndSomeAreReserved) {
  EXPECT_TRUE(Register(std::string(256, 'r')).ok());
  for (const std::string& name :
       {std::string(), std::string(257, 'r'), std::string("triton_python_backend_shm_region_7")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Register(name))) << name;
  }
  EXPECT_THAT(
      std::string(
          regions_
              .Register({.name = "r", .key = "/triton_python_backend_shm_region_7", .byte_size = 1})
              .message()),
      HasSubstr("allowed: keys that do not begin with"));
}

TEST_F(RegionsTest, ThereIsAMost) {
  for (size_t i = 0; i < kMaxRegions; ++i) ASSERT_TRUE(Register(std::to_string(i)).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Register("one more")));
  regions_.Unregister("0");
  EXPECT_TRUE(Register("one more").ok());
}

}  // namespace
}  // namespace normbench
