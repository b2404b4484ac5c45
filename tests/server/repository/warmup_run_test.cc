// SPDX-License-Identifier: Apache-2.0
#include "server/repository/warmup_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "server/backends/identity.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;

// Remembers the first value of each input of every run; fails on `bad`.
class Remembering : public Model {
 public:
  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    std::vector<int> run = {static_cast<int>(inputs[0].shape[0])};
    for (const TensorIn& input : inputs) run.push_back(static_cast<int>(*input.data));
    runs.push_back(run);
    if (run[1] == bad) return absl::InternalError("no such word");
    std::byte* const memory = allocate(0, inputs[0].shape, inputs[0].bytes);
    std::memcpy(memory, inputs[0].data, inputs[0].bytes);
    refused = allocate(0, {}, size_t{1} << 40) == nullptr;
    return absl::OkStatus();
  }
  int64_t WorkspaceBytes(int64_t) const override { return 0; }

  std::vector<std::vector<int>> runs;  // batch, then the inputs in the order they came
  int bad = -1;
  bool refused = false;
};

class WarmupRunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "warmup");
    for (const char value : {1, 2, 3}) {
      std::ofstream(folder_ / "warmup" / std::to_string(value)) << value;
    }
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
      max_batch_size: 4
      input { name: "z" data_type: TYPE_UINT8 dims: 1 }
      input { name: "a" data_type: TYPE_UINT8 dims: 1 }
      output { name: "o" data_type: TYPE_UINT8 dims: 1 }
      model_warmup [
        { name: "twice" batch_size: 3 count: 2 inputs [
          { key: "a" value { data_type: TYPE_UINT8 dims: 1 input_data_file: "2" } },
          { key: "z" value { data_type: TYPE_UINT8 dims: 1 input_data_file: "1" } } ] },
        { name: "once" inputs [
          { key: "a" value { data_type: TYPE_UINT8 dims: 1 zero_data: true } },
          { key: "z" value { data_type: TYPE_UINT8 dims: 1 input_data_file: "3" } } ] } ])",
                                                              &config_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / "warmup_run_test";
  inference::ModelConfig config_;
};

TEST_F(WarmupRunTest, EverySampleAsOftenAsItSays) {
  Remembering model;
  const absl::Status status = RunWarmups(model, config_, folder_);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(model.runs,
              ElementsAre(ElementsAre(3, 1, 2), ElementsAre(3, 1, 2), ElementsAre(1, 3, 0)));
  EXPECT_TRUE(model.refused) << "an output of any size";
}

TEST_F(WarmupRunTest, TheFirstThatFailsIsNamed) {
  Remembering model;
  model.bad = 3;
  EXPECT_EQ(RunWarmups(model, config_, folder_),
            absl::InvalidArgumentError("config.pbtxt: model_warmup 'once' failed: no such word"));
  EXPECT_EQ(model.runs.size(), 3u);
  std::filesystem::remove(folder_ / "warmup" / "1");
  EXPECT_EQ(RunWarmups(model, config_, folder_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(model.runs.size(), 3u) << "not run without its data";
}

TEST_F(WarmupRunTest, StringsRunToo) {
  inference::ModelConfig config;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    input { name: "x" data_type: TYPE_STRING dims: 2 }
    output { name: "y" data_type: TYPE_STRING dims: 2 }
    model_warmup { inputs { key: "x" value { data_type: TYPE_STRING dims: 2 zero_data: true } } })",
                                                            &config));
  ModelSpec spec;
  spec.inputs = {{"x", "BYTES", {2}}};
  spec.outputs = {{"y", "BYTES", {2}}};
  const auto model = MakeIdentityBackend()->Load(spec);
  EXPECT_TRUE(RunWarmups(**model, config, folder_).ok());
}

}  // namespace
}  // namespace normbench
