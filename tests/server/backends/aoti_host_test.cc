// SPDX-License-Identifier: Apache-2.0
#include "server/backends/aoti_host.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

AotiHost Host() {
  return {.torch = "2.15.0",
          .device = "cpu",
          .platform = "linux",
          .machine = "x86_64",
          .isa = {"AVX2", "AVX512"}};
}

AotiMetadata Metadata() {
  return {{"AOTI_DEVICE_KEY", "cpu"},
          {"AOTI_PLATFORM", "linux"},
          {"AOTI_MACHINE", "x86_64"},
          {"AOTI_CPU_ISA", "AVX512"}};
}

std::string ErrorWith(const std::string& key, const std::string& value) {
  AotiMetadata metadata = Metadata();
  metadata[key] = value;
  const absl::Status status = CheckMadeFor(metadata, Host());
  EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status)) << status;
  return std::string(status.message());
}

TEST(AotiHost, WhatItWasMadeForIsAccepted) {
  EXPECT_EQ(CheckMadeFor(Metadata(), Host()), absl::OkStatus());
  EXPECT_EQ(ErrorWith("AOTI_CPU_ISA", "AVX2"), "") << "less than there is";
  EXPECT_EQ(ErrorWith("AOTI_CPU_ISA", "INVALID_VEC_ISA"), "") << "no vectors at all";
  EXPECT_EQ(ErrorWith("torch_version", "2.15.3+cpu"), "") << "a patch";
  EXPECT_EQ(ErrorWith("author", "somebody"), "");
  EXPECT_EQ(CheckMadeFor({{"AOTI_DEVICE_KEY", "cpu"}}, Host()), absl::OkStatus())
      << "notes of an older LibTorch are shorter";
}

TEST(AotiHost, WhatDiffersIsNamedWithWhatIsHere) {
  EXPECT_EQ(ErrorWith("torch_version", "2.14.0+cu130"),
            "the package is made for LibTorch 2.14.0+cu130; allowed here: 2.15.x");
  EXPECT_EQ(ErrorWith("torch_version", "3"),
            "the package is made for LibTorch 3; allowed here: 2.15.x");
  EXPECT_EQ(ErrorWith("AOTI_DEVICE_KEY", "cuda"),
            "the package is made for device cuda; allowed here: cpu");
  EXPECT_EQ(ErrorWith("AOTI_PLATFORM", "win32"),
            "the package is made for platform win32; allowed here: linux");
  EXPECT_EQ(ErrorWith("AOTI_MACHINE", "aarch64"),
            "the package is made for machine aarch64; allowed here: x86_64");
  EXPECT_EQ(ErrorWith("AOTI_CPU_ISA", "AVX512 AVX512_VNNI"),
            "the package is made for a CPU with AVX512_VNNI; allowed here: AVX2, AVX512");
  AotiHost old = Host();
  old.isa = {};
  EXPECT_EQ(CheckMadeFor(Metadata(), old).message(),
            "the package is made for a CPU with AVX512; allowed here: none of these");
}

TEST(AotiHost, ThisOneIsKnown) {
  const AotiHost host = ThisHost("cuda:1");
  EXPECT_EQ(host.device, "cuda");
  EXPECT_EQ(host.platform, "linux");
  EXPECT_FALSE(host.machine.empty());
  EXPECT_TRUE(host.torch.starts_with("2.")) << host.torch;
  EXPECT_EQ(ThisHost("cpu").device, "cpu");
}

}  // namespace
}  // namespace normbench
