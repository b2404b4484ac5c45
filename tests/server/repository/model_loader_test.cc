// SPDX-License-Identifier: Apache-2.0
// What becomes of one folder; how it serves is tested in repository_test.cc.
#include "server/repository/model_loader.h"

#include <chrono>
#include <thread>

#include "tests/server/repository/models_fixture.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelLoaderTest : public ModelsFixture {
 protected:
  ModelLoader Open() { return *ModelLoader::Open(root_.string(), "cpu", Backends()); }
};

TEST_F(ModelLoaderTest, NamesAreThoseOfFolders) {
  AddModel("b", {"1"});
  AddModel("a", {});
  AddModel(".hidden", {"1"});
  std::ofstream(root_ / "README.md") << "x";
  const ModelLoader loader = Open();
  EXPECT_THAT(*loader.Names(), ElementsAre("a", "b"));
  AddModel("c", {"1"});
  EXPECT_THAT(*loader.Names(), ElementsAre("a", "b", "c")) << "as they are now";
}

TEST_F(ModelLoaderTest, LoadsTheVersionsOfThePolicy) {
  AddModel("m", {"1", "2", "3"}, "version_policy { latest { num_versions: 2 } }");
  const LoadedFolder folder = Open().Load("m");
  EXPECT_TRUE(folder.complete());
  ASSERT_EQ(folder.versions.size(), 2u);
  EXPECT_EQ(folder.versions.at(3)->spec.version, 3);
  EXPECT_EQ(folder.versions.at(3)->config.name(), "m");
}

TEST_F(ModelLoaderTest, AVersionThatFailsIsALine) {
  AddModel("m", {"1", "2"}, "version_policy { all {} }");
  std::ofstream(root_ / "m" / "1" / "broken") << "x";
  const LoadedFolder folder = Open().Load("m");
  EXPECT_FALSE(folder.complete());
  EXPECT_EQ(folder.versions.size(), 1u);
  ASSERT_EQ(folder.status.size(), 2u);
  EXPECT_EQ(folder.status[0].reason, "m/1/weights.pt: broken");
  EXPECT_TRUE(folder.status[1].ready);
}

TEST_F(ModelLoaderTest, KnowsHowLongEachVersionTook) {
  AddModel("m", {"1", "2"}, "version_policy { all {} }");
  std::ofstream(root_ / "m" / "2" / "broken") << "x";
  during_load_ = [] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  const LoadedFolder folder = Open().Load("m");
  ASSERT_EQ(folder.status.size(), 2u);
  EXPECT_GE(folder.status[0].seconds, 0.02);
  EXPECT_LT(folder.status[0].seconds, 20);
  EXPECT_GT(folder.status[1].seconds, 0) << "until it failed";
}

TEST_F(ModelLoaderTest, AFolderThatIsNoModelIsALineWithoutAVersion) {
  AddModel("m", {"1"}, "max_batch_size: 3");
  const LoadedFolder folder = Open().Load("m");
  ASSERT_EQ(folder.status.size(), 1u);
  EXPECT_EQ(folder.status[0].version, 0);
  EXPECT_FALSE(folder.complete());
  EXPECT_THAT(folder.status[0].reason, HasSubstr("config.pbtxt:5:15: Non-repeated field"));
}

TEST_F(ModelLoaderTest, AnUnknownFieldIsTheReasonOfAModelThatServes) {
  AddModel("m", {"1"}, "default_model_filenam: 'x'\nmetric_tags { key: 'a' value: 'b' }");
  const LoadedFolder folder = Open().Load("m");
  ASSERT_TRUE(folder.complete()) << folder.status[0].reason;
  EXPECT_EQ(folder.status[0].reason,
            "no effect: metric_tags, unknown field 'default_model_filenam' (config.pbtxt:5:22; "
            "nearest: default_model_filename)");
}

TEST_F(ModelLoaderTest, AModelIsOnTheDeviceThatItAsksFor) {
  AddModel("here", {"1"}, "instance_group { gpus: 1 }");
  AddModel("elsewhere", {"1"}, "instance_group { gpus: 2 }");
  const auto loader =
      ModelLoader::Open(root_.string(), "cuda:0", Backends(), {"cpu", "cuda:0", "cuda:1"});
  EXPECT_EQ(loader->Load("here").versions.at(1)->spec.device, "cuda:1");
  EXPECT_EQ(
      loader->Load("elsewhere").status[0].reason,
      "config.pbtxt: instance_group: cuda:2 is not here; the server has: cpu, cuda:0, cuda:1");
}

TEST_F(ModelLoaderTest, AWarmupThatFailsIsAVersionThatFails) {
  AddModel("m", {"1"}, R"(
    model_warmup {
      name: "photo"
      inputs { key: "x" value { data_type: TYPE_FP32 dims: 2 input_data_file: "photo" } }
    })");
  EXPECT_THAT(Open().Load("m").status[0].reason, HasSubstr("model_warmup 'photo' input 'x'"));
  std::filesystem::create_directories(root_ / "m" / "warmup");
  std::ofstream(root_ / "m" / "warmup" / "photo") << "12345678";
  EXPECT_TRUE(Open().Load("m").complete());
  std::ofstream(base_ / "secret") << "12345678";
  std::filesystem::remove(root_ / "m" / "warmup" / "photo");
  std::filesystem::create_symlink(base_ / "secret", root_ / "m" / "warmup" / "photo");
  EXPECT_THAT(Open().Load("m").status[0].reason, HasSubstr("leads out of the model repository"));
}

}  // namespace
}  // namespace normbench
