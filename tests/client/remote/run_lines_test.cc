// SPDX-License-Identifier: Apache-2.0
#include "client/remote/run_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

v1::Run Waiting() {
  v1::Run run;
  run.set_run_id("0f6d4a3e");
  run.set_state("queued");
  run.set_name("smoke");
  run.set_submitted("2026-01-31T12:00:00.123Z");
  run.set_cases(7);
  return run;
}

TEST(CommandFor, NamesTheServerWhereItIsNotTheDefault) {
  EXPECT_EQ(CommandFor("watch", Waiting(), "127.0.0.1:8001"), "normbench watch 0f6d4a3e");
  EXPECT_EQ(CommandFor("cancel", Waiting(), "h:1"), "normbench cancel 0f6d4a3e --server h:1");
}

TEST(QueuedLine, SaysWhereItStandsAndHowToFollowIt) {
  v1::Run run = Waiting();
  run.set_position(2);
  EXPECT_EQ(QueuedLine(run, "h:1"),
            "run    0f6d4a3e queued, 2 before it; `normbench watch 0f6d4a3e --server h:1` follows "
            "it\n");
  run.clear_position();
  run.set_state("complete");
  EXPECT_EQ(QueuedLine(run, "127.0.0.1:8001"),
            "run    0f6d4a3e complete; `normbench watch 0f6d4a3e` follows it\n");
}

TEST(StateWords, HaveTheReason) {
  v1::Run run = Waiting();
  EXPECT_EQ(StateWords(run), "run 0f6d4a3e is queued");
  run.set_state("failed");
  run.set_error("why");
  EXPECT_EQ(StateWords(run), "run 0f6d4a3e is failed: why");
}

TEST(RunTable, IsALineARun) {
  v1::ListResponse runs;
  *runs.add_runs() = Waiting();
  v1::Run ended = Waiting();
  ended.set_state("complete");
  ended.set_cases_done(7);
  ended.set_started("2026-01-31T12:00:01.000Z");
  ended.set_ended("2026-01-31T12:03:11.000Z");
  ended.set_exit_code(3);
  (*ended.mutable_labels())["commit"] = "abc";
  (*ended.mutable_labels())["branch"] = "main";
  *runs.add_runs() = ended;
  EXPECT_EQ(RunTable(runs),
            "  run       submitted             sweep  state     cases   took  exit  labels\n"
            "  0f6d4a3e  2026-01-31T12:00:00Z  smoke  queued      0/7      -     -\n"
            "  0f6d4a3e  2026-01-31T12:00:00Z  smoke  complete    7/7  3m10s     3  branch=main "
            "commit=abc\n");
}

TEST(RunTable, WhatOthersWroteForgesNothing) {
  v1::ListResponse runs;
  *runs.add_runs() = Waiting();
  (*runs.mutable_runs(0)->mutable_labels())["note"] = "\x1b[2J\n";
  EXPECT_THAT(RunTable(runs), ::testing::HasSubstr("note=\\x1b[2J\\x0a\n"));
}

TEST(JsonLine, IsOneLine) {
  v1::RunEvent event;
  event.set_sequence(3);
  event.mutable_case_started()->set_key("norm/rms?shape=1x4");
  EXPECT_EQ(JsonLine(event),
            "{\"sequence\":3,\"case_started\":{\"key\":\"norm/rms?shape=1x4\"}}\n");
}

}  // namespace
}  // namespace normbench
