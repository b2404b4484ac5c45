// SPDX-License-Identifier: Apache-2.0
// Whether all models serve, and who is told when that may have changed.
#include "server/repository/repository.h"
#include "tests/server/repository/models_fixture.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class RepositoryReadinessTest : public ModelsFixture {
 protected:
  void Open() {
    repository_ = *ModelRepository::Open(root_.string(), "cpu", Backends());
    repository_->OnChange([this] { told_.push_back(repository_->AllLoaded()); });
  }
  void Break(const std::string& model) { std::ofstream(root_ / model / "1" / "broken") << "x"; }
  void Mend(const std::string& model) { fs::remove(root_ / model / "1" / "broken"); }

  std::unique_ptr<ModelRepository> repository_;
  std::vector<bool> told_;  // what AllLoaded() was at each change
};

TEST_F(RepositoryReadinessTest, NoModelIsMissingWhereNoneWasAskedFor) {
  EXPECT_TRUE((*ModelRepository::Open("", "cpu", {}))->AllLoaded());
  AddModel("m", {"1"});
  Open();
  EXPECT_TRUE(repository_->AllLoaded()) << "not loaded";
}

TEST_F(RepositoryReadinessTest, OneThatFailedIsMissingUntilItServesOrIsUnloaded) {
  for (const char* name : {"m", "n"}) AddModel(name, {"1"});
  Break("n");
  Open();
  repository_->LoadAll();
  EXPECT_FALSE(repository_->AllLoaded());
  Mend("n");
  ASSERT_TRUE(repository_->LoadModel("n").ok());
  EXPECT_TRUE(repository_->AllLoaded());
  ASSERT_TRUE(repository_->UnloadModel("n").ok());
  Break("n");
  EXPECT_FALSE(repository_->LoadModel("n").ok());
  EXPECT_FALSE(repository_->AllLoaded());
  ASSERT_TRUE(repository_->UnloadModel("n").ok());
  EXPECT_TRUE(repository_->AllLoaded());
  EXPECT_THAT(told_, ElementsAre(true, false, true, true, false, true));
}

TEST_F(RepositoryReadinessTest, AFolderThatIsNoModelIsMissing) {
  AddModel("m", {"1"}, "max_batch_size: 3");
  Open();
  repository_->LoadAll();
  EXPECT_FALSE(repository_->AllLoaded());
}

TEST_F(RepositoryReadinessTest, WhatWasNotReplacedServes) {
  AddModel("m", {"1"});
  Open();
  repository_->LoadAll();
  Break("m");
  EXPECT_FALSE(repository_->LoadModel("m").ok());
  EXPECT_TRUE(repository_->AllLoaded());
}

}  // namespace
}  // namespace normbench
