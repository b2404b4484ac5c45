// SPDX-License-Identifier: Apache-2.0
#include "server/history/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace normbench {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
    Reopen();
  }

  void Reopen() {
    history_.reset();
    auto opened = History::Open(path_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    history_ = *std::move(opened);
  }

  static v1::Run Queued(const std::string& id, const std::string& submitted = kNoon) {
    v1::Run run;
    run.set_run_id(id);
    run.set_state("queued");
    run.set_name("smoke");
    run.set_submitted(submitted);
    return run;
  }

  void Insert(const v1::Run& run, const std::string& key = "") {
    v1::SubmitRequest request;
    request.set_filter("of " + run.run_id());
    request.set_idempotency_key(key);
    const absl::Status status = history_->Insert(request, run);
    EXPECT_TRUE(status.ok()) << status;
  }

  // Inserts a run and ends it at once.
  void InsertEnded(const std::string& id, const std::string& ended = kNoon) {
    v1::Run run = Queued(id);
    Insert(run);
    run.set_state("complete");
    run.set_ended(ended);
    EXPECT_TRUE(history_->Finish(run, nullptr).ok());
  }

  std::vector<std::string> Listed(const RunQuery& query) {
    std::vector<std::string> ids;
    const auto page = history_->List(query);
    EXPECT_TRUE(page.ok()) << page.status();
    for (const v1::Run& run : page->runs) ids.push_back(run.run_id());
    return ids;
  }

  void AppendResult(const v1::Run& run, int index, const std::string& key) {
    v1::RunEvent event;
    event.mutable_case_result()->set_key(key);
    event.mutable_case_result()->set_status("ok");
    EXPECT_TRUE(history_->Append(run, index, &event).ok());
  }

  // A run that has ended, with a row in every table.
  void InsertFull(const std::string& id) {
    v1::Run run = Queued(id);
    (*run.mutable_labels())["commit"] = "abc";
    Insert(run);
    AppendResult(run, 0, "one");
    run.set_state("complete");
    run.set_ended(kNoon);
    EXPECT_TRUE(history_->Finish(run, nullptr).ok());
    EXPECT_TRUE(history_->KeepReport(id, {}).ok());
  }

  // Of the file itself: labels, events, reports.
  std::vector<int64_t> RowsOfRuns() {
    history_.reset();
    std::vector<int64_t> counts;
    {
      const auto database = *Database::Open(path_);
      for (const char* table : {"labels", "events", "reports"}) {
        const auto rows = database->Select(std::string("SELECT count(*) FROM ") + table);
        counts.push_back(Int((*rows)[0][0]));
      }
    }
    Reopen();
    return counts;
  }

  static constexpr char kNoon[] = "2026-01-31T12:00:00.000Z";

  const std::string path_ = ::testing::TempDir() + "history.db";
  std::unique_ptr<History> history_;
};

TEST_F(HistoryTest, KeepsARunAcrossARestart) {
  v1::Run run = Queued("a");
  (*run.mutable_labels())["commit"] = "abc";
  Insert(run, "key 1");
  Reopen();
  const auto got = history_->Get("a", false);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->state(), "queued");
  EXPECT_EQ(got->labels().at("commit"), "abc");
  EXPECT_EQ(history_->RequestOf("a")->filter(), "of a");
  const auto keyed = history_->FindKey("key 1");
  ASSERT_TRUE(keyed.ok() && keyed->has_value());
  EXPECT_EQ((*keyed)->run_id, "a");
  EXPECT_EQ((*keyed)->request.filter(), "of a");
  EXPECT_FALSE(history_->FindKey("key 2")->has_value());
}

