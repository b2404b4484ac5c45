// SPDX-License-Identifier: Apache-2.0
#include "server/repository/poller.h"

#include <chrono>
#include <mutex>

#include "tests/server/repository/models_fixture.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PollerTest : public ModelsFixture {
 protected:
  // Loads what is there; Look() sees what differs from it.
  void Begin(double interval = 3600) {
    repository_ = *ModelRepository::Open(root_.string(), "cpu", Backends());
    poller_ = std::make_unique<RepositoryPoller>(
        *repository_, RepositoryPoller::Options{
                          .seconds = interval,
                          .thread_init = [this] { ++inits_; },
                          .report = [this](const std::string& line) { lines_.push_back(line); }});
    repository_->LoadAll();
  }

  // A change counts at its second look.
  void LookTwice() {
    EXPECT_TRUE(poller_->Look());
    EXPECT_FALSE(poller_->Look());
  }

  // Of the newest version of "m"; empty where it does not serve.
  std::vector<int64_t> Versions() const { return repository_->versions("m"); }
  std::string Reason() const { return repository_->index()[0].reason; }

  std::unique_ptr<ModelRepository> repository_;
  std::atomic<int> inits_{0};
  std::vector<std::string> lines_;
  std::unique_ptr<RepositoryPoller> poller_;
};

TEST(SecondsToNextLook, AFolderThatIsChangingIsLookedAtSoon) {
  EXPECT_EQ(SecondsToNextLook(15, false), 15);
  EXPECT_EQ(SecondsToNextLook(15, true), 1);
  EXPECT_EQ(SecondsToNextLook(0.1, true), 0.1);
}

TEST_F(PollerTest, WhatStaysIsNotLoadedAgain) {
  AddModel("m", {"1"});
  Begin();
  EXPECT_FALSE(poller_->Look());
  EXPECT_FALSE(poller_->Look());
  EXPECT_EQ(loaded_.size(), 1u);
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(PollerTest, ANewFolderIsLoaded) {
  Begin();
  AddModel("m", {"1"});
  LookTwice();
  EXPECT_THAT(Versions(), ElementsAre(1));
  EXPECT_THAT(lines_, ElementsAre("model m loaded, version 1"));
}

TEST_F(PollerTest, AChangedFolderTakesThePlaceOfTheOld) {
  AddModel("m", {"1"});
  AddModel("n", {"1"});
  Begin();
  const ModelHandle old = *repository_->Find("m", "");
  AddModel("m", {"2"});
  LookTwice();
  EXPECT_THAT(Versions(), ElementsAre(2));
  EXPECT_EQ(old->spec.version, 1) << "whoever had it has it still";
  EXPECT_EQ(loaded_.size(), 3u) << "the other model was left alone";
}

TEST_F(PollerTest, AFolderThatIsGoneIsUnloaded) {
  AddModel("m", {"1"});
  Begin();
  fs::remove_all(root_ / "m");
  LookTwice();
  EXPECT_TRUE(absl::IsUnavailable(repository_->Find("m", "").status()));
  EXPECT_THAT(lines_, ElementsAre("model m unloaded, its folder is gone"));
  AddModel("m", {"1"});
  LookTwice();
  EXPECT_THAT(Versions(), ElementsAre(1)) << "it came back";
}

TEST_F(PollerTest, WhatCannotBeLoadedIsTriedOnceForEachChange) {
  AddModel("m", {"1"});
  Begin();
  int tries = 0;
  during_load_ = [&] { ++tries; };
  AddModel("m", {"1", "2"}, "version_policy { all {} }");
  std::ofstream(root_ / "m" / "2" / "broken") << "x";
  LookTwice();
  EXPECT_EQ(tries, 1) << "of version 1; 2 is broken";
  EXPECT_THAT(Versions(), ElementsAre(1)) << "what served goes on";
  EXPECT_THAT(Reason(), HasSubstr("not replaced: version 2"));
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("model_name: 'm' failed to load: version 2")));
  EXPECT_FALSE(poller_->Look());
  EXPECT_FALSE(poller_->Look());
  EXPECT_EQ(tries, 1) << "the same files would fail again";
  fs::remove(root_ / "m" / "2" / "broken");
  LookTwice();
  EXPECT_THAT(Versions(), ElementsAre(1, 2));
  EXPECT_EQ(Reason(), "");
}

TEST_F(PollerTest, AChangeDuringALoadIsSeen) {
  AddModel("m", {"1"});
  during_load_ = [&] {
    during_load_ = nullptr;
    AddModel("m", {"2"});
  };
  Begin();
  EXPECT_THAT(Versions(), ElementsAre(1));
  LookTwice();
  EXPECT_THAT(Versions(), ElementsAre(2));
}

TEST_F(PollerTest, ARepositoryThatCannotBeReadHasNotChanged) {
  AddModel("m", {"1"});
  Begin();
  fs::rename(root_, base_ / "away");
  EXPECT_FALSE(poller_->Look());
  EXPECT_FALSE(poller_->Look());
  fs::rename(base_ / "away", root_);
  EXPECT_FALSE(poller_->Look());
  EXPECT_THAT(Versions(), ElementsAre(1));
  EXPECT_EQ(loaded_.size(), 1u);
}

TEST_F(PollerTest, AfterTheRequestToStopNothingIsLoaded) {
  Begin();
  AddModel("m", {"1"});
  EXPECT_TRUE(poller_->Look());
  poller_->RequestStop();
  poller_->Look();
  EXPECT_THAT(Versions(), IsEmpty());
}

TEST_F(PollerTest, ItsThreadLooksAndEndsAtOnce) {
  Begin(0.01);
  poller_->Start();
  AddModel("m", {"1"});
  const auto deadline = steady_clock::now() + seconds(30);
  while (Versions().empty() && steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_THAT(Versions(), ElementsAre(1));
  EXPECT_EQ(inits_, 1);
}

TEST_F(PollerTest, ItDoesNotWaitForItsNextLookToEnd) {
  Begin(3600);
  poller_->Start();
  const auto start = steady_clock::now();
  poller_.reset();
  EXPECT_LT(steady_clock::now() - start, seconds(10));
}

}  // namespace
}  // namespace normbench
