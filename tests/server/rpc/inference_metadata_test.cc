// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/inference_metadata.h"

#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class InferenceMetadataTest : public InferenceFixture {};

TEST_F(InferenceMetadataTest, ServerNamesOnlyWhatWorks) {
  const auto metadata = DescribeServer("1.2.3", {});
  EXPECT_EQ(metadata.name(), "normbench");
  EXPECT_EQ(metadata.version(), "1.2.3");
  EXPECT_THAT(metadata.extensions(),
              ElementsAre("binary_tensor_data", "classification", "model_configuration",
                          "parameters", "schedule_policy", "statistics"));
  EXPECT_THAT(DescribeServer("1.2.3", {"system_shared_memory"}).extensions(),
              Contains("system_shared_memory"));
}

TEST_F(InferenceMetadataTest, ModelHasABatchDimensionWhereItBatches) {
  inference::ModelMetadataRequest request;
  request.set_name("echo");
  const auto metadata = DescribeModel(*repository_, request);
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ(metadata->name(), "echo");
  EXPECT_EQ(metadata->platform(), "normbench_identity");
  EXPECT_THAT(metadata->versions(), ElementsAre("1"));
  EXPECT_EQ(metadata->inputs(0).name(), "x");
  EXPECT_EQ(metadata->inputs(0).datatype(), "FP32");
  EXPECT_THAT(metadata->inputs(0).shape(), ElementsAre(-1, 2, 3));
  EXPECT_THAT(metadata->outputs(0).shape(), ElementsAre(-1, 2, 3));
  request.set_name("single");
  EXPECT_THAT(DescribeModel(*repository_, request)->inputs(0).shape(), ElementsAre(3));
}

TEST_F(InferenceMetadataTest, PropertiesAreTheParameters) {
  inference::ModelMetadataRequest request;
  request.set_name("error");
  EXPECT_EQ(DescribeModel(*repository_, request)->properties().at("fault"), "error");
}

TEST_F(InferenceMetadataTest, ConfigIsAlwaysSet) {
  inference::ModelConfigRequest request;
  request.set_name("echo");
  request.set_version("1");
  const auto config = DescribeConfig(*repository_, request);
  ASSERT_TRUE(config.ok());
  ASSERT_TRUE(config->has_config());
  EXPECT_EQ(config->config().name(), "echo");
  EXPECT_EQ(config->config().max_batch_size(), 8);
  EXPECT_THAT(config->config().input(0).dims(), ElementsAre(2, 3));
  request.set_version("2");
  EXPECT_EQ(DescribeConfig(*repository_, request).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(InferenceMetadataTest, StatisticsAreOfOneModelOrAll) {
  inference::ModelStatisticsRequest request;
  EXPECT_EQ(ModelsMeant(*repository_, request)->size(), 8u) << "all that serve";
  request.set_name("echo");
  ASSERT_EQ(ModelsMeant(*repository_, request)->size(), 1u);
  EXPECT_EQ((*ModelsMeant(*repository_, request))[0]->spec.name, "echo");
  request.set_version("1");
  EXPECT_EQ(ModelsMeant(*repository_, request)->size(), 1u);
  request.set_version("2");
  EXPECT_EQ(ModelsMeant(*repository_, request).status().code(), absl::StatusCode::kNotFound);
  request.set_name("broken");
  request.clear_version();
  EXPECT_EQ(ModelsMeant(*repository_, request).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(InferenceMetadataTest, IndexHasEveryModelWithItsReason) {
  inference::RepositoryIndexRequest request;
  const auto index = DescribeRepository(*repository_, request);
  ASSERT_TRUE(index.ok());
  ASSERT_EQ(index->models_size(), 9);
  const auto& broken = index->models(0);
  EXPECT_EQ(broken.name(), "broken");
  EXPECT_EQ(broken.version(), "1");
  EXPECT_EQ(broken.state(), "UNAVAILABLE");
  EXPECT_EQ(broken.reason(), "no weights");
  EXPECT_EQ(index->models(1).name(), "echo");
  EXPECT_EQ(index->models(1).state(), "READY");
  request.set_ready(true);
  EXPECT_EQ(DescribeRepository(*repository_, request)->models_size(), 8);
  request.set_repository_name("other");
  EXPECT_EQ(DescribeRepository(*repository_, request).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(InferenceMetadataTest, ReadyIsFalseForWhatCannotRun) {
  inference::ModelReadyRequest request;
  request.set_name("echo");
  EXPECT_TRUE(*IsModelReady(*repository_, request));
  request.set_name("broken");
  EXPECT_FALSE(*IsModelReady(*repository_, request));
  request.set_name("unknown");
  EXPECT_FALSE(*IsModelReady(*repository_, request));
  request.set_version("one");
  EXPECT_EQ(IsModelReady(*repository_, request).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace normbench
