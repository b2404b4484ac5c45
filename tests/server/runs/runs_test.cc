// SPDX-License-Identifier: Apache-2.0
#include "server/runs/runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/protobuf/util/message_differencer.h"
#include "tests/server/runs/runs_fixture.h"

namespace normbench {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RunsTest : public RunsFixture {
 protected:
  RunsTest() { Open({}); }
  ~RunsTest() override { Release(); }

  void Open(RunsOptions options) {
    runs_.reset();
    options.file = path_;
    auto opened = Runs::Open(options, metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    runs_ = *std::move(opened);
  }

  v1::Run Submit(const v1::SubmitRequest& request) {
    const auto run = runs_->Submit(request);
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? *run : v1::Run();
  }

  v1::Run Get(const std::string& id) {
    v1::GetRequest request;
    request.set_run_id(id);
    const auto run = runs_->Get(request);
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? *run : v1::Run();
  }

  // The run when it has ended.
  v1::Run AwaitEnd(const std::string& id) {
    v1::WatchRequest request;
    request.set_run_id(id);
    const auto cursor = runs_->Watch(request);
    absl::Mutex mutex;
    int news = 1;
    const auto token = runs_->board().Subscribe(id, [&] {
      const absl::MutexLock lock(&mutex);
      ++news;
    });
    EXPECT_TRUE(token.ok());
    while (true) {
      {
        const absl::MutexLock lock(&mutex);
        const auto any = [&] { return news > 0; };
        mutex.Await(absl::Condition(&any));
        --news;
      }
      const auto step = cursor->Next();
      EXPECT_TRUE(step.ok()) << step.status();
      if (!step.ok() || step->ended) break;
      if (step->more) {
        const absl::MutexLock lock(&mutex);
        ++news;
      }
    }
    runs_->board().Unsubscribe(*token);
    return Get(id);
  }

  std::unique_ptr<Runs> runs_;
};

TEST_F(RunsTest, ExecutesWhatIsSubmittedAndKeepsIt) {
  v1::SubmitRequest request = RequestFor({kSmall});
  (*request.mutable_labels())["commit"] = "abc";
  const v1::Run queued = Submit(request);
  EXPECT_EQ(queued.state(), "queued");
  EXPECT_EQ(queued.position(), 0);
  EXPECT_EQ(queued.name(), "test");
  EXPECT_EQ(queued.cases(), 1);
  EXPECT_GT(queued.planned_seconds(), 0);
  EXPECT_THAT(queued.run_id(), SizeIs(36));
  EXPECT_FALSE(queued.has_report());
  runs_->Start(Host());
  const v1::Run run = AwaitEnd(queued.run_id());
  EXPECT_EQ(run.state(), "complete") << run.error();
  EXPECT_EQ(run.labels().at("commit"), "abc");
  EXPECT_EQ(run.report().cases(0).status(), "ok");
  EXPECT_FALSE(run.has_position());
  runs_->Stop();
  Open({});
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(Get(queued.run_id()).report(),
                                                                 run.report()));
}

TEST_F(RunsTest, WhatWaitsGoesOnAfterARestart) {
  const v1::Run queued = Submit(RequestFor({kSmall}));
  Open({});
  runs_->Start(Host());
  EXPECT_EQ(AwaitEnd(queued.run_id()).state(), "complete");
}

TEST_F(RunsTest, TheSameKeyIsTheSameRun) {
  v1::SubmitRequest request = RequestFor({kSmall});
  (*request.mutable_labels())["a"] = "1";
  (*request.mutable_labels())["b"] = "2";
  request.set_idempotency_key("build-7");
  const v1::Run first = Submit(request);
  EXPECT_EQ(Submit(request).run_id(), first.run_id());
  Open({});
  EXPECT_EQ(Submit(request).run_id(), first.run_id());
  request.set_filter("rms");
  const auto other = runs_->Submit(request);
  EXPECT_EQ(other.status().code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(other.status().message()), HasSubstr(first.run_id()));
  request.clear_idempotency_key();
  EXPECT_NE(Submit(request).run_id(), Submit(request).run_id());
}

TEST_F(RunsTest, TheQueueIsBounded) {
  Open({.file = "", .limits = {.max_queued = 2}});
  EXPECT_EQ(Submit(RequestFor({kSmall})).position(), 0);
  EXPECT_EQ(Submit(RequestFor({kSmall})).position(), 1);
  const auto third = runs_->Submit(RequestFor({kSmall}));
  EXPECT_EQ(third.status().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(third.status().message()), HasSubstr("runs: 2 wait already"));
}

TEST_F(RunsTest, WhatIsWrongIsNotQueued) {
  EXPECT_EQ(runs_->Submit({}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(runs_->List({})->runs_size(), 0);
}

TEST_F(RunsTest, ListsPages) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(Submit(RequestFor({kSmall})).run_id());
  v1::ListRequest request;
  request.set_page_size(2);
  auto page = runs_->List(request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->runs_size(), 2);
  EXPECT_EQ(page->runs(0).run_id(), ids[2]);
  EXPECT_EQ(page->runs(0).position(), 2);
  request.set_page_token(page->next_page_token());
  page = runs_->List(request);
  ASSERT_EQ(page->runs_size(), 1);
  EXPECT_EQ(page->runs(0).run_id(), ids[0]);
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_F(RunsTest, ListsWhatFits) {
  v1::SubmitRequest labelled = RequestFor({kSmall});
  (*labelled.mutable_labels())["commit"] = "abc";
  const std::string id = Submit(labelled).run_id();
  Submit(RequestFor({kSmall}));
  v1::ListRequest request;
  (*request.mutable_labels())["commit"] = "abc";
  request.set_state("queued");
  request.set_name("test");
  request.set_submitted_after("2020-01-01T00:00:00Z");
  ASSERT_EQ(runs_->List(request)->runs_size(), 1);
  EXPECT_EQ(runs_->List(request)->runs(0).run_id(), id);
  request.set_submitted_before("2020-01-02T00:00:00Z");
  EXPECT_EQ(runs_->List(request)->runs_size(), 0);
}

TEST_F(RunsTest, SaysWhatIsWrongWithAList) {
  const auto refusal = [this](const auto& edit) {
    v1::ListRequest request;
    edit(request);
    const auto page = runs_->List(request);
    EXPECT_EQ(page.status().code(), StatusCode::kInvalidArgument);
    return std::string(page.status().message());
  };
  EXPECT_THAT(refusal([](auto& r) { r.set_page_size(1001); }),
              HasSubstr("page_size: 1001; allowed: 1 to 1000"));
  EXPECT_THAT(refusal([](auto& r) { r.set_page_size(-1); }), HasSubstr("page_size: -1"));
  EXPECT_THAT(refusal([](auto& r) { r.set_page_token("x"); }), HasSubstr("page_token"));
  EXPECT_THAT(refusal([](auto& r) { r.set_state("done"); }),
              HasSubstr("state: 'done'; allowed: queued, running"));
  EXPECT_THAT(refusal([](auto& r) {
                for (int i = 0; i < 17; ++i) (*r.mutable_labels())[std::to_string(i)] = "x";
              }),
              HasSubstr("labels: 17; allowed: at most 16"));
  EXPECT_THAT(refusal([](auto& r) { r.set_submitted_after("x"); }),
              HasSubstr("submitted_after: 'x'"));
  EXPECT_THAT(refusal([](auto& r) { r.set_submitted_before("x"); }),
              HasSubstr("submitted_before: 'x'"));
}

TEST_F(RunsTest, CancelsAndDeletes) {
  const std::string id = Submit(RequestFor({kSmall})).run_id();
  v1::DeleteRequest remove;
  remove.set_run_id(id);
  EXPECT_EQ(runs_->Delete(remove).status().code(), StatusCode::kFailedPrecondition);
  v1::CancelRequest cancel;
  cancel.set_run_id(id);
  EXPECT_EQ(runs_->Cancel(cancel)->state(), "cancelled");
  EXPECT_EQ(runs_->Cancel(cancel)->state(), "cancelled");
  EXPECT_TRUE(runs_->Delete(remove).ok());
  EXPECT_EQ(runs_->Delete(remove).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(runs_->Cancel(cancel).status().code(), StatusCode::kNotFound);
}

TEST_F(RunsTest, KeepsSoManyThatHaveEnded) {
  Open({.file = "", .keep = 2});
  runs_->Start(Host());
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(Submit(RequestFor({kSmall})).run_id());
    AwaitEnd(ids.back());
  }
  runs_->Stop();
  const auto left = runs_->List({});
  ASSERT_EQ(left->runs_size(), 2);
  EXPECT_EQ(left->runs(0).run_id(), ids[3]);
  Open({.file = "", .days = 1e-9});
  EXPECT_EQ(runs_->List({})->runs_size(), 0) << "they are older than that";
}

// An idle server looks at the clock, too: `looks` counts that.
TEST_F(RunsTest, RetiresByAgeWhileNothingRuns) {
  absl::Mutex mutex;
  int looks = 0;
  absl::Duration later;
  const auto now = [&] {
    const absl::MutexLock lock(&mutex);
    ++looks;
    return absl::Now() + later;
  };
  Open({.file = "", .days = 1, .retire_every = absl::Milliseconds(1), .now = now});
  runs_->Start(Host());
  AwaitEnd(Submit(RequestFor({kSmall})).run_id());
  // The look under way may be an early one; when the second has begun, one since then is over.
  const auto look_twice = [&](absl::Duration from_now) {
    const absl::MutexLock lock(&mutex);
    later = from_now;
    looks = 0;
    const auto twice = [&] { return looks >= 2; };
    EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&twice), absl::Minutes(1)));
  };
  look_twice(absl::Hours(23));
  EXPECT_EQ(runs_->List({})->runs_size(), 1);
  look_twice(absl::Hours(25));
  EXPECT_EQ(runs_->List({})->runs_size(), 0);
  runs_.reset();
}

TEST_F(RunsTest, ARunThatIsUnderWayShowsNoReport) {
  HoldCases();
  runs_->Start(Host());
  const std::string id = Submit(RequestFor({kSmall})).run_id();
  entered_.WaitForNotification();
  const v1::Run run = Get(id);
  EXPECT_EQ(run.state(), "running");
  EXPECT_FALSE(run.has_report());
  EXPECT_EQ(Submit(RequestFor({kSmall})).position(), 1);
  Release();
  EXPECT_EQ(AwaitEnd(id).state(), "complete");
}

TEST_F(RunsTest, StopTellsTheWatchers) {
  const std::string id = Submit(RequestFor({kSmall})).run_id();
  v1::WatchRequest request;
  request.set_run_id(id);
  const auto cursor = runs_->Watch(request);
  EXPECT_TRUE(cursor->Next().ok());
  runs_->Stop();
  EXPECT_EQ(cursor->Next().status().code(), StatusCode::kUnavailable);
}

TEST_F(RunsTest, ASecondServerIsRefused) {
  const auto second = Runs::Open({.file = path_}, metrics_);
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another server has"));
}

}  // namespace
}  // namespace normbench
