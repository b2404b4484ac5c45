// SPDX-License-Identifier: Apache-2.0
#include "client/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The usage error of these words; empty if there is none.
std::string ErrorOf(const std::vector<std::string>& words) {
  const Arguments arguments = ParseArguments(words);
  return arguments.exit_code == 2 ? arguments.text : "";
}

TEST(ArgumentsTest, RunsASweepFile) {
  const auto arguments = ParseArguments({"run", "smoke.json", "--server", "h:1", "--out", "results",
                                         "--filter", "norm/*", "--connect-timeout", "2.5"});
  ASSERT_TRUE(arguments.run.has_value()) << arguments.text;
  EXPECT_FALSE(arguments.exit_code.has_value());
  EXPECT_EQ(arguments.run->source, "smoke.json");
  EXPECT_EQ(arguments.run->server, "h:1");
  EXPECT_EQ(arguments.run->out, "results");
  EXPECT_EQ(arguments.run->filter, "norm/*");
  EXPECT_EQ(arguments.run->connect_timeout_seconds, 2.5);
  EXPECT_FALSE(arguments.run->dry_run);
  EXPECT_FALSE(arguments.run->norm.has_value());
  EXPECT_FALSE(arguments.run->model.has_value());
}

TEST(ArgumentsTest, HasDefaults) {
  const auto arguments = ParseArguments({"run", "--dry-run", "norm/group?shape=1x32"});
  ASSERT_TRUE(arguments.run.has_value()) << arguments.text;
  EXPECT_EQ(arguments.run->source, "norm/group?shape=1x32");
  EXPECT_EQ(arguments.run->server, "127.0.0.1:8001");
  EXPECT_EQ(arguments.run->connect_timeout_seconds, 10);
  EXPECT_TRUE(arguments.run->dry_run);
}

TEST(ArgumentsTest, MakesAKernelSweepOfOneLine) {
  const auto arguments = ParseArguments({"run",
                                         "norm",
                                         "group",
                                         "--shape",
                                         "64x56x56",
                                         "--n",
                                         "1,8,64",
                                         "--groups",
                                         "32",
                                         "--stats",
                                         "batch",
                                         "--impl",
                                         "torch,reference",
                                         "--affine",
                                         "channel",
                                         "--eps",
                                         "1e-3",
                                         "--seconds",
                                         "0.25",
                                         "--expect",
                                         "p50<2ms,err_scaled<=bound",
                                         "--server",
                                         "h:1",
                                         "--dry-run"});
  ASSERT_TRUE(arguments.run.has_value()) << arguments.text;
  ASSERT_TRUE(arguments.run->norm.has_value());
  const v1::KernelSweep& sweep = *arguments.run->norm;
  EXPECT_THAT(sweep.norm(), ElementsAre("group"));
  EXPECT_THAT(sweep.shape(), ElementsAre("64x56x56"));
  EXPECT_THAT(sweep.tensor_n(), ElementsAre(1, 8, 64));
  EXPECT_THAT(sweep.groups(), ElementsAre(32));
  EXPECT_THAT(sweep.stats(), ElementsAre("batch"));
  EXPECT_THAT(sweep.impl(), ElementsAre("torch", "reference"));
  EXPECT_THAT(sweep.affine(), ElementsAre("channel"));
  EXPECT_THAT(sweep.expect(), ElementsAre("p50<2ms", "err_scaled<=bound"));
  EXPECT_EQ(sweep.eps(), 1e-3);
  EXPECT_EQ(sweep.seconds(), 0.25);
  EXPECT_EQ(arguments.run->server, "h:1");
  EXPECT_TRUE(arguments.run->dry_run);
}

TEST(ArgumentsTest, HasAFlagForEveryAxisOfAKernelSweep) {
  const auto arguments = ParseArguments(
      {"run", "norm", "layer", "--shape", "8x5", "--dtype", "f16,bf16", "--layout", "nchw,nhwc",
       "--data", "outlier", "--cache", "hot,cold", "--trailing", "1,2", "--threads", "1,2"});
  ASSERT_TRUE(arguments.run.has_value()) << arguments.text;
  const v1::KernelSweep& sweep = *arguments.run->norm;
  EXPECT_THAT(sweep.dtype(), ElementsAre("f16", "bf16"));
  EXPECT_THAT(sweep.layout(), ElementsAre("nchw", "nhwc"));
  EXPECT_THAT(sweep.data(), ElementsAre("outlier"));
  EXPECT_THAT(sweep.cache(), ElementsAre("hot", "cold"));
  EXPECT_THAT(sweep.trailing(), ElementsAre(1, 2));
  EXPECT_THAT(sweep.threads(), ElementsAre(1, 2));
}

