// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/device_name.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(ParseDeviceName, ReadsWhatIsADevice) {
  EXPECT_EQ(ParseDeviceName("cpu").value(), DeviceName{});
  EXPECT_EQ(ParseDeviceName("cuda").value(), (DeviceName{.cuda = true, .index = 0}));
  EXPECT_EQ(ParseDeviceName("cuda:7").value(), (DeviceName{.cuda = true, .index = 7}));
}

TEST(ParseDeviceName, RefusesTheRest) {
  for (std::string_view name : {"", "CPU", "gpu", "cuda:", "cuda:-1", "cuda:1x", "cuda:64", "cuda0",
                                "cuda: 1", "cuda:99999999999999", "cpu:0"}) {
    EXPECT_EQ(ParseDeviceName(name).status(),
              absl::InvalidArgumentError("device: '" + std::string(name) +
                                         "'; allowed: cpu, cuda, cuda:0 .. cuda:63"));
  }
}

TEST(DeviceName, IsWrittenInOneWay) {
  EXPECT_EQ(DeviceName{}.ToString(), "cpu");
  EXPECT_EQ(ParseDeviceName("cuda").value().ToString(), "cuda:0");
}

}  // namespace
}  // namespace normbench
