// SPDX-License-Identifier: Apache-2.0
#include "bench/run/baseline.h"

#include <gtest/gtest.h>

#include <span>
#include <vector>

namespace normbench {
namespace {

using Logits = std::vector<float>;

void Add(OutputLedger* ledger, int64_t input, const Logits& logits, int formed_batch) {
  ledger->Add(input, std::as_bytes(std::span(logits)), formed_batch);
}

v1::ModelCase ModelCase(int request_batch, int in_flight) {
  v1::ModelCase model_case;
  model_case.set_model("m");
  model_case.set_request_batch(request_batch);
  model_case.set_in_flight(in_flight);
  return model_case;
}

TEST(AsksAlone, OneImageAtATimeInAClosedLoop) {
  EXPECT_TRUE(AsksAlone(ModelCase(1, 1)));
  EXPECT_FALSE(AsksAlone(ModelCase(1, 2)));
  EXPECT_FALSE(AsksAlone(ModelCase(2, 1)));
  v1::ModelCase open = ModelCase(1, 1);
  open.mutable_load()->set_arrivals("poisson:9");
  EXPECT_FALSE(MayBeJoined(open));
  EXPECT_FALSE(AsksAlone(open)) << "of a schedule not every image need be sent";
  open.set_in_flight(64);
  EXPECT_TRUE(MayBeJoined(open));
  EXPECT_TRUE(AsksAlone(AloneCase(open)));
  EXPECT_TRUE(AsksAlone(AloneCase(ModelCase(8, 16))));
  EXPECT_EQ(AloneCase(open).model(), "m");
}

TEST(BaselineFrom, TakesTheAnswersThatWereAlone) {
  OutputLedger ledger(2, 1000);
  Add(&ledger, 0, {5, 6}, 3);  // beside what somebody else sent
  Add(&ledger, 0, {1, 2}, 1);
  Add(&ledger, 1, {3, 4}, 1);
  const Baseline baseline = BaselineFrom(ledger);
  EXPECT_EQ(baseline.logits, (Logits{1, 2, 3, 4}));
  EXPECT_EQ(baseline.how, "alone");
}

TEST(BaselineFrom, SaysWhereTheServerDoesNot) {
  OutputLedger ledger(2, 1000);
  Add(&ledger, 0, {1, 2}, 1);
  Add(&ledger, 1, {3, 4}, 0);
  const Baseline baseline = BaselineFrom(ledger);
  EXPECT_EQ(baseline.logits, (Logits{1, 2, 3, 4}));
  EXPECT_EQ(baseline.how, "one_at_a_time");
}

TEST(BaselineFrom, IsNothingWhereAnImageWasNotAnsweredAlone) {
  for (const int formed_batch : {2, -1}) {  // joined; not answered at all
    OutputLedger ledger(2, 1000);
    Add(&ledger, 0, {1, 2}, 1);
    if (formed_batch > 0) Add(&ledger, 1, {3, 4}, formed_batch);
    const Baseline baseline = BaselineFrom(ledger);
    EXPECT_TRUE(baseline.logits.empty());
    EXPECT_EQ(baseline.how, "");
  }
  OutputLedger bytes(1, 1000);
  bytes.Add(0, std::as_bytes(std::span("abc", 3)), 1);
  EXPECT_TRUE(BaselineFrom(bytes).logits.empty()) << "no floats";
}

}  // namespace
}  // namespace normbench
