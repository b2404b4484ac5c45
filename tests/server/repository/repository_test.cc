// SPDX-License-Identifier: Apache-2.0
#include "server/repository/repository.h"

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/server/repository/models_fixture.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class RepositoryTest : public ModelsFixture {
 protected:
  std::unique_ptr<ModelRepository> Load() {
    auto repository = ModelRepository::Open(root_.string(), "cpu", Backends());
    EXPECT_TRUE(repository.ok()) << repository.status();
    (*repository)->LoadAll();
    return *std::move(repository);
  }

  // name:version:ready of every line of the index.
  static std::vector<std::string> Lines(const ModelRepository& repository) {
    std::vector<std::string> lines;
    for (const ModelStatus& status : repository.index()) {
      lines.push_back(absl::StrCat(status.name, ":", status.version, ":", status.ready));
    }
    return lines;
  }

  static std::string FindError(const ModelRepository& repository, const std::string& name,
                               const std::string& version, absl::StatusCode code) {
    const auto found = repository.Find(name, version);
    EXPECT_EQ(found.status().code(), code) << found.status();
    return std::string(found.status().message());
  }
};

TEST_F(RepositoryTest, NoFolderIsAnEmptyRepository) {
  auto repository = ModelRepository::Open("", "cpu", {});
  ASSERT_TRUE(repository.ok());
  EXPECT_TRUE((*repository)->index().empty());
  FindError(**repository, "m", "", absl::StatusCode::kNotFound);
}

