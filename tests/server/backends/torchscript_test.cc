// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torchscript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <torch/script.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kBudget = 1 << 20;

// Writes a module with this forward() where a version folder has it.
std::string Folder(const std::string& name, const std::string& forward) {
  const std::string folder = ::testing::TempDir() + "/" + name;
  std::filesystem::create_directories(folder);
  torch::jit::Module module("m");
  module.register_parameter("scale", torch::full({1}, 3.0f), false);
  module.register_attribute("last", c10::TensorType::get(), torch::zeros({1, 1}));
  module.define(forward);
  module.save(folder + "/model.pt");
  return folder;
}

ModelSpec Spec(const std::string& folder) {
  ModelSpec spec;
  spec.name = "m";
  spec.backend = "torchscript";
  spec.max_batch_size = 8;
  spec.inputs = {{"x", "FP32", {-1}}};
  spec.outputs = {{"y", "FP32", {-1}}};
  spec.version_folder = folder;
  spec.device = "cpu";
  return spec;
}

struct Tensor {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

absl::StatusOr<std::vector<Tensor>> Infer(Model& model, const std::vector<Tensor>& given) {
  std::vector<TensorIn> inputs;
  for (const Tensor& tensor : given) {
    inputs.push_back({"FP32", tensor.shape,
                      reinterpret_cast<const std::byte*>(tensor.values.data()),
                      tensor.values.size() * sizeof(float)});
  }
  std::vector<Tensor> answers(2);
  const absl::Status status =
      model.Infer(inputs, [&](int index, std::vector<int64_t> shape, size_t bytes) {
        answers[index] = {std::move(shape), std::vector<float>(bytes / sizeof(float))};
        return reinterpret_cast<std::byte*>(answers[index].values.data());
      });
  if (!status.ok()) return status;
  return answers;
}

std::string LoadError(const ModelSpec& spec) {
  return std::string(MakeTorchScriptBackend(kBudget)->Load(spec).status().message());
}

TEST(TorchScript, AnswersForAnyBatchAndOpenDimension) {
  const auto model = MakeTorchScriptBackend(kBudget)->Load(
      Spec(Folder("scale", "def forward(self, x):\n  return x * self.scale + 1.0\n")));
  ASSERT_TRUE(model.ok()) << model.status();
  const auto answers = Infer(**model, {{{2, 3}, {0, 1, 2, 3, 4, 5}}});
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT((*answers)[0].shape, ElementsAre(2, 3));
  EXPECT_THAT((*answers)[0].values, ElementsAre(1, 4, 7, 10, 13, 16));
}

TEST(TorchScript, CannotCompleteWhatAModuleDoesNotTell) {
  ModelSpec spec = Spec("");
  const auto backend = MakeTorchScriptBackend(kBudget);
  EXPECT_TRUE(backend->Complete(spec).ok());
  spec.outputs.clear();
  EXPECT_EQ(backend->Complete(spec).message(),
            "output: missing; a TorchScript module does not tell its shapes");
  spec.inputs.clear();
  EXPECT_THAT(std::string(backend->Complete(spec).message()), HasSubstr("input: missing"));
}

TEST(TorchScript, OutputsComeAsTupleOrDictionary) {
  for (const auto& [name, result] : {std::pair{"tuple", "(x - y, x + y)"},
                                     std::pair{"dictionary", "{'sum': x + y, 'less': x - y}"},
                                     std::pair{"list", "[x - y, x + y]"}}) {
    ModelSpec spec =
        Spec(Folder(name, std::string("def forward(self, x, y):\n  return ") + result + "\n"));
    spec.inputs = {{"x", "FP32", {1}}, {"y", "FP32", {1}}};
    spec.outputs = {{"less", "FP32", {1}}, {"sum", "FP32", {1}}};
    const auto model = MakeTorchScriptBackend(kBudget)->Load(spec);
    ASSERT_TRUE(model.ok()) << model.status();
    const auto answers = Infer(**model, {{{1, 1}, {5}}, {{1, 1}, {2}}});
    ASSERT_TRUE(answers.ok()) << answers.status();
    EXPECT_THAT((*answers)[0].values, ElementsAre(3)) << name;
    EXPECT_THAT((*answers)[1].values, ElementsAre(7)) << name;
  }
}

TEST(TorchScript, InputsAreWhereTheirNamesSay) {
  const std::string folder = Folder("less", "def forward(self, x, y):\n  return (x - y, x + y)\n");
  using Names = std::vector<std::string>;
  for (const Names& names : {Names{"INPUT__1", "INPUT__0"}, Names{"y", "x"}}) {
    ModelSpec spec = Spec(folder);
    spec.inputs = {{names[0], "FP32", {1}}, {names[1], "FP32", {1}}};
    spec.outputs = {{"OUTPUT__1", "FP32", {1}}, {"OUTPUT__0", "FP32", {1}}};
    const auto model = MakeTorchScriptBackend(kBudget)->Load(spec);
    ASSERT_TRUE(model.ok()) << model.status();
    const auto answers = Infer(**model, {{{1, 1}, {2}}, {{1, 1}, {5}}});
    ASSERT_TRUE(answers.ok()) << answers.status();
    EXPECT_THAT((*answers)[0].values, ElementsAre(7)) << names[0];
    EXPECT_THAT((*answers)[1].values, ElementsAre(3)) << names[0];
  }
}

TEST(TorchScript, HalfTypesPassThrough) {
  for (const char* type : {"FP16", "BF16", "INT64", "BOOL", "FP64"}) {
    ModelSpec spec = Spec(Folder("copy", "def forward(self, x):\n  return x.clone()\n"));
    spec.inputs[0].datatype = spec.outputs[0].datatype = type;
    EXPECT_EQ(LoadError(spec), "") << type;
  }
}

TEST(TorchScript, IsNamedWhereModuleAndConfigurationDisagree) {
  ModelSpec spec = Spec(Folder("one", "def forward(self, x):\n  return x\n"));
  spec.outputs[0].dims = {7};
  EXPECT_THAT(LoadError(spec),
              HasSubstr("output y with Float [1, 1]; its configuration says FP32 [1, 7]"));
  spec.outputs[0] = {"y", "FP64", {-1}};
  EXPECT_THAT(LoadError(spec), HasSubstr("configuration says FP64"));
  spec = Spec(spec.version_folder);
  spec.inputs.push_back({"z", "FP32", {1}});
  EXPECT_THAT(LoadError(spec), HasSubstr("forward() takes 1 inputs; the configuration has 2"));
  spec = Spec(spec.version_folder);
  spec.outputs.push_back({"z", "FP32", {1}});
  EXPECT_THAT(LoadError(spec),
              HasSubstr("answered with 1 tensors; its configuration has 2 outputs"));
  spec = Spec(spec.version_folder);
  spec.inputs[0].datatype = "UINT64";
  EXPECT_THAT(LoadError(spec), HasSubstr("input x: UINT64; LibTorch takes BOOL, UINT8"));
}

TEST(TorchScript, FilesThatAreMissingOrBrokenAreNamed) {
  ModelSpec spec = Spec(::testing::TempDir() + "/nowhere");
  EXPECT_THAT(LoadError(spec), HasSubstr("nowhere/model.pt: no such file"));
  spec = Spec(Folder("broken", "def forward(self, x):\n  return x\n"));
  std::filesystem::resize_file(spec.version_folder + "/model.pt", 300);
  EXPECT_THAT(LoadError(spec), HasSubstr("model.pt: no TorchScript module: LibTorch: "));
  std::ofstream(spec.version_folder + "/model.pt") << "text";
  EXPECT_THAT(LoadError(spec), HasSubstr("no TorchScript module"));
}

// A pipe that nobody writes to would keep the server from starting.
TEST(TorchScript, OnlyAFileIsOpened) {
  const ModelSpec spec = Spec(::testing::TempDir() + "/pipe");
  std::filesystem::remove_all(spec.version_folder);  // of the run before: it would be written to
  std::filesystem::create_directories(spec.version_folder);
  ASSERT_EQ(mkfifo((spec.version_folder + "/model.pt").c_str(), 0600), 0);
  EXPECT_THAT(LoadError(spec), HasSubstr("pipe/model.pt: no such file"));
}

TEST(TorchScript, ADeviceThatIsNotHereIsNamed) {
  ModelSpec spec = Spec(Folder("device", "def forward(self, x):\n  return x\n"));
  spec.device = "cuda:63";
  const absl::Status status = MakeTorchScriptBackend(kBudget)->Load(spec).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("model m: device: cuda:63 is not here; allowed: cpu"));
}