TEST_F(HistoryTest, IdsAndKeysAreUnique) {
  Insert(Queued("a"), "key");
  v1::SubmitRequest request;
  EXPECT_EQ(history_->Insert(request, Queued("a")).code(), StatusCode::kAlreadyExists);
  request.set_idempotency_key("key");
  EXPECT_EQ(history_->Insert(request, Queued("b")).code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(Listed({}), ElementsAre("a"));
}

TEST_F(HistoryTest, QueuedRunsKeepTheirOrder) {
  for (const char* id : {"c", "a", "b"}) Insert(Queued(id));
  v1::Run started = Queued("a");
  started.set_state("running");
  ASSERT_TRUE(history_->Update(started).ok());
  EXPECT_THAT(*history_->IdsOf("queued"), ElementsAre("c", "b"));
  EXPECT_THAT(*history_->IdsOf("running"), ElementsAre("a"));
}

TEST_F(HistoryTest, EventsAreNumberedAndReadFromAnyOfThem) {
  v1::Run run = Queued("a");
  Insert(run);
  run.set_state("running");
  for (const char* key : {"one", "two", "three"}) {
    v1::RunEvent event;
    event.mutable_case_started()->set_key(key);
    ASSERT_TRUE(history_->Append(run, std::nullopt, &event).ok());
  }
  Reopen();
  const auto page = history_->Events("a", 1, 1);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->state, "running");
  ASSERT_EQ(page->events.size(), 1u);
  EXPECT_EQ(page->events[0].sequence(), 2);
  EXPECT_EQ(page->events[0].case_started().key(), "two");
  EXPECT_THAT(history_->Events("a", 3, 10)->events, IsEmpty());
}

TEST_F(HistoryTest, AReportHasTheResultsSoFarInTheOrderOfItsCases) {
  v1::Run run = Queued("a");
  Insert(run);
  EXPECT_FALSE(history_->Get("a", true)->has_report());
  v1::Report report;
  for (const char* key : {"one", "two", "three"}) {
    report.add_cases()->set_key(key);
    report.mutable_cases()->rbegin()->set_status("skipped");
  }
  ASSERT_TRUE(history_->KeepReport("a", report).ok());
  run.set_state("running");
  run.set_cases_done(2);
  AppendResult(run, 2, "three");
  AppendResult(run, 0, "one at 5/s");
  Reopen();
  const v1::Run got = *history_->Get("a", true);
  EXPECT_EQ(got.cases_done(), 2);
  ASSERT_EQ(got.report().cases_size(), 3);
  EXPECT_EQ(got.report().cases(0).key(), "one at 5/s");
  EXPECT_EQ(got.report().cases(1).status(), "skipped");
  EXPECT_EQ(got.report().cases(2).status(), "ok");
  EXPECT_FALSE(history_->Get("a", false)->has_report());
}

TEST_F(HistoryTest, TheLastEventIsTheRunAsItEnded) {
  v1::Run run = Queued("a");
  Insert(run);
  run.set_state("complete");
  run.set_ended(kNoon);
  run.set_exit_code(3);
  run.set_position(5);
  v1::Report report;
  report.set_exit_code(3);
  ASSERT_TRUE(history_->Finish(run, &report).ok());
  const auto page = history_->Events("a", 0, 10);
  EXPECT_EQ(page->state, "complete");
  ASSERT_EQ(page->events.size(), 1u);
  EXPECT_EQ(page->events[0].sequence(), 1);
  EXPECT_EQ(page->events[0].finished().exit_code(), 3);
  EXPECT_FALSE(page->events[0].finished().has_position());
  EXPECT_EQ(history_->Get("a", true)->report().exit_code(), 3);
}

TEST_F(HistoryTest, ListsTheNewestFirstInPages) {
  for (const char* id : {"a", "b", "c", "d", "e"}) Insert(Queued(id));
  auto page = history_->List({.count = 2});
  ASSERT_TRUE(page.ok() && page->next.has_value());
  EXPECT_EQ(page->runs[0].run_id(), "e");
  // What comes or goes meanwhile moves nothing.
  Insert(Queued("f"));
  v1::Run ended = Queued("e");
  ended.set_state("complete");
  ASSERT_TRUE(history_->Finish(ended, nullptr).ok());
  ASSERT_TRUE(history_->Delete("e").ok());
  EXPECT_THAT(Listed({.before = page->next, .count = 2}), ElementsAre("c", "b"));
  page = history_->List({.before = page->next, .count = 3});
  EXPECT_FALSE(page->next.has_value());
}

