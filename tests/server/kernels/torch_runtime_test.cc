// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_runtime.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace normbench {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST(OpenTorchDevice, OpensTheCpu) {
  EXPECT_EQ(OpenTorchDevice("cpu").value(), "cpu");
}

TEST(OpenTorchDevice, FindsSomeDeviceForAuto) {
  const std::string device = OpenTorchDevice("auto").value();
  EXPECT_THAT(TorchDevices(), Contains(device));
}

TEST(OpenTorchDevice, RefusesWhatIsNotADevice) {
  EXPECT_EQ(OpenTorchDevice("gpu").status(),
            absl::InvalidArgumentError("device: 'gpu'; allowed: cpu, cuda, cuda:0 .. cuda:63"));
}

// No machine has 64 devices; most have none at all.
TEST(OpenTorchDevice, SaysInOneSentenceThatADeviceIsMissing) {
  const absl::Status status = OpenTorchDevice("cuda:63").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  const std::string message(status.message());
  EXPECT_THAT(message, StartsWith("device: cuda:63 is not here"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(TorchDevices, AlwaysHasTheCpuFirst) {
  EXPECT_EQ(TorchDevices().front(), "cpu");
}

TEST(SetTorchThreads, IsForTheCallingThreadAndCanBeCalledAgain) {
  SetTorchThreads(1);
  int of_worker = 0;
  std::thread worker([&of_worker] {
    SetTorchThreads(2);
    of_worker = at::get_num_threads();
  });
  worker.join();
  EXPECT_EQ(of_worker, 2);
  EXPECT_EQ(at::get_num_threads(), 1);
  SetTorchThreads(3);
  EXPECT_EQ(at::get_num_threads(), 3);
  SetTorchThreads(1);
}

TEST(TorchFacts, AreThoseOfThisLibrary) {
  EXPECT_THAT(TorchVersion(), MatchesRegex("2\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(TorchCpuCapability(), AnyOf("DEFAULT", "AVX2", "AVX512", "NO AVX", "SVE256"));
}

}  // namespace
}  // namespace normbench