TEST(ArgumentsTest, LeavesOutWhatWasNotGiven) {
  const auto arguments = ParseArguments({"run", "norm", "--n", "4", "rms", "--shape", "768"});
  ASSERT_TRUE(arguments.run.has_value()) << arguments.text;
  const v1::KernelSweep& sweep = *arguments.run->norm;
  EXPECT_THAT(sweep.norm(), ElementsAre("rms"));
  EXPECT_FALSE(sweep.has_eps());
  EXPECT_EQ(sweep.seconds(), 0);
  EXPECT_EQ(sweep.groups_size(), 0);
}

TEST(ArgumentsTest, MakesAModelSweepForAnyServer) {
  const auto arguments =
      ParseArguments({"run", "--target", "h:9", "--model", "resnet", "--input-data", "x.npy",
                      "--labels", "y.npy", "--request-batch", "1,8", "--in-flight", "4"});
  ASSERT_TRUE(arguments.run.has_value()) << arguments.text;
  ASSERT_TRUE(arguments.run->model.has_value());
  EXPECT_EQ(arguments.run->server, "h:9");
  const v1::ModelSweep& sweep = *arguments.run->model;
  EXPECT_THAT(sweep.model(), ElementsAre("resnet"));
  EXPECT_EQ(sweep.input_data(), "x.npy");
  EXPECT_EQ(sweep.labels(), "y.npy");
  EXPECT_THAT(sweep.request_batch(), ElementsAre(1, 8));
  EXPECT_THAT(sweep.in_flight(), ElementsAre(4));
}

TEST(ArgumentsTest, NamesTheNearestFlagAndVerb) {
  EXPECT_THAT(ErrorOf({"run", "smoke.json", "--sever", "h:1"}),
              HasSubstr("unknown flag --sever; did you mean --server?"));
  EXPECT_THAT(ErrorOf({"run", "smoke.json", "--dryrun"}), HasSubstr("did you mean --dry-run?"));
  EXPECT_THAT(ErrorOf({"run", "norm", "group", "--shap", "64", "--n=1"}),
              HasSubstr("did you mean --shape?"));
  EXPECT_THAT(ErrorOf({"run", "norm", "group", "--shape", "64", "--sevrer=h:1"}),
              HasSubstr("unknown flag --sevrer; did you mean --server?"));
  EXPECT_THAT(ErrorOf({"runn", "smoke.json"}),
              HasSubstr("unexpected word runn; did you mean run?"));
}

TEST(ArgumentsTest, RefusesWhatCannotBeRun) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("subcommand"));
  EXPECT_THAT(ErrorOf({"run"}), HasSubstr("nothing to run"));
  EXPECT_THAT(ErrorOf({"run", "a.json", "b.json"}), HasSubstr("unexpected word b.json"));
  EXPECT_THAT(ErrorOf({"run", "a.json", "--model", "m", "--input-data", "x.npy"}),
              HasSubstr("one thing at a time"));
  EXPECT_THAT(ErrorOf({"run", "--model", "m"}), HasSubstr("--model needs --input-data"));
  EXPECT_THAT(ErrorOf({"run", "a.json", "--labels", "y.npy"}), HasSubstr("--labels needs --model"));
  EXPECT_THAT(ErrorOf({"run", "norm", "group"}), HasSubstr("--shape"));
  EXPECT_THAT(ErrorOf({"run", "norm", "group", "--shape", "64", "--n", "many"}), HasSubstr("--n"));
  EXPECT_THAT(ErrorOf({"run", "a.json", "--connect-timeout", "-1"}),
              HasSubstr("--connect-timeout"));
  EXPECT_THAT(ErrorOf({"schema", "reprot"}), HasSubstr("reprot"));
}

