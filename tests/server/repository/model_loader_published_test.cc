// SPDX-License-Identifier: Apache-2.0
// A folder as its owner has it on another V2 server loads as it is.
#include "tests/server/repository/models_fixture.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;

constexpr const char* kConfig = R"(
# Flowers, as the training job wrote it.
name: "flowers"
platform: "identity_graphdef"
backend: "identity"
max_batch_size: 32
default_model_filename: "flowers.bin"
input [
  {
    name: "pixels"
    data_type: TYPE_FP32
    format: FORMAT_NCHW
    dims: [ 3, 8, 8 ]
  }
]
output [
  {
    name: "kinds"
    data_type: TYPE_FP32
    dims: [ 3, 8, 8 ]
    label_filename: "kinds.txt"
  }
]
version_policy: { specific { versions: [ 2, 5 ] } }
instance_group [
  { name: "main" count: 2 kind: KIND_CPU rate_limiter { resources [ { name: "ram" count: 4 } ] } }
]
dynamic_batching {
  preferred_batch_size: [ 4, 8 ]
  max_queue_delay_microseconds: 100
  default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 5000 }
}
optimization { graph { level: 1 } cuda { graphs: true } }
parameters: { key: "team" value: { string_value: "garden" } }
model_warmup [
  {
    name: "grey"
    batch_size: 4
    inputs: {
      key: "pixels"
      value: { data_type: TYPE_FP32 dims: [ 3, 8, 8 ] random_data: true }
    }
    count: 3
  }
]
response_cache { enable: true }
hints_of_vendor: { watts: 15 profiles: [ { name: "night" } ] }
)";

class PublishedTest : public ModelsFixture {
 protected:
  void SetUp() override {
    ModelsFixture::SetUp();
    for (const char* version : {"1", "2", "5"}) {
      std::filesystem::create_directories(root_ / "flowers" / version);
    }
    std::ofstream(root_ / "flowers" / "config.pbtxt") << kConfig;
    std::ofstream(root_ / "flowers" / "kinds.txt") << "rose\ntulip\n";
  }
};

TEST_F(PublishedTest, LoadsAndSaysWhatHasNoEffect) {
  const LoadedFolder folder = ModelLoader::Open(root_.string(), "cpu", Backends())->Load("flowers");
  ASSERT_EQ(folder.versions.size(), 2u) << folder.status[0].reason;
  const LoadedModel& model = *folder.versions.at(5);
  EXPECT_EQ(model.spec.device, "cpu");
  EXPECT_EQ(model.spec.model_file, "flowers.bin");
  EXPECT_EQ(model.spec.parameters.at("team"), "garden");
  EXPECT_THAT(model.labels[0], ElementsAre("rose", "tulip"));
  EXPECT_EQ(model.config.platform(), "identity_graphdef");
  EXPECT_EQ(model.config.model_warmup(0).count(), 3u);
  EXPECT_TRUE(model.config.optimization().cuda().graphs()) << "answered as it was written";
  EXPECT_TRUE(folder.status[1].ready);
  // What dynamic_batching and the count of an instance group do is for their own tests.
  const std::string& reason = folder.status[1].reason;
  EXPECT_THAT(reason, ::testing::StartsWith("no effect: "));
  EXPECT_THAT(reason, ::testing::EndsWith("instance_group.rate_limiter, optimization, "
                                          "response_cache, unknown field 'hints_of_vendor' "
                                          "(config.pbtxt:47:16)"));
}

}  // namespace
}  // namespace normbench
