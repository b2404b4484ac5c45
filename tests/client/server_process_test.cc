// SPDX-License-Identifier: Apache-2.0
#include "client/server_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>

#include "client/files.h"

namespace normbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

bool Never() {
  return false;
}

absl::Status StatusOf(const std::string& command, double seconds = 30) {
  const auto process = ServerProcess::Start({.command = command, .start_seconds = seconds}, Never);
  return process.status();
}

// A file that a process is to write; none is left of an earlier one.
std::string NewFile(const std::string& name) {
  const std::string path = ::testing::TempDir() + name;
  std::filesystem::remove(path);
  return path;
}

// Waits for what a process is about to do.
bool Eventually(const std::function<bool()>& happened) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!happened()) {
    if (std::chrono::steady_clock::now() > end) return false;
  }
  return true;
}

// An orphan that nobody waits for stays as a zombie in a container without an init.
bool Runs(pid_t pid) {
  const auto stat = ReadWhole("/proc/" + std::to_string(pid) + "/stat");
  return stat.ok() && stat->find(") Z") == std::string::npos;
}

TEST(ServerProcessTest, OneThatEndsSaysHowAndWhatItSaid) {
  EXPECT_THAT(std::string(StatusOf("sh -c 'echo no such model >&2; exit 3'").message()),
              AllOf(HasSubstr("exit 3"), HasSubstr("no such model")));
  EXPECT_THAT(std::string(StatusOf("sh -c 'kill -9 $$'").message()), HasSubstr("signal 9"));
  EXPECT_THAT(std::string(StatusOf("/no/such/program").message()), HasSubstr("/no/such/program"));
}

TEST(ServerProcessTest, OneThatHangsIsGivenUp) {
  EXPECT_THAT(std::string(StatusOf("sh -c 'sleep 100'", 0.2).message()),
              HasSubstr("did not listen within 0.2 s"));
  const auto stopped = ServerProcess::Start({.command = "sh -c 'sleep 100'"}, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(stopped.status()));
}

// $6 is what --print-ports names.
TEST(ServerProcessTest, AsksForPortsOfItsOwnChoice) {
  const auto process = ServerProcess::Start(
      {.command = R"(A=1 sh -c 'printf "{\"grpc\": \"127.0.0.1:7\"}" >"$6"; exec sleep 100' s)"},
      Never);
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_EQ((*process)->address(), "127.0.0.1:7");
  EXPECT_TRUE((*process)->Running().ok());
}

TEST(ServerProcessTest, FillsInPorts) {
  const std::string said = NewFile("server_process_ports");
  const auto process = ServerProcess::Start(
      {.command = "sh -c 'echo {port} {http_port} >" + said + "; exec sleep 100'"}, Never);
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_THAT((*process)->address(), StartsWith("127.0.0.1:"));
  const std::string port = (*process)->address().substr(10);
  EXPECT_TRUE(Eventually([&] {
    const auto text = ReadWhole(said);
    return text.ok() && text->starts_with(port + " ") && text->ends_with("\n");
  }));
}

TEST(ServerProcessTest, UsesItsProcessorsOnly) {
  cpu_set_t usable;
  ASSERT_EQ(sched_getaffinity(0, sizeof(usable), &usable), 0);
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<size_t>(cpu), &usable)) last = cpu;
  }
  const std::string said = NewFile("server_process_cpus");
  const auto process =
      ServerProcess::Start({.command = "sh -c 'grep Cpus_allowed_list /proc/self/status >" + said +
                                       "; echo {port}; exec sleep 100'",
                            .cpus = {last}},
                           Never);
  ASSERT_TRUE(process.ok()) << process.status();
  const std::string wanted = "Cpus_allowed_list:\t" + std::to_string(last) + "\n";
  EXPECT_TRUE(Eventually([&] {
    const auto text = ReadWhole(said);
    return text.ok() && *text == wanted;
  }));
}

TEST(ServerProcessTest, SaysThatItCannotHaveThem) {
  const auto process =
      ServerProcess::Start({.command = "sh -c 'exec sleep 100'", .cpus = {CPU_SETSIZE - 1}}, Never);
  EXPECT_TRUE(absl::IsUnavailable(process.status()));
  EXPECT_THAT(std::string(process.status().message()), HasSubstr("sched_setaffinity"));
}

TEST(ServerProcessTest, CountsItsCpuTime) {
  const auto process =
      ServerProcess::Start({.command = "sh -c 'echo {port}; while :; do :; done'"}, Never);
  ASSERT_TRUE(process.ok()) << process.status();
  EXPECT_TRUE(Eventually([&] { return (*process)->CpuSeconds() > 0.05; }));
}

TEST(ServerProcessTest, EndsWithWhatItStarted) {
  const std::string said = NewFile("server_process_pid");
  pid_t child = 0;
  {
    const auto process = ServerProcess::Start(
        {.command = "sh -c 'sleep 100 & echo $! {port} >" + said + "; wait'"}, Never);
    ASSERT_TRUE(process.ok()) << process.status();
    ASSERT_TRUE(Eventually([&] {
      const auto text = ReadWhole(said);
      if (!text.ok() || !text->ends_with("\n")) return false;
      child = static_cast<pid_t>(std::stol(*text));
      return true;
    }));
    ASSERT_TRUE(Runs(child));
  }
  EXPECT_TRUE(Eventually([&] { return !Runs(child); }));
}

}  // namespace
}  // namespace normbench