TEST_F(RepositoryTest, AFolderThatIsNotThereIsNotFound) {
  EXPECT_EQ(ModelRepository::Open((base_ / "none").string(), "cpu", {}).status().code(),
            absl::StatusCode::kNotFound);
  std::ofstream(base_ / "file") << "x";
  EXPECT_EQ(ModelRepository::Open((base_ / "file").string(), "cpu", {}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(RepositoryTest, ServesTheNewestVersionOnly) {
  AddModel("m", {"1", "9", "10"});
  const auto repository = Load();
  EXPECT_THAT(Lines(*repository), ElementsAre("m:10:1"));
  ASSERT_EQ(loaded_.size(), 1u);
  EXPECT_EQ(loaded_[0].version, 10);
  EXPECT_EQ(loaded_[0].device, "cpu");
  EXPECT_EQ(loaded_[0].version_folder, fs::canonical(root_ / "m" / "10").string());
  const auto found = repository->Find("m", "");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->spec.version, 10);
  EXPECT_EQ(*repository->Find("m", "10"), *found);
  EXPECT_THAT(FindError(*repository, "m", "9", absl::StatusCode::kNotFound),
              HasSubstr("there are: 10"));
}

TEST_F(RepositoryTest, ServesWhatThePolicySays) {
  AddModel("all", {"1", "2"}, "version_policy { all {} }");
  AddModel("specific", {"1", "2", "3"}, "version_policy { specific { versions: [1, 3] } }");
  AddModel("latest", {"1", "2", "3"}, "version_policy { latest { num_versions: 2 } }");
  const auto repository = Load();
  EXPECT_THAT(repository->versions("all"), ElementsAre(1, 2));
  EXPECT_THAT(repository->versions("specific"), ElementsAre(1, 3));
  EXPECT_THAT(repository->versions("latest"), ElementsAre(2, 3));
  EXPECT_EQ((*repository->Find("all", "1"))->spec.version, 1);
  EXPECT_EQ((*repository->Find("all", ""))->spec.version, 2);
  EXPECT_EQ(repository->models().size(), 6u);
}

TEST_F(RepositoryTest, CompletesTheConfiguration) {
  AddModel("m", {"1"}, "metric_tags { key: 'a' value: 'b' }");
  const auto repository = Load();
  const auto& config = (*repository->Find("m", ""))->config;
  EXPECT_EQ(config.name(), "m");
  EXPECT_EQ(config.platform(), "normbench_identity");
  EXPECT_EQ(config.version_policy().latest().num_versions(), 1u);
  EXPECT_EQ(config.parameters().at("memory_bytes").string_value(), "1=110,4=350");
  EXPECT_EQ((*repository->Find("m", ""))->spec.parameters.at("memory_bytes"), "1=110,4=350");
  EXPECT_EQ(repository->index()[0].reason, "no effect: metric_tags");
}

TEST_F(RepositoryTest, OutputsHaveTheLabelsOfTheirFile) {
  const std::string more =
      "output { name: 'z' data_type: TYPE_FP32 dims: 2 label_filename: 'z.txt' }";
  AddModel("m", {"1"}, more);
  std::ofstream(root_ / "m" / "z.txt") << "cat\ndog\n";
  AddModel("n", {"1"}, more);
  AddModel("o", {"1"}, more);
  std::ofstream(base_ / "secret") << "secret\n";
  fs::create_symlink(base_ / "secret", root_ / "o" / "z.txt");
  const auto repository = Load();
  const auto& labels = (*repository->Find("m", ""))->labels;
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_TRUE(labels[0].empty());
  EXPECT_THAT(labels[1], ElementsAre("cat", "dog"));
  EXPECT_THAT(FindError(*repository, "n", "", absl::StatusCode::kUnavailable),
              HasSubstr("output 'z'.label_filename: 'z.txt': there is no such file"));
  EXPECT_THAT(FindError(*repository, "o", "", absl::StatusCode::kUnavailable),
              HasSubstr("leads out of the model repository"));
}

TEST_F(RepositoryTest, OneBadModelDoesNotStopTheOthers) {
  AddModel("a_bad", {"1"}, "max_batch_size: 3");
  AddModel("b_good", {"1"});
  AddModel("c_no_version", {});
  AddModel("d_broken", {"1"});
  std::ofstream(root_ / "d_broken" / "1" / "broken") << "x";
  fs::create_directories(root_ / "e_no_config" / "1");
  AddModel("f g", {"1"});
  const auto repository = Load();
  EXPECT_THAT(Lines(*repository), ElementsAre("a_bad:0:0", "b_good:1:1", "c_no_version:0:0",
                                              "d_broken:1:0", "e_no_config:0:0", "f g:0:0"));
  EXPECT_THAT(repository->index()[0].reason, HasSubstr("specified multiple times"));
  EXPECT_THAT(repository->index()[2].reason, HasSubstr("no version folder"));
  EXPECT_THAT(repository->index()[4].reason, HasSubstr("config.pbtxt: there is no such file"));
  EXPECT_THAT(repository->index()[5].reason, HasSubstr("is no model name"));
  EXPECT_THAT(FindError(*repository, "a_bad", "", absl::StatusCode::kUnavailable),
              HasSubstr("'a_bad' failed to load: config.pbtxt:5:"));
  EXPECT_THAT(FindError(*repository, "a_bad", "7", absl::StatusCode::kUnavailable),
              HasSubstr("failed to load"));
  EXPECT_THAT(FindError(*repository, "d_broken", "", absl::StatusCode::kUnavailable),
              HasSubstr("d_broken/1/weights.pt: broken"));
  EXPECT_THAT(FindError(*repository, "d_broken", "2", absl::StatusCode::kNotFound),
              HasSubstr("there are: none"));
}

TEST_F(RepositoryTest, AFolderOfAnyBytesIsListedReadably) {
  fs::create_directories(root_ / "\xff\n" / "1");
  EXPECT_EQ(Load()->index()[0].name, "\\xff\\x0a");
}

TEST_F(RepositoryTest, ReasonsDoNotTellWhereTheRepositoryIs) {
  AddModel("m", {"1"});
  std::ofstream(root_ / "m" / "1" / "broken") << "x";
  const auto repository = Load();
  EXPECT_EQ(repository->index()[0].reason, "m/1/weights.pt: broken");
  EXPECT_THAT(repository->index()[0].reason, Not(HasSubstr(base_.string())));
}

TEST_F(RepositoryTest, ABrokenNewestVersionLeavesTheOlderServing) {
  AddModel("m", {"1", "2"}, "version_policy { all {} }");
  std::ofstream(root_ / "m" / "2" / "broken") << "x";
  const auto repository = Load();
  EXPECT_EQ((*repository->Find("m", ""))->spec.version, 1);
  EXPECT_THAT(FindError(*repository, "m", "2", absl::StatusCode::kUnavailable),
              HasSubstr("broken"));
}

TEST_F(RepositoryTest, NothingLeavesTheRepository) {
  fs::create_directories(base_ / "outside" / "1");
  AddModel("m", {"1"});
  fs::copy(root_ / "m" / "config.pbtxt", base_ / "outside" / "config.pbtxt");
  fs::create_symlink(base_ / "outside", root_ / "linked_model");
  AddModel("linked_version", {});
  fs::create_symlink(base_ / "outside" / "1", root_ / "linked_version" / "1");
  fs::create_directories(root_ / "linked_config" / "1");
  fs::create_symlink(base_ / "outside" / "config.pbtxt", root_ / "linked_config" / "config.pbtxt");
  const auto repository = Load();
  EXPECT_THAT(Lines(*repository),
              ElementsAre("linked_config:0:0", "linked_model:0:0", "linked_version:0:0", "m:1:1"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(repository->index()[i].reason, HasSubstr("leads out of the model repository"));
  }
}

TEST_F(RepositoryTest, HiddenEntriesAndFilesAreSkipped) {
  AddModel(".hidden", {"1"});
  std::ofstream(root_ / "README.md") << "x";
  EXPECT_TRUE(Load()->index().empty());
}

TEST_F(RepositoryTest, FindNamesTheNearestAndSurvivesAnyName) {
  AddModel("plain6_gn", {"1"});
  const auto repository = Load();
  EXPECT_THAT(FindError(*repository, "plain6_gm", "", absl::StatusCode::kNotFound),
              HasSubstr("model_name: unknown 'plain6_gm'; nearest: plain6_gn"));
  EXPECT_THAT(FindError(*repository, "", "", absl::StatusCode::kNotFound), HasSubstr("''"));
  EXPECT_THAT(FindError(*repository, "../plain6_gn", "", absl::StatusCode::kNotFound),
              HasSubstr("unknown"));
  EXPECT_THAT(FindError(*repository, "a\nb", "", absl::StatusCode::kNotFound), HasSubstr("a\\nb"));
  EXPECT_LT(
      FindError(*repository, std::string(1 << 24, 'x'), "", absl::StatusCode::kNotFound).size(),
      300u);
}

TEST_F(RepositoryTest, FindRefusesWhatIsNoVersion) {
  AddModel("m", {"1"});
  const auto repository = Load();
  for (const std::string version : {"v1", "0", "-1", "01", "1 ", "99999999999999999999"}) {
    EXPECT_THAT(FindError(*repository, "m", version, absl::StatusCode::kInvalidArgument),
                HasSubstr("model_version: '" + version + "'"));
  }
}

TEST_F(RepositoryTest, ManyThreadsLoadTheSame) {
  std::vector<std::string> expected;
  for (int i = 10; i < 40; ++i) {
    AddModel(absl::StrCat("m", i), {"1"});
    if (i % 10 == 0) std::ofstream(root_ / absl::StrCat("m", i) / "1" / "broken") << "x";
    expected.push_back(absl::StrCat("m", i, ":1:", i % 10 == 0 ? 0 : 1));
  }
  auto repository = ModelRepository::Open(root_.string(), "cpu", Backends());
  ASSERT_TRUE(repository.ok());
  std::atomic<int> inits{0};
  (*repository)->LoadAll({.count = 4, .init = [&] { ++inits; }});
  EXPECT_EQ(Lines(**repository), expected);
  EXPECT_EQ(loaded_.size(), 27u) << "each once";
  EXPECT_EQ(inits, 4);
}

TEST_F(RepositoryTest, TheObserverIsToldOfEachVersionThatIsTried) {
  AddModel("m", {"1", "2"}, "version_policy { all {} }");
  std::ofstream(root_ / "m" / "2" / "broken") << "x";
  std::vector<std::string> told;
  auto repository =
      ModelRepository::Open(root_.string(), "cpu", Backends(), [&](const ModelStatus& tried) {
        told.push_back(absl::StrCat(tried.name, ":", tried.version, ":", tried.ready));
      });
  ASSERT_TRUE(repository.ok());
  EXPECT_TRUE(told.empty());
  (*repository)->LoadAll();
  EXPECT_THAT(told, ElementsAre("m:1:1", "m:2:0"));
  EXPECT_FALSE((*repository)->LoadModel("m").ok());
  EXPECT_FALSE((*repository)->LoadModel("none").ok());
  EXPECT_THAT(told, ElementsAre("m:1:1", "m:2:0", "m:1:1", "m:2:0"));
}

TEST_F(RepositoryTest, OpenedItServesNothingYet) {
  AddModel("m", {"1"});
  const auto repository = ModelRepository::Open(root_.string(), "cpu", Backends());
  ASSERT_TRUE(repository.ok());
  EXPECT_THAT(Lines(**repository), ElementsAre("m:0:0"));
  EXPECT_TRUE((*repository)->index()[0].unloaded);
  EXPECT_THAT(FindError(**repository, "m", "", absl::StatusCode::kUnavailable),
              HasSubstr("model_name: 'm' is not loaded"));
  EXPECT_TRUE((*repository)->LoadModel("m").ok());
  EXPECT_TRUE((*repository)->Find("m", "").ok());
}

TEST_F(RepositoryTest, ALoadTakesTheFolderAsItIsNow) {
  AddModel("m", {"1"});
  const auto repository = Load();
  const ModelHandle old = *repository->Find("m", "");
  AddModel("m", {"2"});
  AddModel("n", {"1"});
  ASSERT_TRUE(repository->LoadModel("m").ok());
  ASSERT_TRUE(repository->LoadModel("n").ok());
  EXPECT_THAT(Lines(*repository), ElementsAre("m:2:1", "n:1:1"));
  EXPECT_EQ((*repository->Find("m", ""))->spec.version, 2);
  EXPECT_EQ(old->spec.version, 1) << "whoever had it has it still";
  EXPECT_TRUE(absl::IsNotFound(repository->Find("m", "1").status()));
}

TEST_F(RepositoryTest, WhatCannotBeLoadedLeavesWhatServes) {
  AddModel("m", {"1"});
  const auto repository = Load();
  AddModel("m", {"2"}, "version_policy { all {} }");
  std::ofstream(root_ / "m" / "2" / "broken") << "x";
  const absl::Status status = repository->LoadModel("m");
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("version 2: m/2/weights.pt: broken"));
  EXPECT_EQ((*repository->Find("m", ""))->spec.version, 1);
  EXPECT_THAT(Lines(*repository), ElementsAre("m:1:1"));
  EXPECT_THAT(repository->index()[0].reason, HasSubstr("not replaced: version 2"));
  fs::remove(root_ / "m" / "2" / "broken");
  EXPECT_TRUE(repository->LoadModel("m").ok());
  EXPECT_THAT(repository->versions("m"), ElementsAre(1, 2));
  EXPECT_EQ(repository->index()[0].reason, "");
}

TEST_F(RepositoryTest, UnloadedItIsUnavailableUntilItIsLoadedAgain) {
  AddModel("m", {"1"});
  const auto repository = Load();
  const ModelHandle old = *repository->Find("m", "");
  ASSERT_TRUE(repository->UnloadModel("m").ok());
  EXPECT_THAT(FindError(*repository, "m", "", absl::StatusCode::kUnavailable),
              HasSubstr("'m' is unloaded"));
  EXPECT_TRUE(repository->models().empty());
  EXPECT_EQ(old.use_count(), 1) << "the repository does not hold it";
  EXPECT_TRUE(repository->UnloadModel("m").ok()) << "again";
  EXPECT_TRUE(absl::IsNotFound(repository->UnloadModel("n")));
  EXPECT_TRUE(repository->LoadModel("m").ok());
  EXPECT_TRUE(repository->Find("m", "").ok());
}

TEST_F(RepositoryTest, OnlyFoldersOfTheRepositoryAreLoaded) {
  AddModel("m", {"1"});
  fs::create_directories(base_ / "outside" / "1");
  const auto repository = Load();
  for (const char* name : {"", "mm", "../outside", "/", ".", "..", "m/1"}) {
    EXPECT_TRUE(absl::IsNotFound(repository->LoadModel(name))) << name;
  }
  EXPECT_THAT(std::string(repository->LoadModel("n").message()), HasSubstr("unknown 'n'"));
}

TEST_F(RepositoryTest, OneLoadOfAModelAtATime) {
  AddModel("m", {"1"});
  const auto repository = Load();
  absl::Status load, unload;
  during_load_ = [&] {
    load = repository->LoadModel("m");
    unload = repository->UnloadModel("m");
    EXPECT_TRUE(repository->Find("m", "").ok()) << "what serves goes on";
  };
  EXPECT_TRUE(repository->LoadModel("m").ok());
  EXPECT_TRUE(absl::IsUnavailable(load));
  EXPECT_THAT(std::string(load.message()), HasSubstr("'m' is being loaded"));
  EXPECT_TRUE(absl::IsUnavailable(unload));
  EXPECT_TRUE(repository->LoadModel("m").ok()) << "afterwards";
}

TEST_F(RepositoryTest, LoadsUnloadsAndFindsAtOnce) {
  AddModel("m", {"1", "2"}, "version_policy { all {} }");
  const auto repository = Load();
  std::atomic<bool> stop{false};
  std::atomic<int> found{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto model = repository->Find("m", "2");
        if (!model.ok()) continue;
        EXPECT_EQ((*model)->spec.version, 2);
        ++found;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(repository->LoadModel("m").ok());
    if (i % 10 == 0) {
      EXPECT_TRUE(repository->UnloadModel("m").ok());
    }
  }
  while (found == 0) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace normbench
