// SPDX-License-Identifier: Apache-2.0
#include "bench/report/visits.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/report/case_key.h"
#include "bench/report/expand.h"

namespace normbench {
namespace {

Case CaseOf(const char* key) {
  return {.key = key, .spec = *ParseCaseKey(key), .expect = {}};
}

TEST(VisitTo, SharesOutTheBudget) {
  Case c = CaseOf("service/rms?shape=1x8&arrivals=poisson:10");
  c.warmup_seconds = 0.5;
  c.seconds = 10;
  c.max_requests = 11;
  c.visits = 5;
  const Case first = VisitTo(c, 0), last = VisitTo(c, 4);
  EXPECT_EQ(first.seconds, 2);
  EXPECT_EQ(first.max_requests, 3);
  EXPECT_EQ(first.warmup_seconds, 0.5);
  EXPECT_EQ(first.key, c.key);
  EXPECT_EQ(first.arrivals_seed, c.arrivals_seed);
  EXPECT_NE(last.arrivals_seed, c.arrivals_seed);
  c.max_requests = 0;
  EXPECT_EQ(VisitTo(c, 0).max_requests, 0);  // any number
}

TEST(Expand, GivesVisitsToCasesThatCanBeShared) {
  v1::Sweep sweep = SweepOfKey("norm/rms?shape=1x8");
  sweep.mutable_cases(0)->add_key("service/rms?shape=1x8&arrivals=step:1,2");
  EXPECT_EQ(Expand(sweep)->at(0).visits, 1);
  sweep.set_visits(kMaxVisits);
  EXPECT_EQ(Expand(sweep)->at(0).visits, kMaxVisits);
  EXPECT_EQ(Expand(sweep)->at(1).visits, 1);
  for (const int bad : {-1, kMaxVisits + 1}) {
    sweep.set_visits(bad);
    EXPECT_EQ(Expand(sweep).status().message(),
              absl::StrCat("visits: ", bad, "; allowed: 1 .. 20"));
  }
}

TEST(CanBeShared, NotWhatTakesTheWholeWindow) {
  EXPECT_TRUE(CanBeShared(CaseOf("norm/rms?shape=1x8").spec));
  EXPECT_TRUE(CanBeShared(CaseOf("service/rms?shape=1x8").spec));
  EXPECT_TRUE(CanBeShared(CaseOf("service/rms?shape=1x8&arrivals=poisson:80%25").spec));
  EXPECT_TRUE(CanBeShared(CaseOf("service/rms?shape=1x8&arrivals=constant:5").spec));
  EXPECT_FALSE(CanBeShared(CaseOf("service/rms?shape=1x8&arrivals=step:1,2").spec));
  EXPECT_FALSE(CanBeShared(CaseOf("service/rms?shape=1x8&arrivals=trace:times.txt").spec));
  EXPECT_FALSE(CanBeShared(CaseOf("service/rms?shape=1x8&arrivals=spike:10x3@1%2B1").spec));
  EXPECT_FALSE(CanBeShared(CaseOf("invariance/rms?shape=1x8").spec));
  EXPECT_TRUE(CanBeShared(CaseOf("model/m?data=fmnist-wide").spec));
  EXPECT_FALSE(CanBeShared(CaseOf("model/m?data=fmnist-wide&arrivals=poisson:5").spec));
}

TEST(Keep, OnlyWhatIsNotTooMuch) {
  const KeptSeries kept = Keep(std::vector<double>(kMostKept, 1));
  EXPECT_EQ(kept.seconds.size(), kMostKept);
  EXPECT_TRUE(kept.counts.empty());
  const KeptSeries buckets = Keep(std::vector<double>(kMostKept + 1, 1));
  EXPECT_EQ(buckets.seconds.size(), 1);
  EXPECT_EQ(buckets.counts.front(), kMostKept + 1);
}

}  // namespace
}  // namespace normbench
