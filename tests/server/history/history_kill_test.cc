// SPDX-License-Identifier: Apache-2.0
// A process that writes to a history is killed at random moments: what it was told is kept is
// there afterwards, whole, and the file opens.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

#include "server/history/history.h"

namespace normbench {
namespace {

constexpr int kKills = 50;
constexpr int kEvents = 3;  // of a run, before its last

v1::Run RunNumber(int number) {
  v1::Run run;
  run.set_run_id(std::to_string(number));
  run.set_state("queued");
  run.set_submitted("2026-01-31T12:00:00.000Z");
  return run;
}

// A whole run: four commits and more. Returns whether all of it is kept.
bool WriteRun(History& history, int number) {
  v1::Run run = RunNumber(number);
  if (!history.Insert({}, run).ok()) return false;
  run.set_state("running");
  v1::Report report;
  for (int i = 0; i < kEvents; ++i) report.add_cases()->set_status("skipped");
  if (!history.KeepReport(run.run_id(), report).ok()) return false;
  for (int i = 0; i < kEvents; ++i) {
    v1::RunEvent event;
    event.mutable_case_result()->set_status("ok");
    event.mutable_case_result()->set_error(std::string(20'000, 'x'));  // several pages
    run.set_cases_done(i + 1);
    if (!history.Append(run, i, &event).ok()) return false;
  }
  run.set_state("complete");
  return history.Finish(run, &report).ok();
}

// Writes runs from `first` on for ever, and the number of each that is kept to `told`.
[[noreturn]] void WriteForEver(const std::string& path, int first, int told) {
  const auto history = History::Open(path);
  if (!history.ok()) _exit(3);
  const char opened = 'o';
  if (write(told, &opened, 1) != 1) _exit(4);
  for (int number = first;; ++number) {
    if (!WriteRun(**history, number)) _exit(5);
    const char kept = 'k';
    if (write(told, &kept, 1) != 1) _exit(4);
  }
}

// Starts a writer, kills it after `delay` from its first word on, and returns how many runs it said
// are kept.
int KeptUntilKilled(const std::string& path, int first, std::chrono::microseconds delay) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return -1;
  const pid_t writer = fork();
  if (writer == 0) WriteForEver(path, first, pipe_ends[1]);
  close(pipe_ends[1]);
  char word = 0;
  EXPECT_EQ(read(pipe_ends[0], &word, 1), 1);
  std::this_thread::sleep_for(delay);
  kill(writer, SIGKILL);
  int status = 0;
  waitpid(writer, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
  int kept = 0;
  while (read(pipe_ends[0], &word, 1) == 1) ++kept;
  close(pipe_ends[0]);
  return kept;
}

void ExpectWhole(History& history, int number) {
  const auto run = history.Get(std::to_string(number), /*with_report=*/true);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->state(), "complete");
  ASSERT_EQ(run->report().cases_size(), kEvents);
  for (const v1::CaseResult& result : run->report().cases()) EXPECT_EQ(result.status(), "ok");
  EXPECT_EQ(history.Events(std::to_string(number), 0, 10)->events.size(), kEvents + 1u);
}

// Of the run that was being written there may be any part, but what is there fits together.
void ExpectAPart(History& history, int number) {
  const auto run = history.Get(std::to_string(number), /*with_report=*/true);
  if (absl::IsNotFound(run.status())) return;
  ASSERT_TRUE(run.ok()) << run.status();
  const auto events = history.Events(std::to_string(number), 0, 10);
  ASSERT_TRUE(events.ok()) << events.status();
  const bool is_complete = run->state() == "complete";
  EXPECT_EQ(static_cast<int>(events->events.size()), run->cases_done() + (is_complete ? 1 : 0));
}

TEST(HistoryKill, LosesNothingThatItSaidIsKept) {
  const std::string path = ::testing::TempDir() + "kill.db";
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  std::mt19937 random(20260131);
  std::uniform_int_distribution<int> delays(0, 200'000);
  int first = 0;
  for (int i = 0; i < kKills; ++i) {
    const std::chrono::microseconds delay(delays(random));
    SCOPED_TRACE(testing::Message() << "kill " << i << " after " << delay.count() << " us");
    const int kept = KeptUntilKilled(path, first, delay);
    const auto history = History::Open(path);
    ASSERT_TRUE(history.ok()) << history.status();
    for (int number = first; number < first + kept; ++number) ExpectWhole(**history, number);
    ExpectAPart(**history, first + kept);
    first += kept + 1;
  }
  const auto history = History::Open(path);
  EXPECT_GT(first, kKills) << "some runs were kept between the kills";
  const auto complete = (*history)->IdsOf("complete");
  EXPECT_GE(static_cast<int>(complete->size()), first - kKills);
}

}  // namespace
}  // namespace normbench
