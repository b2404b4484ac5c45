// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/run_case.h"

#include <gmock/gmock.h>

#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class Missing final : public Contender {
 public:
  explicit Missing(absl::Status status) : status_(std::move(status)) {}
  std::string name() const override { return "missing"; }
  absl::StatusOr<std::unique_ptr<BoundContender>> Bind(const BenchCase&, const CaseMemory&,
                                                       int) override {
    return status_;
  }

 private:
  const absl::Status status_;
};

Contenders Three(float factor_of_native = 1) {
  Contenders contenders;
  contenders.push_back(std::make_unique<FakeContender>("torch"));
  contenders.push_back(std::make_unique<FakeContender>("native", factor_of_native));
  contenders.push_back(std::make_unique<FakeContender>("copy", 1.0f, /*normalizes=*/false));
  return contenders;
}

RunOptions Quick() {
  RunOptions options;
  options.rounds.rounds = 6;
  options.rounds.seconds = 1e-4;
  return options;
}

TEST(RunCase, VerifiesTimesAndCompares) {
  const BenchCase one = MakeCase(Method::kGroup, "1x4x2x2", 2);
  const auto results = RunCase(one, Three(), Quick());
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->size(), 2u);
  EXPECT_EQ((*results)[1].threads, 2);
  const auto& rows = (*results)[1].contenders;
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(rows[1].verification->right());
  EXPECT_GT(rows[1].times->samples, 0);
  EXPECT_NEAR(rows[1].gigabytes_per_s, 128 / rows[1].times->p50 / 1e9, 1e-9);
  EXPECT_NEAR(*rows[1].part_of_copy, rows[1].gigabytes_per_s / rows[2].gigabytes_per_s, 1e-9);
  EXPECT_EQ(rows[1].over_torch->pairs, 6);
  EXPECT_FALSE(rows[0].over_torch || rows[2].over_torch || rows[2].verification);
  EXPECT_THAT(rows[1].key, HasSubstr("impl=native"));
  EXPECT_THAT(rows[1].key, HasSubstr("threads=2"));
}

TEST(RunCase, AWrongAnswerIsAResult) {
  const auto results = RunCase(MakeCase(Method::kGroup, "1x4x2x2", 2), Three(1.001f), Quick());
  ASSERT_TRUE(results.ok());
  EXPECT_FALSE((*results)[0].contenders[1].verification->right());
}

TEST(RunCase, CanVerifyOnlyAndTimeOnly) {
  const BenchCase one = MakeCase(Method::kGroup, "1x4x2x2", 2);
  RunOptions options = Quick();
  options.time = false;
  const auto verified = RunCase(one, Three(), options);
  EXPECT_FALSE((*verified)[0].contenders[1].times);
  EXPECT_TRUE((*verified)[0].contenders[1].verification);
  options.time = true;
  options.verify = false;
  const auto timed = RunCase(one, Three(), options);
  EXPECT_TRUE((*timed)[0].contenders[1].times);
  EXPECT_FALSE((*timed)[0].contenders[1].verification);
}

TEST(RunCase, WhatIsNotOfferedIsToldAndOtherErrorsEndIt) {
  const BenchCase one = MakeCase(Method::kGroup, "1x4x2x2", 2);
  Contenders contenders = Three();
  contenders.push_back(std::make_unique<Missing>(absl::UnimplementedError("not that")));
  const auto results = RunCase(one, contenders, Quick());
  ASSERT_TRUE(results.ok());
  EXPECT_EQ((*results)[0].contenders[3].not_offered, "not that");
  EXPECT_FALSE((*results)[0].contenders[3].times);
  contenders.push_back(std::make_unique<Missing>(absl::InternalError("gone")));
  EXPECT_EQ(RunCase(one, contenders, Quick()).status().message(), "missing: gone");
}

}  // namespace
}  // namespace normbench
