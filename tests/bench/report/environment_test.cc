// SPDX-License-Identifier: Apache-2.0
#include "bench/report/environment.h"

#include "bench/report/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::MatchesRegex;

TEST(MakeEnvironment, CopiesFactsAndAddsVersions) {
  HostFacts host;
  host.host = "box-1";
  host.cpus = 3;
  host.isa = "AVX2";
  const v1::Environment environment = MakeEnvironment(host, {{"grpc", "1.51.1"}}, "glibc x=1");
  EXPECT_EQ(environment.host(), "box-1");
  EXPECT_EQ(environment.cpus(), 3);
  EXPECT_EQ(environment.isa(), "AVX2");
  EXPECT_EQ(environment.allocator(), "glibc x=1");
  EXPECT_EQ(environment.libraries().at("grpc"), "1.51.1");
  EXPECT_THAT(environment.libraries().at("protobuf"), MatchesRegex("3\\.[0-9]+\\.[0-9]+"));
  EXPECT_EQ(environment.normbench_version(), std::string(Version()));
}

TEST(Version, IsThatOfTheProject) {
  EXPECT_EQ(Version(), NORMBENCH_VERSION);
}

TEST(GitSha, IsACommitOrUnknown) {
  EXPECT_THAT(std::string(GitSha()), MatchesRegex("unknown|[0-9a-f]{12,40}(-dirty)?"));
}

}  // namespace
}  // namespace normbench
