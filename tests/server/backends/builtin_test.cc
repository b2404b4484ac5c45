// SPDX-License-Identifier: Apache-2.0
// Weights come from a training of a few steps, so this needs no torch, and the trainer's own test
// error is what the served model must reproduce.
#include "server/backends/builtin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "bench/paper/train.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kImages = 256;
constexpr int64_t kRequestBytes = 10'000'000;

// A group norm model with its weights in `folder`, and what the trainer says of it.
struct Fixture {
  std::string folder = ::testing::TempDir() + "builtin_test";
  TrainingData data;
  double test_error = 0;
};

Fixture MakeFixture() {
  Fixture fixture;
  std::filesystem::create_directories(fixture.folder);
  fixture.data = *LoadTrainingData(FashionMnistFolder(), kImages);
  TrainJob job = {.recipe = FindPreset("smoke")->recipe,
                  .run = FindPreset("smoke")->runs[2],
                  .weights_path = fixture.folder + "/weights.pt"};
  job.recipe.train_images = 1600;
  job.recipe.epochs = 1;
  TrainControl control;
  fixture.test_error = Train(job, fixture.data, control)->test_errors[0];
  return fixture;
}

const Fixture& Shared() {
  static const Fixture fixture = MakeFixture();
  return fixture;
}

ModelSpec Spec() {
  ModelSpec spec;
  spec.name = "m";
  spec.backend = "builtin";
  spec.max_batch_size = 64;
  spec.inputs = {{"image", "FP32", {1, 28, 28}}};
  spec.outputs = {{"logits", "FP32", {10}}};
  spec.parameters = {{"network", "plain6"}, {"norm", "group"}, {"channels_per_group", "2"}};
  spec.version_folder = Shared().folder;
  spec.device = "cpu";
  return spec;
}

using Logits = std::vector<float>;

