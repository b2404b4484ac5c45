// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/model_folder.h"

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
using ::testing::UnorderedElementsAre;

ModelEntry Entry(const std::string& name) {
  return {.name = name,
          .backend = "builtin",
          .input = {.name = "image", .dims = {1, 28, 28}},
          .output = {.name = "logits", .dims = {10}},
          .parameters = {{"norm", "group"}, {"note", "a \"b\" \\c"}}};
}

std::string Content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

class ModelStagingTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(repository_); }

  // Adds a model whose weights are `weights`.
  void Add(ModelStaging& staging, const std::string& name, const std::string& weights) {
    const std::string path = staging.Scratch("some.pt");
    std::ofstream(path) << weights;
    ASSERT_TRUE(staging.Add(Entry(name), path).ok());
  }

  const fs::path repository_ = fs::path(::testing::TempDir()) /
                               (std::string("model_folder_test_") +
                                ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST(ModelConfigTest, Text) {
  std::ostringstream out;
  WriteModelConfig(Entry("m"), out);
  EXPECT_EQ(out.str(),
            "name: \"m\"\n"
            "backend: \"builtin\"\n"
            "max_batch_size: 64\n"
            "input {\n  name: \"image\"\n  data_type: TYPE_FP32\n  dims: [ 1, 28, 28 ]\n}\n"
            "output {\n  name: \"logits\"\n  data_type: TYPE_FP32\n  dims: [ 10 ]\n}\n"
            "parameters {\n  key: \"norm\"\n  value { string_value: \"group\" }\n}\n"
            "parameters {\n  key: \"note\"\n  value { string_value: \"a \\\"b\\\" \\\\c\" }\n}\n");
}

TEST_F(ModelStagingTest, PublishesAllAtOnce) {
  {
    auto staging = ModelStaging::Open(repository_.string());
    ASSERT_TRUE(staging.ok()) << staging.status();
    Add(*staging, "m", "weights of m");
    ASSERT_TRUE(staging->Add(Entry("bare"), "").ok());
    EXPECT_FALSE(fs::exists(repository_ / "m"));
    ASSERT_TRUE(staging->Publish().ok());
  }
  EXPECT_THAT(Names(repository_), UnorderedElementsAre("m", "bare"));
  EXPECT_EQ(Content(repository_ / "m/1/weights.pt"), "weights of m");
  EXPECT_THAT(Content(repository_ / "m/config.pbtxt"), HasSubstr("name: \"m\""));
  EXPECT_TRUE(fs::is_directory(repository_ / "bare/1"));
}

TEST_F(ModelStagingTest, LeavesNothingUnlessPublished) {
  {
    auto staging = ModelStaging::Open(repository_.string());
    ASSERT_TRUE(staging.ok()) << staging.status();
    Add(*staging, "m", "weights");
  }
  EXPECT_TRUE(fs::is_empty(repository_));
}

TEST_F(ModelStagingTest, ReplacesItsOwnNamesOnly) {
  fs::create_directories(repository_ / "m/1");
  fs::create_directories(repository_ / "m/2");
  std::ofstream(repository_ / "m/1/weights.pt") << "old";
  fs::create_directories(repository_ / "other/1");
  std::ofstream(repository_ / "other/config.pbtxt") << "other";
  {
    auto staging = ModelStaging::Open(repository_.string());
    ASSERT_TRUE(staging.ok()) << staging.status();
    Add(*staging, "m", "new");
    ASSERT_TRUE(staging->Publish().ok());
  }
  EXPECT_THAT(Names(repository_), UnorderedElementsAre("m", "other"));
  EXPECT_EQ(Content(repository_ / "m/1/weights.pt"), "new");
  EXPECT_FALSE(fs::exists(repository_ / "m/2"));
  EXPECT_EQ(Content(repository_ / "other/config.pbtxt"), "other");
}

TEST_F(ModelStagingTest, TheOldModelStaysWhereTheNewOneCannotCome) {
  fs::create_directories(repository_ / "m/1");
  std::ofstream(repository_ / "m/1/weights.pt") << "old";
  {
    auto staging = ModelStaging::Open(repository_.string());
    ASSERT_TRUE(staging.ok()) << staging.status();
    Add(*staging, "m", "new");
    fs::remove_all(staging->Scratch("m"));
    EXPECT_EQ(staging->Publish().code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_EQ(Content(repository_ / "m/1/weights.pt"), "old");
}

TEST_F(ModelStagingTest, ARepositoryThatIsAFile) {
  std::ofstream(repository_) << "in the way";
  const absl::Status status = ModelStaging::Open(repository_.string()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(repository_.string()));
}

TEST_F(ModelStagingTest, WeightsThatAreNotThere) {
  auto staging = ModelStaging::Open(repository_.string());
  ASSERT_TRUE(staging.ok()) << staging.status();
  EXPECT_FALSE(staging->Add(Entry("m"), staging->Scratch("none.pt")).ok());
}

}  // namespace
}  // namespace normbench
