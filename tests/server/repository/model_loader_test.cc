// SPDX-License-Identifier: Apache-2.0
// What becomes of one folder; how it serves is tested in repository_test.cc.
#include "server/repository/model_loader.h"

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

TEST_F(ModelLoaderTest, AFolderThatIsNoModelIsALineWithoutAVersion) {
  AddModel("m", {"1"}, "max_batch_sise: 3");
  const LoadedFolder folder = Open().Load("m");
  ASSERT_EQ(folder.status.size(), 1u);
  EXPECT_EQ(folder.status[0].version, 0);
  EXPECT_FALSE(folder.complete());
  EXPECT_THAT(folder.status[0].reason, HasSubstr("max_batch_size"));
}

}  // namespace
}  // namespace normbench