TEST_F(HistoryTest, ListsByStateNameLabelsAndTime) {
  Insert(Queued("old", "2026-01-01T00:00:00.000Z"));
  v1::Run labelled = Queued("labelled");
  (*labelled.mutable_labels())["commit"] = "abc";
  (*labelled.mutable_labels())["branch"] = "main";
  Insert(labelled);
  v1::Run named = Queued("named");
  named.set_name("quick");
  Insert(named);
  InsertEnded("ended");
  EXPECT_THAT(Listed({.state = "complete"}), ElementsAre("ended"));
  EXPECT_THAT(Listed({.name = "quick"}), ElementsAre("named"));
  EXPECT_THAT(Listed({.labels = {{"branch", "main"}, {"commit", "abc"}}}), ElementsAre("labelled"));
  EXPECT_THAT(Listed({.labels = {{"branch", "abc"}}}), IsEmpty());
  const absl::Time new_year = *ParseRunTime("", "2026-01-01T00:00:00Z");
  EXPECT_THAT(Listed({.submitted_before = new_year + absl::Hours(1)}), ElementsAre("old"));
  EXPECT_THAT(Listed({.submitted_after = new_year}), ElementsAre("ended", "named", "labelled"));
}

TEST_F(HistoryTest, WhatIsNotThereIsNotFound) {
  InsertEnded("a");
  ASSERT_TRUE(history_->Delete("a").ok());
  for (const absl::Status& status :
       {history_->Get("a", true).status(), history_->Events("a", 0, 1).status(),
        history_->RequestOf("a").status(), history_->Delete("a"), history_->Update(Queued("a")),
        history_->Finish(Queued("a"), nullptr)}) {
    EXPECT_EQ(status.code(), StatusCode::kNotFound) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("run_id: 'a' is not known"));
  }
}

TEST_F(HistoryTest, DeletesOnlyWhatHasEnded) {
  Insert(Queued("a"));
  EXPECT_EQ(history_->Delete("a").code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(history_->Get("a", false).ok());
}

TEST_F(HistoryTest, RetiresByCountAndByAge) {
  Insert(Queued("waits"));
  InsertEnded("old", "2026-01-01T00:00:00.000Z");
  for (const char* id : {"b", "c", "d"}) InsertEnded(id);
  ASSERT_TRUE(history_->Retire(10, *ParseRunTime("", "2026-01-15T00:00:00Z")).ok());
  EXPECT_THAT(Listed({}), ElementsAre("d", "c", "b", "waits"));
  ASSERT_TRUE(history_->Retire(2, absl::InfinitePast()).ok());
  EXPECT_THAT(Listed({}), ElementsAre("d", "c", "waits"));
}

TEST_F(HistoryTest, NothingIsLeftOfWhatIsDeletedOrRetired) {
  for (const char* id : {"a", "b", "c"}) InsertFull(id);
  EXPECT_THAT(RowsOfRuns(), ElementsAre(3, 6, 3));
  ASSERT_TRUE(history_->Delete("b").ok());
  EXPECT_THAT(RowsOfRuns(), ElementsAre(2, 4, 2));
  ASSERT_TRUE(history_->Retire(1, absl::InfinitePast()).ok());
  EXPECT_THAT(RowsOfRuns(), ElementsAre(1, 2, 1));
  ASSERT_TRUE(history_->Retire(1, absl::InfiniteFuture()).ok());
  EXPECT_THAT(RowsOfRuns(), ElementsAre(0, 0, 0));
}

TEST_F(HistoryTest, ASecondOneOfTheSameFileIsRefused) {
  const auto second = History::Open(path_);
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
}

TEST(RunTime, IsWrittenAndReadAlike) {
  const absl::Time time = absl::FromUnixMillis(1769860800123);
  EXPECT_EQ(FormatRunTime(time), "2026-01-31T12:00:00.123Z");
  EXPECT_EQ(*ParseRunTime("f", FormatRunTime(time)), time);
  EXPECT_THAT(std::string(ParseRunTime("submitted_after", "yesterday").status().message()),
              HasSubstr("submitted_after: 'yesterday'"));
}

}  // namespace
}  // namespace normbench
