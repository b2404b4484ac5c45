// SPDX-License-Identifier: Apache-2.0
#include "client/arguments_remote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "client/arguments.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Verb>
Verb Parsed(const std::vector<std::string>& words) {
  const Arguments arguments = ParseArguments(words);
  EXPECT_TRUE(arguments.remote.has_value()) << arguments.text;
  EXPECT_TRUE(std::holds_alternative<Verb>(arguments.remote->verb));
  return std::get<Verb>(arguments.remote->verb);
}

std::string ErrorOf(const std::vector<std::string>& words) {
  const Arguments arguments = ParseArguments(words);
  return arguments.exit_code == 2 ? arguments.text : "";
}

TEST(RemoteArguments, Submits) {
  const auto submit = Parsed<SubmitArguments>(
      {"submit", "smoke.json", "--filter", "norm/", "--visits", "3", "--key", "k", "--label", "a=1",
       "--label", "b=2", "--other-traffic", "refuse", "--server", "h:1"});
  EXPECT_EQ(submit.source, "smoke.json");
  EXPECT_EQ(submit.filter, "norm/");
  EXPECT_EQ(submit.visits, 3);
  EXPECT_EQ(submit.options.key, "k");
  EXPECT_THAT(submit.options.labels, ElementsAre("a=1", "b=2"));
  EXPECT_EQ(submit.options.other_traffic, "refuse");
  EXPECT_EQ(ParseArguments({"submit", "x", "--server", "h:1"}).remote->server, "h:1");
  EXPECT_EQ(ParseArguments({"submit", "x"}).remote->server, "127.0.0.1:8001");
}

TEST(RemoteArguments, NamesARun) {
  const auto watch = Parsed<WatchArguments>({"watch", "id", "--json", "--out", "folder"});
  EXPECT_EQ(watch.run_id, "id");
  EXPECT_TRUE(watch.json);
  EXPECT_EQ(watch.out, "folder");
  const auto show = Parsed<ShowArguments>({"show", "id", "--format", "md"});
  EXPECT_EQ(show.run_id, "id");
  EXPECT_EQ(show.format, "md");
  EXPECT_EQ(Parsed<CancelArguments>({"cancel", "id"}).run_id, "id");
  EXPECT_EQ(Parsed<DeleteArguments>({"delete", "id"}).run_id, "id");
}

TEST(RemoteArguments, ListsRuns) {
  const auto history =
      Parsed<HistoryArguments>({"history", "--state", "complete", "--name", "smoke", "--label",
                                "a=1", "--after", "2026-01-31T12:00:00Z", "--before",
                                "2026-02-28T12:00:00Z", "--count", "7", "--format", "json"});
  EXPECT_EQ(history.state, "complete");
  EXPECT_EQ(history.name, "smoke");
  EXPECT_THAT(history.labels, ElementsAre("a=1"));
  EXPECT_EQ(history.after, "2026-01-31T12:00:00Z");
  EXPECT_EQ(history.before, "2026-02-28T12:00:00Z");
  EXPECT_EQ(history.count, 7);
  EXPECT_EQ(history.format, "json");
}

TEST(RemoteArguments, RunRemotelyIsARunWithOptionsOfSubmit) {
  const Arguments arguments =
      ParseArguments({"run", "smoke.json", "--remote", "--label", "a=1", "--key", "k"});
  ASSERT_TRUE(arguments.run.has_value()) << arguments.text;
  ASSERT_TRUE(arguments.run->remote.has_value());
  EXPECT_EQ(arguments.run->remote->key, "k");
  EXPECT_THAT(arguments.run->remote->labels, ElementsAre("a=1"));
  EXPECT_FALSE(arguments.remote.has_value());
  EXPECT_FALSE(ParseArguments({"run", "smoke.json"}).run->remote.has_value());
}

TEST(RemoteArguments, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorOf({"watch"}), HasSubstr("run"));
  EXPECT_THAT(ErrorOf({"submit"}), HasSubstr("source"));
  EXPECT_THAT(ErrorOf({"history", "--state", "done"}), HasSubstr("interrupted"));
  EXPECT_THAT(ErrorOf({"history", "--count", "0"}), HasSubstr("--count"));
  EXPECT_THAT(ErrorOf({"show", "id", "--format", "json"}), HasSubstr("google-benchmark"));
  EXPECT_THAT(ErrorOf({"submit", "x", "--other-traffic", "ignore"}), HasSubstr("refuse"));
  EXPECT_THAT(ErrorOf({"watch", "id", "--jsno"}), HasSubstr("did you mean --json?"));
  EXPECT_THAT(ErrorOf({"run", "x.json", "--key", "k"}), HasSubstr("--key needs --remote"));
  EXPECT_THAT(ErrorOf({"run", "x.json", "--label", "a=1"}), HasSubstr("--label needs --remote"));
  EXPECT_THAT(ErrorOf({"run", "x.json", "--remote", "--find-max", "p99<1s"}),
              HasSubstr("--find-max: not with --remote"));
}

std::set<std::string> FlagsIn(const std::string& text) {
  static const std::regex kFlag("--[a-z][a-z-]*");
  std::set<std::string> flags(std::sregex_token_iterator(text.begin(), text.end(), kFlag),
                              std::sregex_token_iterator());
  flags.erase("--help");
  return flags;
}

TEST(RemoteArguments, TheReadmeListsEveryFlagAndNoOther) {
  std::stringstream readme;
  readme << std::ifstream(std::string(NORMBENCH_CLIENT_SOURCE) + "/README.md").rdbuf();
  const std::string text = readme.str();
  const size_t table = text.find("| flag | of |");
  ASSERT_NE(table, std::string::npos);
  std::set<std::string> flags;
  for (const char* verb : {"submit", "watch", "history", "show", "cancel", "delete"}) {
    const std::string help = ParseArguments({verb, "--help"}).text;
    flags.merge(FlagsIn(help.substr(0, help.find("Examples:"))));
  }
  EXPECT_EQ(FlagsIn(text.substr(table, text.find("\n## ", table) - table)), flags);
}

}  // namespace
}  // namespace normbench
