// SPDX-License-Identifier: Apache-2.0
#include "bench/run/model_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "bench/report/case_key.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

// Five images whose larger element is the prediction: 1 0 1 0 0.
class ModelCaseTest : public ::testing::Test {
 protected:
  Case MakeCase(int request_batch, const std::string& model = "toy") {
    v1::ModelCase model_case;
    model_case.set_model(model);
    model_case.set_data(data_);
    model_case.set_labels(labels_);
    model_case.set_request_batch(request_batch);
    model_case.set_in_flight(2);
    Case c{
        .key = "", .spec = Canonical(model_case), .warmup_seconds = 0, .seconds = 0, .expect = {}};
    c.key = CaseKey(c.spec);
    return c;
  }

  const std::string data_ =
      WriteNpy("model_case_x.npy", "<f4", "(5, 2)", BytesOf<float>({0, 1, 1, 0, 0, 1, 1, 0, 1, 0}));
  const std::string labels_ =
      WriteNpy("model_case_y.npy", "<i8", "(5,)", BytesOf<int64_t>({1, 0, 1, 1, 0}));
  FakeServer server_;
  Session session_ = server_.session();
};

TEST_F(ModelCaseTest, CountsEveryImageOnceAndRightOnesAgainstLabels) {
  ModelCases models(session_);
  const CaseRun run = models.Run(MakeCase(1));
  EXPECT_EQ(run.result.status(), "ok") << run.result.error();
  EXPECT_EQ(run.result.model_accuracy().images(), 5);
  EXPECT_DOUBLE_EQ(run.result.model_accuracy().top1(), 0.8);
  EXPECT_EQ(run.result.model_accuracy().flips(), 0);
  EXPECT_EQ(run.result.model().parameters().at("norm"), "GN");
}

TEST_F(ModelCaseTest, ListsWhichImagesAreWrongWhereThatIsWanted) {
  ModelCases silent(session_);
  EXPECT_EQ(silent.Run(MakeCase(1)).result.model_accuracy().wrong_size(), 0);
  session_.list_wrong = true;
  ModelCases models(session_);
  EXPECT_THAT(models.Run(MakeCase(1)).result.model_accuracy().wrong(), ::testing::ElementsAre(3));
}

TEST_F(ModelCaseTest, AnOpenLoopOverAllImagesIsRightAsOftenAsAClosedOne) {
  ModelCases models(session_);
  Case c = MakeCase(1);
  std::get<v1::ModelCase>(c.spec).mutable_load()->set_arrivals("constant:100");
  c.seconds = 0.1;
  const CaseRun run = models.Run(c);
  EXPECT_EQ(run.result.status(), "ok") << run.result.error();
  EXPECT_EQ(run.result.requests(), 10);
  EXPECT_DOUBLE_EQ(run.result.model_accuracy().top1(), 0.8);
  c.seconds = 0.03;
  EXPECT_FALSE(models.Run(c).result.model_accuracy().has_top1()) << "three of five images";
}

TEST_F(ModelCaseTest, MakesBatch1AnswersOnceWhereNoCaseLeftThem) {
  ModelCases models(session_);
  EXPECT_EQ(models.Run(MakeCase(2)).result.model_accuracy().flips(), 0);
  EXPECT_GE(server_.inference.single, 5 + 1) << "five of the pass, one ragged";
  const int single = server_.inference.single;
  const CaseRun run = models.Run(MakeCase(5));
  EXPECT_EQ(run.result.model_accuracy().flips(), 0);
  EXPECT_EQ(server_.inference.single, single);
}

// The requests at batch 1 are not those of the case: its metrics must not have them.
TEST_F(ModelCaseTest, TheBaselineIsNotObserved) {
  std::set<int> sizes;
  session_.observe = [&sizes](const LoopProgress& loop) {
    for (const Sample& sample : loop.recorder->samples()) sizes.insert(sample.samples);
  };
  ModelCases models(session_);
  EXPECT_EQ(models.Run(MakeCase(5)).result.status(), "ok");
  EXPECT_THAT(sizes, ::testing::ElementsAre(5));
}