// The logits of images [first, first + count) of the test set, as one request.
Logits Infer(Model& model, int64_t first, int64_t count) {
  const TensorIn input = {.datatype = "FP32",
                          .shape = {count, 1, 28, 28},
                          .data = reinterpret_cast<const std::byte*>(
                              Shared().data.test_images.data() + first * kImagePixels),
                          .bytes = static_cast<size_t>(count) * kImagePixels * sizeof(float)};
  Logits logits;
  const absl::Status status = model.Infer(
      std::span(&input, 1), [&](int index, const std::vector<int64_t>& shape, size_t bytes) {
        EXPECT_EQ(index, 0);
        EXPECT_THAT(shape, ElementsAre(count, 10));
        logits.resize(bytes / sizeof(float), NAN);
        return reinterpret_cast<std::byte*>(logits.data());
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(logits.size(), static_cast<size_t>(count) * 10);
  return logits;
}

Logits InferAll(Model& model, int64_t batch) {
  Logits all;
  for (int64_t first = 0; first < kImages; first += batch) {
    const Logits some = Infer(model, first, batch);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::unique_ptr<Model> Load() {
  auto model = MakeBuiltinBackend(kRequestBytes)->Load(Spec());
  EXPECT_TRUE(model.ok()) << model.status();
  return *std::move(model);
}

double TestError(const Logits& logits) {
  int64_t wrong = 0;
  for (int64_t i = 0; i < kImages; ++i) {
    const auto row = logits.begin() + 10 * i;
    wrong +=
        std::max_element(row, row + 10) - row != Shared().data.test_labels[static_cast<size_t>(i)];
  }
  return static_cast<double>(wrong) / kImages;
}

TEST(BuiltinTest, ServesTheErrorThatTheTrainerMeasured) {
  EXPECT_LT(Shared().test_error, 0.85);  // it has learnt something: chance is 0.9
  EXPECT_DOUBLE_EQ(TestError(InferAll(*Load(), 64)), Shared().test_error);
}

TEST(BuiltinTest, ARowDoesNotDependOnTheBatch) {
  const std::unique_ptr<Model> model = Load();
  const Logits alone = InferAll(*model, 1);
  const Logits together = InferAll(*model, 8);
  for (size_t i = 0; i < alone.size(); ++i) ASSERT_NEAR(alone[i], together[i], 1e-4) << i;
}

// Concurrent calls on one model give what calls one after the other give.
TEST(BuiltinTest, ThreadSafe) {
  const std::unique_ptr<Model> model = Load();
  const Logits expected = InferAll(*model, 8);
  std::vector<Logits> got(4);
  {
    std::vector<std::jthread> threads;
    for (Logits& logits : got) {
      threads.emplace_back([&] { logits = InferAll(*model, 8); });
    }
  }
  for (const Logits& logits : got) {
    ASSERT_EQ(logits.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(logits[i], expected[i], 1e-4) << i;
  }
}

TEST(BuiltinTest, BytesThatDoNotFitTheShape) {
  const std::unique_ptr<Model> model = Load();
  const std::vector<float> image(kImagePixels);
  const TensorIn input = {.datatype = "FP32",
                          .shape = {2, 1, 28, 28},
                          .data = reinterpret_cast<const std::byte*>(image.data()),
                          .bytes = image.size() * sizeof(float)};
  const absl::Status status = model->Infer(
      std::span(&input, 1),
      [](int, const std::vector<int64_t>&, size_t) { return static_cast<std::byte*>(nullptr); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

TEST(BuiltinTest, NoMemoryIsAnAnswer) {
  const std::unique_ptr<Model> model = Load();
  const std::vector<float> image(kImagePixels);
  const TensorIn input = {.datatype = "FP32",
                          .shape = {1, 1, 28, 28},
                          .data = reinterpret_cast<const std::byte*>(image.data()),
                          .bytes = image.size() * sizeof(float)};
  const absl::Status status = model->Infer(
      std::span(&input, 1),
      [](int, const std::vector<int64_t>&, size_t) { return static_cast<std::byte*>(nullptr); });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

struct Refusal {
  std::string name;
  std::function<void(ModelSpec&)> change;
  absl::StatusCode code;
  std::string text;
};

std::vector<Refusal> Refusals() {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  return {
      {"no_batch", [](ModelSpec& s) { s.max_batch_size = 0; }, kInvalid,
       "max_batch_size is 0; backend builtin needs at least 1"},
      {"input_dims",
       [](ModelSpec& s) {
         s.inputs[0].dims = {3, 28, 28};
       },
       kInvalid, "input image is FP32 [3, 28, 28]; the network's is FP32 [1, 28, 28]"},
      {"input_type", [](ModelSpec& s) { s.inputs[0].datatype = "FP64"; }, kInvalid,
       "input image is FP64 [1, 28, 28]"},
      {"output_dims", [](ModelSpec& s) { s.outputs[0].dims = {11}; }, kInvalid,
       "output logits is FP32 [11]; the network's is FP32 [10]"},
      {"two_outputs", [](ModelSpec& s) { s.outputs.push_back(s.outputs[0]); }, kInvalid,
       "output: 2 tensors"},
      {"norm", [](ModelSpec& s) { s.parameters["norm"] = "gruop"; }, kInvalid, "nearest: group"},
      {"other_weights",
       [](ModelSpec& s) {
         s.parameters = {{"network", "plain6"}, {"norm", "batch"}};
       },
       kInvalid, "weights.pt: tensor block0.mean is missing"},
      {"no_weights", [](ModelSpec& s) { s.version_folder = "/not/there"; },
       absl::StatusCode::kNotFound, "/not/there/weights.pt"},
      {"device", [](ModelSpec& s) { s.device = "tpu"; }, absl::StatusCode::kFailedPrecondition,
       "device tpu"},
      {"norm_impl", [](ModelSpec& s) { s.parameters["norm_impl"] = "reference"; }, kInvalid,
       "parameters: norm_impl: unknown 'reference'; allowed: torch, native"},
      {"native_on_a_gpu",
       [](ModelSpec& s) {
         s.parameters["norm_impl"] = "native";
         s.device = "cuda:0";
       },
       absl::StatusCode::kFailedPrecondition,
       "parameters: norm_impl: 'native' on device cuda:0; allowed there: torch"},
  };
}

// Images, logits and the activations of the largest layer, in and out; the largest kernel.
constexpr int64_t kActivations = (2 + 4) * 16 * 14 * 14 * 4;
constexpr int64_t kKernel = 64 * 64 * 9 * 4;

TEST(BuiltinTest, ABatchThatTakesMoreThanRequestsShareIsRefused) {
  constexpr int64_t kNeeded = 100 * ((784 + 10) * 4 + kActivations) + kKernel;
  ModelSpec spec = Spec();
  spec.max_batch_size = 100;
  EXPECT_TRUE(MakeBuiltinBackend(kNeeded)->Load(spec).ok());
  EXPECT_EQ(MakeBuiltinBackend(kNeeded - 1)->Load(spec).status(),
            absl::InvalidArgumentError("model m: max_batch_size: 100 needs 7991456 bytes; allowed: "
                                       "1 .. 99 within the 7991455 bytes that requests share"));
}

TEST(BuiltinTest, SaysWhatItTakes) {
  const std::unique_ptr<Model> model = Load();
  EXPECT_EQ(model->WorkspaceBytes(3), 3 * kActivations + kKernel);
  const std::vector<MemoryPoint> measured = model->MeasuredMemory();
  ASSERT_EQ(measured.size(), 7u) << "1, 2, 4 .. 64";
  for (const MemoryPoint& point : measured) {
    EXPECT_GT(point.bytes, 0) << point.batch;
    EXPECT_LE(point.bytes, model->WorkspaceBytes(point.batch)) << "admission takes the bound";
  }
  EXPECT_LT(measured.front().bytes, measured.back().bytes);
  EXPECT_FALSE(model->any_thread());
}

// The weights of a network with batch norm, as three models serve them.
TEST(BuiltinTest, FoldedServesTheErrorOfTheTrainer) {
  TrainJob job = {.recipe = FindPreset("smoke")->recipe,
                  .run = FindPreset("deployed")->runs[0],
                  .weights_path = ::testing::TempDir() + "builtin_folded/weights.pt"};
  std::filesystem::create_directories(::testing::TempDir() + "builtin_folded");
  job.recipe.train_images = 1600;
  job.recipe.epochs = 1;
  TrainControl control;
  const auto outcome = Train(job, Shared().data, control);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ModelSpec spec = Spec();
  spec.version_folder = ::testing::TempDir() + "builtin_folded";
  std::vector<Logits> logits;
  for (const char* stats : {"running", "folded"}) {
    spec.parameters = {{"network", "plain6"}, {"norm", "batch"}, {"stats", stats}};
    const auto model = MakeBuiltinBackend(kRequestBytes)->Load(spec);
    ASSERT_TRUE(model.ok()) << model.status();
    logits.push_back(InferAll(**model, 64));
    EXPECT_DOUBLE_EQ(TestError(logits.back()), outcome->test_errors[logits.size() - 1]);
  }
  EXPECT_NE(logits[0], logits[1]) << "another route";
  for (size_t i = 0; i < logits[0].size(); ++i) ASSERT_NEAR(logits[0][i], logits[1][i], 1e-3) << i;
}

TEST(BuiltinTest, NativeNormsServeTheErrorOfTheTrainer) {
  ModelSpec spec = Spec();
  spec.parameters["norm_impl"] = "native";
  const auto model = MakeBuiltinBackend(kRequestBytes)->Load(spec);
  ASSERT_TRUE(model.ok()) << model.status();
  const Logits native = InferAll(**model, 64), by_torch = InferAll(*Load(), 64);
  EXPECT_DOUBLE_EQ(TestError(native), Shared().test_error);
  EXPECT_NE(native, by_torch) << "another route";
  for (size_t i = 0; i < native.size(); ++i) ASSERT_NEAR(native[i], by_torch[i], 1e-3) << i;
}

TEST(BuiltinTest, KnowsWhatAConfigurationLeavesOut) {
  const auto backend = MakeBuiltinBackend(kRequestBytes);
  ModelSpec spec = Spec();
  spec.inputs.clear();
  spec.outputs.clear();
  spec.max_batch_size = 0;
  ASSERT_TRUE(backend->Complete(spec).ok());
  EXPECT_EQ(spec.max_batch_size, 64);
  EXPECT_EQ(spec.inputs[0].name, "image");
  EXPECT_EQ(spec.outputs[0].name, "logits");
  EXPECT_TRUE(backend->Load(spec).ok()) << "what it completes it takes";
  spec.max_batch_size = 0;
  spec.inputs.clear();
  spec.outputs[0].name = "y";
  ASSERT_TRUE(backend->Complete(spec).ok());
  EXPECT_EQ(spec.max_batch_size, 0) << "the output that is given has no batch dimension";
  EXPECT_EQ(spec.outputs[0].name, "y");
  spec.parameters["norm"] = "gruop";
  EXPECT_THAT(std::string(backend->Complete(spec).message()), HasSubstr("nearest: group"));
}

class RefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, NamesTheModelAndTheReason) {
  ModelSpec spec = Spec();
  GetParam().change(spec);
  const absl::Status status = MakeBuiltinBackend(kRequestBytes)->Load(spec).status();
  EXPECT_EQ(status.code(), GetParam().code) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("model m: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(Builtin, RefusalTest, ::testing::ValuesIn(Refusals()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace normbench