TEST(ArgumentsTest, HelpAndVersionEndWithZero) {
  const auto help = ParseArguments({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text, HasSubstr("normbench run bench/sweeps/smoke.json"));
  EXPECT_THAT(ParseArguments({"run", "--help"}).text, HasSubstr("--connect-timeout"));
  EXPECT_THAT(ParseArguments({"run", "norm", "--help"}).text,
              AllOf(HasSubstr("Usage: normbench run norm"), HasSubstr("--shape")));
  const auto version = ParseArguments({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.text, ::testing::StartsWith("normbench 0."));
}

// Every "--flag" in `text`, but for --help, which is everywhere.
std::set<std::string> FlagsIn(const std::string& text) {
  static const std::regex kFlag("--[a-z][a-z-]*");
  std::set<std::string> flags(std::sregex_token_iterator(text.begin(), text.end(), kFlag),
                              std::sregex_token_iterator());
  flags.erase("--help");
  return flags;
}

// Of the help of these words, without its examples.
std::set<std::string> FlagsOf(const std::vector<std::string>& words) {
  const std::string help = ParseArguments(words).text;
  return FlagsIn(help.substr(0, help.find("Examples:")));
}

TEST(ArgumentsTest, TheReadmeListsEveryFlagAndNoOther) {
  std::stringstream readme;
  readme << std::ifstream(std::string(NORMBENCH_CLIENT_SOURCE) + "/README.md").rdbuf();
  const std::string text = readme.str();
  const size_t table = text.find("| flag of `run`");
  const size_t norm = text.find("`normbench run norm METHOD` takes");
  ASSERT_TRUE(table != std::string::npos && norm != std::string::npos);
  EXPECT_EQ(FlagsIn(text.substr(table, norm - table)), FlagsOf({"run", "--help"}));
  EXPECT_EQ(FlagsIn(text.substr(norm, text.find("| exit |") - norm)),
            FlagsOf({"run", "norm", "--help"}));
}

TEST(ArgumentsTest, SendsMetricsWhereTheyAreWanted) {
  const auto arguments = ParseArguments({"run", "a.json", "--metrics-port", "0", "--textfile",
                                         "x.prom", "--pushgateway", "http://h:9091"});
  ASSERT_TRUE(arguments.run.has_value()) << arguments.text;
  EXPECT_EQ(arguments.run->metrics.port, 0);
  EXPECT_EQ(arguments.run->metrics.textfile, "x.prom");
  EXPECT_EQ(arguments.run->metrics.pushgateway, "http://h:9091");
  EXPECT_EQ(ParseArguments({"run", "a.json"}).run->metrics.port, std::nullopt);
  EXPECT_THAT(ErrorOf({"run", "a.json", "--metrics-port", "65536"}), HasSubstr("--metrics-port"));
}

TEST(ArgumentsTest, ShowsKeptReports) {
  const auto arguments = ParseArguments({"report", "results", "--format", "md"});
  ASSERT_TRUE(arguments.report.has_value()) << arguments.text;
  EXPECT_EQ(arguments.report->path, "results");
  EXPECT_EQ(arguments.report->format, "md");
  EXPECT_EQ(ParseArguments({"report", "x"}).report->format, "table");
  EXPECT_THAT(ErrorOf({"report"}), HasSubstr("path"));
  EXPECT_THAT(ErrorOf({"report", "x", "--format", "html"}),
              AllOf(HasSubstr("html"), HasSubstr("google-benchmark")));
}

TEST(ArgumentsTest, ExplainsOneCodeOrAll) {
  EXPECT_EQ(ParseArguments({"explain", "NB104"}).explain->code, "NB104");
  EXPECT_EQ(ParseArguments({"explain"}).explain->code, "");
}

TEST(ArgumentsTest, PrintsSchemas) {
  const auto arguments = ParseArguments({"schema", "report"});
  ASSERT_TRUE(arguments.schema.has_value()) << arguments.text;
  EXPECT_EQ(arguments.schema->name, "report");
  for (const char* name : {"sweep", "policy", "comparison"}) {
    EXPECT_TRUE(ParseArguments({"schema", name}).schema.has_value()) << name;
  }
}

}  // namespace
}  // namespace normbench