TEST_F(ModelCaseTest, FindsAnswersThatDependOnTheBatch) {
  server_.inference.batch_matters = true;
  ModelCases models(session_);
  ASSERT_EQ(models.Run(MakeCase(1)).result.model_accuracy().flips(), 0);
  const CaseRun run = models.Run(MakeCase(2));
  EXPECT_EQ(run.result.model_accuracy().flips(), 2) << "images 0 and 2; the last is alone";
  EXPECT_EQ(run.result.model_accuracy().flips_beyond_tolerance(), 2);
  EXPECT_DOUBLE_EQ(run.result.model_accuracy().top1(), 0.4);
}

// Each image is asked for alone beforehand, five and the first call: what comes then is joined.
TEST_F(ModelCaseTest, ComparesAnswersInBatchesOfTheServerWithThoseAlone) {
  server_.inference.says_formed = true;
  server_.inference.batch_matters = true;
  server_.inference.joins_after = 6;
  ModelCases models(session_);
  const CaseRun run = models.Run(MakeCase(1));
  const v1::BatchingAccuracy& batching = run.result.batching();
  EXPECT_EQ(batching.baseline(), "alone");
  ASSERT_EQ(batching.formed_size(), 1);
  EXPECT_EQ(batching.formed(0).formed_batch(), 5);
  EXPECT_EQ(batching.formed(0).answers(), run.result.requests());
  EXPECT_EQ(batching.formed(0).compared(), run.result.requests());
  EXPECT_EQ(batching.formed(0).equal_share(), 0);
  EXPECT_EQ(batching.formed(0).flips(), run.result.requests()) << "the logits were swapped";
  EXPECT_EQ(batching.formed(0).max_abs_difference(), 1);
  EXPECT_EQ(run.result.model_accuracy().flips(), 5);
}

TEST_F(ModelCaseTest, ComparesWithAnswersOneAtATimeWhereTheServerDoesNotSayWhatItJoined) {
  ModelCases models(session_);
  const v1::BatchingAccuracy batching = models.Run(MakeCase(1)).result.batching();
  EXPECT_EQ(batching.baseline(), "one_at_a_time");
  ASSERT_EQ(batching.formed_size(), 1);
  EXPECT_EQ(batching.formed(0).formed_batch(), 0);
  EXPECT_EQ(batching.formed(0).equal_share(), 1);
}

TEST_F(ModelCaseTest, ComparesNothingWhereNoAnswerWasAlone) {
  server_.inference.says_formed = true;
  server_.inference.joins_after = 0;
  ModelCases models(session_);
  const CaseRun run = models.Run(MakeCase(1));
  EXPECT_EQ(run.result.batching().baseline(), "");
  EXPECT_EQ(run.result.batching().formed(0).answers(), run.result.requests());
  EXPECT_EQ(run.result.batching().formed(0).compared(), 0);
  EXPECT_FALSE(run.result.model_accuracy().has_flips());
}

TEST_F(ModelCaseTest, ACaseOfOneRequestAtATimeIsItsOwnBaselineAndAsksNothing) {
  server_.inference.says_formed = true;
  ModelCases models(session_);
  Case c = MakeCase(1);
  std::get<v1::ModelCase>(c.spec).set_in_flight(1);
  const CaseRun run = models.Run(c);
  EXPECT_EQ(server_.inference.calls, 1 + run.result.requests()) << "the first call, no other pass";
  EXPECT_EQ(run.result.batching().baseline(), "one_at_a_time");
  EXPECT_EQ(run.result.batching().formed(0).formed_batch(), 0);
  EXPECT_EQ(run.result.batching().formed(0).equal_share(), 1);
}

