// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/publish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

struct Trained {
  std::vector<TrainJob> jobs;
  std::vector<RunOutcome> outcomes;
};

// The runs of `quick` with made-up results.
Trained MadeUp(const std::string& weights_path) {
  Trained trained;
  const Preset preset = *FindPreset("quick");
  for (const TrainingRun& run : preset.runs) {
    trained.jobs.push_back({.recipe = {}, .run = run, .weights_path = weights_path});
    std::vector<double> errors(run.served.size(), 0.25);
    trained.outcomes.push_back({.outcome = {.test_errors = errors}, .seconds = 9.04});
  }
  trained.outcomes[1].outcome.test_errors = {0.4622, 0.2713};
  return trained;
}

std::string Content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(PublishTest, EveryNameBecomesAModel) {
  const fs::path repository = fs::path(::testing::TempDir()) / "publish_test";
  fs::remove_all(repository);
  auto staging = ModelStaging::Open(repository.string());
  ASSERT_TRUE(staging.ok()) << staging.status();
  const std::string weights = staging->Scratch("w.pt");
  std::ofstream(weights) << "weights";
  const Trained trained = MadeUp(weights);
  ASSERT_TRUE(PublishModels(trained.jobs, trained.outcomes, *staging).ok());

  for (const std::string name :
       {"plain6_bn32", "plain6_bn2", "plain6_bn2_batchstats", "plain6_gn"}) {
    EXPECT_EQ(Content(repository / name / "1/weights.pt"), "weights") << name;
    EXPECT_THAT(Content(repository / name / "config.pbtxt"), HasSubstr("name: \"" + name + "\""));
  }
  const std::string batch = Content(repository / "plain6_bn2_batchstats/config.pbtxt");
  for (const std::string value : {"batch", "plain6", "2", "fmnist-wide", "0.2713"}) {
    EXPECT_THAT(batch, HasSubstr("string_value: \"" + value + "\""));
  }
  EXPECT_THAT(batch, HasSubstr("key: \"stats\"\n  value { string_value: \"batch\" }"));
  EXPECT_THAT(Content(repository / "plain6_bn2/config.pbtxt"),
              HasSubstr("key: \"stats\"\n  value { string_value: \"running\" }"));
  const std::string identity = Content(repository / "identity/config.pbtxt");
  EXPECT_THAT(identity, HasSubstr("backend: \"identity\""));
  EXPECT_THAT(identity, HasSubstr("dims: [ -1 ]"));
  EXPECT_TRUE(fs::is_directory(repository / "identity/1"));
}

TEST(PublishTest, Table) {
  const Trained trained = MadeUp("");
  std::ostringstream out;
  WriteErrorTable(trained.jobs, trained.outcomes, out);
  EXPECT_EQ(
      out.str(),
      "model                  norm      train_batch  stats    test_batch  test error %  seconds\n"
      "plain6_bn32            batch              32  running         any         25.00      9.0\n"
      "plain6_bn2             batch               2  running         any         46.22      9.0\n"
      "plain6_bn2_batchstats  batch               2  batch             2         27.13      9.0\n"
      "plain6_gn              group              32  -               any         25.00      9.0\n");
}

}  // namespace
}  // namespace normbench
