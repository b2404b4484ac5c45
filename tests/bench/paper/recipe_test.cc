// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(RecipeTest, QuickIsTheRecipeOfTheTable) {
  const auto quick = FindPreset("quick");
  ASSERT_TRUE(quick.ok()) << quick.status();
  EXPECT_EQ(quick->recipe.train_images, 5000U);
  EXPECT_EQ(quick->recipe.test_images, 10000U);
  EXPECT_EQ(StepsPerEpoch(quick->recipe), 156);
  // At least 900 steps, or batch norm at train_batch 32 is not done learning.
  EXPECT_EQ(WorkUnits(quick->recipe, quick->runs[0]), 6 * 156 + 157);
  EXPECT_EQ(WorkUnits(quick->recipe, quick->runs[1]), 6 * 156 + 2 * 157);
}

TEST(RecipeTest, EveryPresetCanRun) {
  std::set<std::string> presets;
  for (const Preset& preset : Presets()) {
    EXPECT_TRUE(presets.insert(preset.name).second);
    EXPECT_LE(preset.recipe.train_images, 60000U);
    EXPECT_LE(preset.recipe.test_images, 10000U);
    std::set<std::string> models = {"identity"};
    for (const TrainingRun& run : preset.runs) {
      EXPECT_EQ(preset.recipe.batch % run.train_batch, 0);
      EXPECT_FALSE(run.served.empty());
      for (const ServedAs& served : run.served) {
        EXPECT_TRUE(models.insert(served.model).second) << served.model;
      }
    }
  }
}

TEST(RecipeTest, DeployedHasEveryNormAndNone) {
  const auto deployed = FindPreset("deployed");
  ASSERT_TRUE(deployed.ok()) << deployed.status();
  std::set<std::string> norms;
  for (const TrainingRun& run : deployed->runs) {
    norms.insert(NormName(run.net));
    EXPECT_EQ(run.train_batch, 32);
  }
  EXPECT_EQ(norms, (std::set<std::string>{"batch", "group", "instance", "layer", "none"}));
  EXPECT_EQ(deployed->runs[0].served[1].stats, StatsSource::kFolded);
}

// Rows of both presets may stand in one table.
TEST(RecipeTest, ModelsOfTheSameNameAreTheSameInQuickAndDeployed) {
  const auto quick = FindPreset("quick");
  const auto deployed = FindPreset("deployed");
  ASSERT_TRUE(quick.ok() && deployed.ok());
  EXPECT_EQ(quick->recipe, deployed->recipe);
  EXPECT_EQ(quick->runs[0].net, deployed->runs[0].net) << "plain6_bn32";
  EXPECT_EQ(quick->runs[2].net, deployed->runs[1].net) << "plain6_gn";
  for (const size_t run : {0, 1}) EXPECT_EQ(deployed->runs[run].train_batch, 32);
  EXPECT_EQ(deployed->runs[1].served[0].model, quick->runs[2].served[0].model);
}

TEST(RecipeTest, UnknownPreset) {
  const absl::Status status = FindPreset("quikc").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("nearest: quick"));
}

TEST(RecipeTest, LearningRateIsHalfACosine) {
  const Recipe recipe;
  EXPECT_DOUBLE_EQ(LearningRate(recipe, 0, 936), 0.1);
  EXPECT_NEAR(LearningRate(recipe, 312, 936), 0.075, 1e-12);  // cos 60 degrees = 1/2
  EXPECT_NEAR(LearningRate(recipe, 468, 936), 0.05, 1e-12);
  EXPECT_NEAR(LearningRate(recipe, 935, 936), 0.1 * 2.816e-6, 1e-9);
}

TEST(RecipeTest, BatchStatisticsAreTestedAsTheyWereTrained) {
  const auto quick = FindPreset("quick");
  ASSERT_TRUE(quick.ok());
  const TrainingRun& bn2 = quick->runs[1];
  EXPECT_EQ(TestBatch(bn2, bn2.served[0]), 64);
  EXPECT_EQ(TestBatch(bn2, bn2.served[1]), 2);
}

}  // namespace
}  // namespace normbench