// Answers with the input of the call before. That memory has other contents by then.
TEST(TorchScript, AModuleMayKeepItsInput) {
  const auto model = MakeTorchScriptBackend(kBudget)->Load(
      Spec(Folder("keeps",
                  "def forward(self, x):\n  last = self.last\n  self.last = x\n"
                  "  return last[:1, :1].expand(x.size(0), x.size(1))\n")));
  ASSERT_TRUE(model.ok()) << model.status();
  std::vector<Tensor> given = {{{1, 1}, {7}}};
  ASSERT_TRUE(Infer(**model, given).ok());
  given[0].values[0] = 99;
  const auto answers = Infer(**model, given);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT((*answers)[0].values, ElementsAre(7));
}

// Each call adds 1 to what it finds: none may be lost.
TEST(TorchScript, CallsOfAModuleThatKeepsStateDoNotMeet) {
  const auto model = MakeTorchScriptBackend(kBudget)->Load(
      Spec(Folder("counts",
                  "def forward(self, x):\n  self.last = self.last + 1.0\n"
                  "  return x * 0.0 + self.last\n")));
  ASSERT_TRUE(model.ok()) << model.status();
  const float before = (*Infer(**model, {{{1, 1}, {0}}}))[0].values[0];
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Infer(**model, {{{1, 1}, {0}}}).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ((*Infer(**model, {{{1, 1}, {0}}}))[0].values[0], before + 4001);
}

