// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/environment_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kUsual[] = R"(
    server { host: "one" cpu_model: "x" cpus: 2 isa: "AVX2" os: "6.1" compiler: "GCC 14"
             allocator: "glibc" workers: 2 threads_per_worker: 1 git_sha: "a" memory_bytes: 8
             libraries { key: "torch" value: "2.5" } libraries { key: "grpc" value: "1.51" } }
    client { host: "one" cpu_model: "y" cpus: 4 os: "6.1" }
    conditions { co_located: true load_average: 0.5 })";

// The usual report with `other` in its place where it says something.
v1::Report With(const std::string& other) {
  auto report = Parse<v1::Report>(kUsual);
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(other, &report)) << other;
  return report;
}

struct Row {
  const char* other;
  const char* difference;
};

TEST(DifferencesOf, NamesEachFieldThatTimesDependOn) {
  const Row rows[] = {
      {"server { cpu_model: 'z' }", "cpu model x | z"},
      {"server { cpus: 4 }", "cpus 2 | 4"},
      {"server { cpus: 0 }", "cpus 2 | unknown"},
      {"server { isa: 'AVX512' }", "isa AVX2 | AVX512"},
      {"server { os: '6.8' }", "os 6.1 | 6.8"},
      {"server { compiler: 'Clang 19' }", "compiler GCC 14 | Clang 19"},
      {"server { allocator: '' }", "allocator glibc | unknown"},
      {"server { workers: 1 }", "workers 2 | 1"},
      {"server { threads_per_worker: 2 }", "threads per worker 1 | 2"},
      {"server { libraries { key: 'torch' value: '2.6' } }", "torch 2.5 | 2.6"},
      {"server { libraries { key: 'grpc' value: '1.60' } }", "grpc 1.51 | 1.60"},
      {"conditions { co_located: false }", "co-located yes | no"},
      {"conditions { transport: 'in-process' }", "transport connection | in-process"},
      {"client { cpu_model: 'z' }", "client's cpu model y | z"},
      {"client { cpus: 2 }", "client's cpus 4 | 2"},
  };
  const v1::Report usual = With("");
  EXPECT_THAT(DifferencesOf(usual, usual, true), IsEmpty());
  for (const Row& row : rows) {
    EXPECT_THAT(DifferencesOf(usual, With(row.other), true), ElementsAre(row.difference));
  }
}

TEST(DifferencesOf, LeavesOutWhatIsComparedAndWhatTimesDoNotDependOn) {
  const v1::Report usual = With("");
  EXPECT_THAT(DifferencesOf(usual,
                            With("conditions { load_average: 3 } server { host: 'two' "
                                 "git_sha: 'b' memory_bytes: 9 } client { host: 'two' os: '6.8' }"),
                            true),
              IsEmpty());
}

TEST(DifferencesOf, AClientOfWhichNoTimesAreMayBeAnother) {
  const v1::Report other = With("client { cpu_model: 'z' cpus: 64 }");
  EXPECT_THAT(DifferencesOf(With(""), other, false), IsEmpty());
}

TEST(DifferencesOf, RunsOfTheServersOwnHaveNoClient) {
  const std::string own = "conditions { transport: 'in-process' co_located: ";
  EXPECT_THAT(DifferencesOf(With(own + "true }"),
                            With(own + "false } client { cpu_model: 'z' cpus: 64 }"), true),
              IsEmpty());
}

}  // namespace
}  // namespace normbench