TEST_F(ModelCaseTest, WhereRequestsMayBeJoinedTheServerIsAskedOnceAboutThoseAlone) {
  server_.inference.says_formed = true;
  ModelCases models(session_);
  Case c = MakeCase(1);
  std::get<v1::ModelCase>(c.spec).set_in_flight(1);
  models.Run(c);
  for (const int passes : {1, 0}) {
    const int calls = server_.inference.calls;
    const CaseRun run = models.Run(MakeCase(1));
    EXPECT_EQ(run.result.batching().baseline(), "alone");
    EXPECT_EQ(run.result.batching().formed(0).formed_batch(), 1);
    EXPECT_EQ(server_.inference.calls, calls + passes * 6 + 1 + run.result.requests());
  }
}

TEST_F(ModelCaseTest, TheRaggedBatchCountsForAccuracyAndThroughput) {
  ModelCases models(session_);
  const CaseRun run = models.Run(MakeCase(4));
  EXPECT_EQ(run.result.model_accuracy().images(), 5);
  EXPECT_GT(run.result.latency_ok().n(), 0);
  EXPECT_LT(run.result.latency_ok().n(), run.result.requests()) << "4 and 1 in turn";
}

TEST_F(ModelCaseTest, WorksWithoutConfigurationAndLabels) {
  server_.inference.has_config = false;
  ModelCases models(session_);
  Case c = MakeCase(2);
  std::get<v1::ModelCase>(c.spec).clear_labels();
  const CaseRun run = models.Run(c);
  EXPECT_EQ(run.result.status(), "ok") << run.result.error();
  EXPECT_FALSE(run.result.model_accuracy().has_top1());
  EXPECT_EQ(run.result.model_accuracy().flips(), 0);
}

TEST_F(ModelCaseTest, FailsWithTheReason) {
  ModelCases models(session_);
  const auto unknown = models.Run(MakeCase(1, "nobody")).result;
  EXPECT_EQ(unknown.error_code(), "NOT_FOUND");
  EXPECT_THAT(unknown.error(), HasSubstr("model 'nobody' is not here"));
  const auto large = models.Run(MakeCase(17)).result;
  EXPECT_EQ(large.error_code(), "INVALID_ARGUMENT");
  EXPECT_THAT(large.error(), HasSubstr("request_batch: 17; allowed: 1 .. 16 for model 'toy'"));
  Case c = MakeCase(1);
  std::get<v1::ModelCase>(c.spec).set_data(
      WriteNpy("model_case_wide.npy", "<f4", "(1, 3)", BytesOf<float>({1, 2, 3})));
  std::get<v1::ModelCase>(c.spec).clear_labels();
  EXPECT_THAT(models.Run(c).result.error(),
              HasSubstr("input 'x' takes 1x2 for each image; the data has 3"));
}

TEST_F(ModelCaseTest, CutsTheData) {
  ModelCases models(session_);
  Case c = MakeCase(1);
  std::get<v1::ModelCase>(c.spec).set_images(2);
  EXPECT_EQ(models.Run(c).result.model_accuracy().images(), 2);
  std::get<v1::ModelCase>(c.spec).set_images(6);
  EXPECT_THAT(models.Run(c).result.error(), HasSubstr("images: 6; allowed: 1 .. 5"));
}

TEST_F(ModelCaseTest, AServerThatDiesMidRunLeavesWhatWasMeasured) {
  std::thread killer([&] {
    while (server_.inference.calls < 100) std::this_thread::yield();
    server_.Stop();
  });
  ModelCases models(session_);
  Case c = MakeCase(1);
  c.seconds = 60;
  const CaseRun run = models.Run(c);
  killer.join();
  EXPECT_TRUE(run.lost);
  EXPECT_EQ(run.result.status(), "failed");
  EXPECT_EQ(run.result.error_code(), "UNAVAILABLE");
  EXPECT_GT(run.result.requests(), 10);
  EXPECT_DOUBLE_EQ(run.result.model_accuracy().top1(), 0.8) << "of the passes before";
}

TEST_F(ModelCaseTest, SaysWhenTheServerIsGone) {
  server_.Stop();
  ModelCases models(session_);
  EXPECT_TRUE(models.Run(MakeCase(1)).lost);
}

}  // namespace
}  // namespace normbench