TEST(TorchScript, AModuleThatThrowsAnswersWithItsWords) {
  const auto model = MakeTorchScriptBackend(kBudget)->Load(Spec(Folder(
      "throws", "def forward(self, x):\n  assert bool(x.sum() < 10), 'too much'\n  return x\n")));
  ASSERT_TRUE(model.ok()) << model.status();
  const absl::Status status = Infer(**model, {{{1, 1}, {11}}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("LibTorch: AssertionError: too much"));
  EXPECT_TRUE(Infer(**model, {{{1, 1}, {9}}}).ok()) << "the model lives on";
}

TEST(TorchScript, SaysWhatMemoryItTakes) {
  // Each sample of 4 bytes becomes 1000 of them, twice.
  const std::string folder = Folder("memory",
                                    "def forward(self, x):\n  y = x.expand(-1, 1000) + 1.0\n"
                                    "  return (y * y).sum(1, True)\n");
  ModelSpec spec = Spec(folder);
  spec.inputs[0].dims = spec.outputs[0].dims = {1};
  const auto model = MakeTorchScriptBackend(kBudget)->Load(spec);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_GE((*model)->WorkspaceBytes(8), 8 * 8000);
  EXPECT_LE((*model)->WorkspaceBytes(8), 8 * 12000 + 65536);
  EXPECT_NEAR(static_cast<double>((*model)->WorkspaceBytes(4)),
              static_cast<double>((*model)->WorkspaceBytes(8)) / 2, 65536);
  spec.max_batch_size = 10000;
  EXPECT_THAT(LoadError(spec), HasSubstr("max_batch_size: 10000; a batch of "));
}

TEST(TorchScript, AStepInTheMemoryIsNoSlope) {
  // 256 KiB from a batch of 8 on: as a slope it would be 16 MiB at 512, and the budget is 1 MiB.
  ModelSpec spec =
      Spec(Folder("step",
                  "def forward(self, x):\n  y = x\n"
                  "  if x.size(0) >= 8:\n    y = x + (torch.zeros([65536]) + x.sum()).sum()\n"
                  "  return y\n"));
  spec.max_batch_size = 512;
  const auto model = MakeTorchScriptBackend(kBudget)->Load(spec);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_GE((*model)->WorkspaceBytes(512), 65536 * 4);
}

TEST(TorchScript, ManyThreadsShareAModel) {
  const auto model = MakeTorchScriptBackend(kBudget)->Load(
      Spec(Folder("shared", "def forward(self, x):\n  return x * self.scale\n")));
  ASSERT_TRUE(model.ok()) << model.status();
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const auto answers =
            Infer(**model, {{{t, 1}, std::vector<float>(t, static_cast<float>(i))}});
        ASSERT_TRUE(answers.ok()) << answers.status();
        ASSERT_THAT((*answers)[0].values, ::testing::Each(3.0f * static_cast<float>(i)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace normbench
