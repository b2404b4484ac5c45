// SPDX-License-Identifier: Apache-2.0
// The packages come from aoti_packages.py, before this runs; it says why where there are none.
#include "server/backends/aoti.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "server/kernels/torch_runtime.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AotiTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    CheckPackageInputs();
    SetTorchThreads(1);
  }

  void SetUp() override {
    if (!fs::exists(packages_ + "/made_for")) GTEST_SKIP() << "no packages in " << packages_;
    fs::remove_all(temporary_);
    fs::create_directories(temporary_);
    setenv("TMPDIR", temporary_.c_str(), 1);
  }

  ModelSpec Spec(const std::string& package) const {
    ModelSpec spec;
    spec.name = "m";
    spec.max_batch_size = 8;
    spec.inputs = {{"x", "FP32", {3}}, {"y", "FP32", {3}}};
    spec.outputs = {{"sum", "FP32", {3}}};
    spec.version_folder = packages_;
    spec.model_file = package;
    return spec;
  }

  static absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) {
    return MakeAotiBackend({.max_request_bytes = 1 << 20, .workers = 2})->Load(spec);
  }

  // A load that failed has left nothing behind.
  std::string LoadError(const ModelSpec& spec) const {
    const absl::Status status = Load(spec).status();
    EXPECT_TRUE(fs::is_empty(temporary_));
    EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr(temporary_)));
    return std::string(status.message());
  }

  const std::string packages_ = getenv("NORMBENCH_AOTI_PACKAGES");
  const std::string temporary_ = ::testing::TempDir() + "/temporary";
};

// x + y for a batch of `batch` with x all `value` and y counting up.
absl::StatusOr<std::vector<float>> Add(Model& model, int64_t batch, float value) {
  const size_t count = static_cast<size_t>(batch) * 3;
  const std::vector<float> x(count, value);
  std::vector<float> y(count);
  for (size_t i = 0; i < count; ++i) y[i] = static_cast<float>(i);
  std::vector<TensorIn> inputs;
  for (const std::vector<float>* values : {&x, static_cast<const std::vector<float>*>(&y)}) {
    inputs.push_back({"FP32",
                      {batch, 3},
                      reinterpret_cast<const std::byte*>(values->data()),
                      count * sizeof(float)});
  }
  std::vector<float> sum(count);
  const absl::Status status = model.Infer(inputs, [&](int, const auto& shape, size_t bytes) {
    EXPECT_THAT(shape, ElementsAre(batch, 3));
    EXPECT_EQ(bytes, count * sizeof(float));
    return reinterpret_cast<std::byte*>(sum.data());
  });
  if (!status.ok()) return status;
  return sum;
}

TEST_F(AotiTest, AnswersForEveryBatchAndCleansUp) {
  {
    const auto model = Load(Spec("add.pt2"));
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_THAT(*Add(**model, 1, 5), ElementsAre(5, 6, 7));
    EXPECT_THAT(*Add(**model, 2, -1), ElementsAre(-1, 0, 1, 2, 3, 4));
    EXPECT_EQ((*model)->MeasuredMemory().back().batch, 8);
    EXPECT_FALSE((*model)->any_thread()) << "it may wait for another request";
    EXPECT_FALSE(fs::is_empty(temporary_)) << "its code is there while it serves";
  }
  EXPECT_TRUE(fs::is_empty(temporary_));
}

TEST_F(AotiTest, ManyThreadsShareAModel) {
  const auto model = Load(Spec("add.pt2"));
  ASSERT_TRUE(model.ok()) << model.status();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {  // more than there are runners
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const auto value = static_cast<float>(1000 * t + i);
        const auto sum = Add(**model, 1 + t, value);
        ASSERT_TRUE(sum.ok()) << sum.status();
        ASSERT_EQ(sum->front(), value);
        ASSERT_EQ(sum->back(), value + static_cast<float>(3 * t + 2));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(AotiTest, ModelsLoadBesideEachOther) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      const auto model = Load(Spec("add.pt2"));
      ASSERT_TRUE(model.ok()) << model.status();
      EXPECT_THAT(*Add(**model, 1, 1), ElementsAre(1, 2, 3));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(fs::is_empty(temporary_));
}

TEST_F(AotiTest, IsNamedWherePackageAndConfigurationDisagree) {
  ModelSpec spec = Spec("add.pt2");
  spec.inputs[1].dims = {4};
  EXPECT_THAT(LoadError(spec), HasSubstr("model m: on zeros, batch 1: LibTorch: input y: unmatched "
                                         "dim value at 1, expected: 3, but got: 4"));
  spec = Spec("add.pt2");
  spec.inputs[0].datatype = "FP64";
  EXPECT_THAT(LoadError(spec), HasSubstr("input x: unmatched dtype"));
  spec = Spec("add.pt2");
  spec.inputs.pop_back();
  EXPECT_THAT(LoadError(spec), HasSubstr("expected inputs vector size to be 2, but got 1"));
  spec = Spec("add.pt2");
  spec.outputs[0].dims = {4};
  EXPECT_THAT(LoadError(spec), HasSubstr("output sum with Float [1, 3]; its configuration says"));
  spec.outputs.push_back({"more", "FP32", {1}});
  EXPECT_THAT(LoadError(spec), HasSubstr("with 1 tensors; its configuration has 2 outputs"));
}

TEST_F(AotiTest, ABatchThatThePackageDoesNotTakeIsNamedWithAWayOut) {
  EXPECT_THAT(LoadError(Spec("fixed.pt2")),
              HasSubstr("batch 1: LibTorch: input x: unmatched dim value at 0, expected: 4, but "
                        "got: 1; one for several batches is exported with a dynamic first"));
  EXPECT_THAT(LoadError(Spec("usual.pt2")),
              HasSubstr("input x: dim value is too small at 0, expected it to be >= 2, but got: 1; "
                        "one that takes every batch is made with aot_inductor.check_lowerbound"));
}

TEST_F(AotiTest, AFixedBatchIsServedAsItIs) {
  ModelSpec spec = Spec("fixed.pt2");
  spec.max_batch_size = 0;
  for (TensorSpec* tensor : {&spec.inputs[0], &spec.inputs[1], &spec.outputs[0]}) {
    tensor->dims = {4, 3};
  }
  const auto model = Load(spec);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(Add(**model, 4, 0)->back(), 11);
}

TEST_F(AotiTest, AFileThatIsMissingOrNoPackageIsNamed) {
  EXPECT_THAT(LoadError(Spec("none.pt2")), HasSubstr("none.pt2: no such file"));
  EXPECT_THAT(LoadError(Spec("net.pt")), HasSubstr("net.pt: no AOTInductor package; allowed"));
}

TEST_F(AotiTest, WithoutRoomForItsCodeItSaysWhere) {
  setenv("TMPDIR", "/nowhere", 1);
  const absl::Status status = Load(Spec("add.pt2")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the temporary folder (TMPDIR) is none"));
}

}  // namespace
}  // namespace normbench
