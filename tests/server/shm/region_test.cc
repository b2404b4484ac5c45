// SPDX-License-Identifier: Apache-2.0
#include "server/shm/region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/server/shm/shared_object.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

std::string ReadAll(const Region& region, uint64_t offset, size_t bytes) {
  std::string read(bytes, '?');
  EXPECT_TRUE(region.Read(offset, reinterpret_cast<std::byte*>(read.data()), bytes).ok());
  return read;
}

absl::Status WriteAll(const Region& region, uint64_t offset, const std::string& bytes) {
  return region.Write(offset, reinterpret_cast<const std::byte*>(bytes.data()), bytes.size());
}

void ExpectRefused(const RegionSpec& spec, const std::string& text) {
  const absl::Status status = Region::Open(spec).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(text));
}

TEST(Region, IsReadAndWrittenWithinItsPart) {
  const SharedObject object("0123456789");
  const auto region = Region::Open({.name = "r", .key = object.key(), .offset = 2, .byte_size = 6});
  ASSERT_TRUE(region.ok()) << region.status();
  EXPECT_EQ(ReadAll(**region, 0, 6), "234567");
  EXPECT_EQ(ReadAll(**region, 5, 1), "7");
  EXPECT_TRUE(WriteAll(**region, 3, "abc").ok());
  EXPECT_EQ(object.bytes(), "01234abc89");
}

TEST(Region, HoldsWhatIsInItsPart) {
  const SharedObject object("0123456789");
  const auto region = Region::Open({.name = "r", .key = object.key(), .offset = 2, .byte_size = 6});
  ASSERT_TRUE(region.ok());
  EXPECT_TRUE((*region)->Holds(0, 6));
  EXPECT_TRUE((*region)->Holds(6, 0));
  EXPECT_FALSE((*region)->Holds(1, 6));
  EXPECT_FALSE((*region)->Holds(7, 0));
  EXPECT_FALSE((*region)->Holds(2, ~uint64_t{0})) << "the sum has no room";
}

TEST(Region, KeysStayInTheFolderOfSharedMemory) {
  for (const std::string key : {"", "/", "name", "/..", "/.", "/../etc/passwd", "/a/b"}) {
    ExpectRefused({.name = "r", .key = key, .byte_size = 1}, "allowed: a slash and 1 to 254");
  }
  ExpectRefused({.name = "r", .key = std::string("/a\0b", 4), .byte_size = 1}, "allowed: a slash");
  ExpectRefused({.name = "r", .key = "/" + std::string(255, 'x'), .byte_size = 1}, "key: ");
  ExpectRefused({.name = "r", .key = "/normbench-test-none", .byte_size = 1}, "cannot be opened");
}

TEST(Region, ThePartIsWithinTheObject) {
  const SharedObject object("0123456789");
  const auto part = [&](uint64_t offset, uint64_t byte_size) {
    return RegionSpec{.name = "r", .key = object.key(), .offset = offset, .byte_size = byte_size};
  };
  EXPECT_TRUE(Region::Open(part(9, 1)).ok());
  ExpectRefused(part(0, 0), "byte_size: 0");
  ExpectRefused(part(0, 11), "offset: 0 and byte_size: 11; allowed: together at most 10");
  ExpectRefused(part(11, 1), "together at most 10");
  ExpectRefused(part(5, ~uint64_t{0}), "together at most 10");
  ExpectRefused(part(~uint64_t{0}, 2), "together at most 10");
}

// With a mapping the process would be killed.
TEST(Region, AnObjectThatBecameShorterFailsTheRequest) {
  SharedObject object("0123456789");
  const auto region = Region::Open({.name = "r", .key = object.key(), .byte_size = 10});
  ASSERT_TRUE(region.ok());
  object.CutTo(4);
  std::byte read[8];
  for (const absl::Status& status :
       {(*region)->Read(0, read, 8), WriteAll(**region, 2, "abcdef")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("'r': its object has become shorter"));
  }
  EXPECT_EQ(object.bytes(), "0123") << "and is not made longer";
}

TEST(Region, WhatIsNoPlainObjectIsRefusedWithoutWaiting) {
  const std::string path = "/dev/shm/normbench-test-pipe";
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  ExpectRefused({.name = "r", .key = "/normbench-test-pipe", .byte_size = 1}, "no plain shared");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace normbench
