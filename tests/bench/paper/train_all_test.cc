// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/train_all.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace normbench {
namespace {

using ::testing::HasSubstr;

const TrainingData& Data() {
  static const TrainingData data = *LoadTrainingData(FashionMnistFolder(), 64);
  return data;
}

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Three runs of a few steps each.
std::vector<TrainJob> Jobs() {
  std::vector<TrainJob> jobs;
  const Preset preset = *FindPreset("smoke");
  for (const TrainingRun& run : preset.runs) {
    Recipe recipe;
    recipe.train_images = 96;
    recipe.test_images = 64;
    recipe.epochs = 1;
    jobs.push_back(
        {.recipe = recipe,
         .run = run,
         .weights_path = ::testing::TempDir() + "train_all_test_" + run.served[0].model + ".pt"});
  }
  return jobs;
}

TEST(TrainAllTest, OutcomesAreInTheOrderOfTheJobsAndDoNotDependOnThreads) {
  std::vector<std::vector<double>> errors;
  for (const int threads : {1, 3}) {
    TrainAll training(Jobs(), Data(), threads);
    const auto outcomes = training.Join();
    ASSERT_TRUE(outcomes.ok()) << outcomes.status();
    ASSERT_EQ(outcomes->size(), 3U);
    EXPECT_TRUE(training.finished());
    EXPECT_EQ((*outcomes)[1].outcome.test_errors.size(), 2U);
    EXPECT_GT((*outcomes)[2].seconds, 0);
    std::vector<double> all;
    for (const RunOutcome& run : *outcomes) {
      all.insert(all.end(), run.outcome.test_errors.begin(), run.outcome.test_errors.end());
    }
    errors.push_back(all);
  }
  EXPECT_EQ(errors[0], errors[1]);
}

// A model is a function of its own recipe and seed: the same bits alone as beside others, so
// presets that share a run share its model.
TEST(TrainAllTest, AModelDoesNotDependOnWhatElseIsTrained) {
  const std::vector<TrainJob> jobs = Jobs();
  ASSERT_TRUE(TrainAll(jobs, Data(), 3).Join().ok());
  for (const TrainJob& job : jobs) {
    const std::string beside = Content(job.weights_path);
    ASSERT_FALSE(beside.empty());
    std::filesystem::remove(job.weights_path);  // the file holds its own name: train to the same
    ASSERT_TRUE(TrainAll({job}, Data(), 1).Join().ok());
    EXPECT_TRUE(Content(job.weights_path) == beside) << job.run.served[0].model;
  }
}

TEST(TrainAllTest, ProgressEndsAtTheTotal) {
  TrainAll training(Jobs(), Data(), 2);
  ASSERT_TRUE(training.Join().ok());
  const std::vector<RunProgress> progress = training.progress();
  ASSERT_EQ(progress.size(), 3U);
  EXPECT_EQ(progress[1].name, "plain6_bn2");
  for (const RunProgress& run : progress) {
    EXPECT_EQ(run.done, run.total) << run.name;
    EXPECT_GT(run.seconds, 0);
  }
}

TEST(TrainAllTest, StopIsCancelled) {
  std::vector<TrainJob> jobs = Jobs();
  for (TrainJob& job : jobs) job.recipe.epochs = 1'000'000;
  TrainAll training(jobs, Data(), 2);
  training.Stop();
  EXPECT_EQ(training.Join().status().code(), absl::StatusCode::kCancelled);
}

// One run fails, the others would take for ever: they are stopped, and the cause is what is told.
TEST(TrainAllTest, AFailureStopsTheOthersAndIsTheAnswer) {
  std::vector<TrainJob> jobs = Jobs();
  jobs[0].recipe.epochs = 1'000'000;
  jobs[2].recipe.epochs = 1'000'000;
  jobs[1].weights_path = ::testing::TempDir() + "no-such-folder/w.pt";
  TrainAll training(jobs, Data(), 3);
  const absl::Status status = training.Join().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no-such-folder"));
}

TEST(TrainAllTest, DestructionStops) {
  std::vector<TrainJob> jobs = Jobs();
  for (TrainJob& job : jobs) job.recipe.epochs = 1'000'000;
  const TrainAll training(jobs, Data(), 2);
}

}  // namespace
}  // namespace normbench
