// SPDX-License-Identifier: Apache-2.0
#include "bench/host/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kMounts2[] =
    "22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
    "29 22 0:25 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

constexpr char kMounts1[] =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

TEST(CgroupFolders, OfVersion2AreOneForAllControllers) {
  for (const char* controller : {"cpu", "memory"}) {
    EXPECT_THAT(ParseCgroupFolders("0::/user.slice/user-1000.slice\n", kMounts2, controller),
                ElementsAre("/sys/fs/cgroup/user.slice/user-1000.slice",
                            "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"));
  }
  EXPECT_THAT(ParseCgroupFolders("0::/\n", kMounts2, "cpu"), ElementsAre("/sys/fs/cgroup"));
}

TEST(CgroupFolders, OfVersion1AreThoseOfTheController) {
  const char* const groups = "4:memory:/job/7\n1:cpu,cpuacct:/\n0::/elsewhere\n";
  EXPECT_THAT(ParseCgroupFolders(groups, kMounts1, "cpu"),
              ElementsAre("/sys/fs/cgroup/cpu,cpuacct"));
  EXPECT_THAT(ParseCgroupFolders(groups, kMounts1, "memory"),
              ElementsAre("/sys/fs/cgroup/memory/job/7", "/sys/fs/cgroup/memory/job",
                          "/sys/fs/cgroup/memory"));
}

TEST(CgroupFolders, OfAControllerThatVersion1LeftAreOfVersion2) {
  EXPECT_THAT(ParseCgroupFolders("4:memory:/\n0::/a\n", kMounts1, "cpu"),
              ElementsAre("/sys/fs/cgroup/unified/a", "/sys/fs/cgroup/unified"));
}

// A container of version 1 has its own group mounted, and sees its path from outside.
TEST(CgroupFolders, BeginWhereTheContainerDoes) {
  const char* const mounts =
      "700 690 0:29 /docker/1a2b /sys/fs/cgroup/cpu ro master:9 - cgroup cgroup rw,cpu\n";
  EXPECT_THAT(ParseCgroupFolders("3:cpu:/docker/1a2b\n", mounts, "cpu"),
              ElementsAre("/sys/fs/cgroup/cpu"));
  EXPECT_THAT(ParseCgroupFolders("3:cpu:/docker/1a2b/job\n", mounts, "cpu"),
              ElementsAre("/sys/fs/cgroup/cpu/job", "/sys/fs/cgroup/cpu"));
}

TEST(CgroupFolders, AreNoneWhereThereAreNoGroups) {
  EXPECT_THAT(ParseCgroupFolders("", kMounts2, "cpu"), IsEmpty());
  EXPECT_THAT(ParseCgroupFolders("0::/\n", "", "cpu"), IsEmpty());
  EXPECT_THAT(ParseCgroupFolders("no colons\n0:\n", kMounts2, "cpu"), IsEmpty());
  EXPECT_THAT(ParseCgroupFolders("0::/\n", "29 22 / - cgroup2\n- - -\n", "cpu"), IsEmpty());
}

}  // namespace
}  // namespace normbench
