// SPDX-License-Identifier: Apache-2.0
#include "server/faults/faulty_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "server/backends/identity.h"
#include "tests/server/faults/counted_clock.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using Values = std::vector<float>;

constexpr size_t kClasses = 4;

// Logits of samples that are all different, class 1 + i % 3 the largest.
Values Samples(size_t count) {
  Values values;
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; k < kClasses; ++k) {
      values.push_back(k == 1 + i % 3 ? 8.0f + static_cast<float>(i) : -static_cast<float>(k));
    }
  }
  return values;
}

Values Row(const Values& values, size_t i) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * kClasses);
  return {begin, begin + kClasses};
}

size_t Top(const Values& row) {
  return static_cast<size_t>(std::ranges::max_element(row) - row.begin());
}

class FaultyModelTest : public ::testing::Test {
 protected:
  // A model of `backend` with the faults.
  std::unique_ptr<Model> Load(const FaultOptions& options,
                              std::unique_ptr<Backend> backend = MakeIdentityBackend(),
                              const std::string& datatype = "FP32", int max_batch_size = 64) {
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(std::move(backend));
    backends_ = WithFaults(std::move(backends), Faults::Create(options, clock_.Reader()).value());
    ModelSpec spec;
    spec.name = "m";
    spec.max_batch_size = max_batch_size;
    spec.inputs = spec.outputs = {{.name = "x", .datatype = datatype, .dims = {kClasses}}};
    return backends_[0]->Load(spec).value();
  }

  // What `model` answers to samples of kClasses values each, as one batch.
  static Values Infer(Model& model, const Values& samples, const std::string& datatype = "FP32") {
    const auto rows = static_cast<int64_t>(samples.size() / kClasses);
    const TensorIn input = {.datatype = datatype,
                            .shape = {rows, kClasses},
                            .data = reinterpret_cast<const std::byte*>(samples.data()),
                            .bytes = samples.size() * sizeof(float)};
    Values answer(samples.size());
    const absl::Status status =
        model.Infer({&input, 1}, [&](int, const std::vector<int64_t>&, size_t) {
          return reinterpret_cast<std::byte*>(answer.data());
        });
    EXPECT_TRUE(status.ok()) << status;
    return answer;
  }

  CountedClock clock_;
  std::vector<std::unique_ptr<Backend>> backends_;
};

TEST_F(FaultyModelTest, EachBatchIsSlowedAsAWhole) {
  const auto model = Load({.delay = 3});
  EXPECT_EQ(Infer(*model, Samples(5)), Samples(5)) << "late, but right";
  EXPECT_EQ(clock_.reads(), 2 + 4) << "around it; the spin's beginning, and thrice";
}

TEST_F(FaultyModelTest, TheTopOfOneInTenIsAnotherAndTheOthersAreWrongByTheShare) {
  constexpr size_t kCount = 2000;
  const auto model = Load({.numeric = 1e-3});
  const Values right = Samples(kCount);
  const Values wrong = Infer(*model, right);
  size_t flips = 0;
  for (size_t i = 0; i < kCount; ++i) {
    const Values before = Row(right, i), after = Row(wrong, i);
    EXPECT_NE(before, after) << i;
    if (Top(before) != Top(after)) {
      ++flips;
      EXPECT_EQ(Top(after), 0u) << i;
      continue;
    }
    EXPECT_FLOAT_EQ(after[0], 1e-3f * before[Top(before)]) << i;
    EXPECT_EQ(Values(after.begin() + 1, after.end()), Values(before.begin() + 1, before.end()));
  }
  EXPECT_NEAR(static_cast<double>(flips), kCount / 10.0, 60);
}

TEST_F(FaultyModelTest, AnAnswerDoesNotDependOnTheBatchNorOnTheTime) {
  const auto model = Load({.numeric = 1e-3});
  const Values samples = Samples(40);
  const Values together = Infer(*model, samples);
  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(Infer(*model, Row(samples, i)), Row(together, i)) << i;
  EXPECT_EQ(Infer(*model, samples), together);
}

TEST_F(FaultyModelTest, ModelsWithoutABatchDimensionAreOneSample) {
  const auto model = Load({.numeric = 0.5}, MakeIdentityBackend(), "FP32", 0);
  const Values samples = Samples(3), answer = Infer(*model, samples);
  int changed = 0;
  for (size_t i = 0; i < samples.size(); ++i) changed += samples[i] == answer[i] ? 0 : 1;
  EXPECT_THAT(changed, ::testing::AnyOf(1, 2)) << "the first, or two that change places";
}

TEST_F(FaultyModelTest, OtherTypesAreLeftAlone) {
  const auto model = Load({.numeric = 1}, MakeIdentityBackend(), "INT32");
  EXPECT_EQ(Infer(*model, Samples(20), "INT32"), Samples(20));
}

// Answers in ways that the server refuses later.
class OddBackend final : public Backend {
 public:
  using Answer = std::function<absl::Status(const AllocateOutput&)>;
  explicit OddBackend(Answer answer) : answer_(std::move(answer)) {}
  std::string name() const override { return "odd"; }
  absl::Status Complete(ModelSpec& spec) const override {
    spec.max_batch_size = 7;
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) override {
    if (answer_ == nullptr) return absl::InvalidArgumentError("model " + spec.name + ": odd");
    class OddModel : public Model {
     public:
      explicit OddModel(Answer answer) : answer_(std::move(answer)) {}
      absl::Status Infer(std::span<const TensorIn>, const AllocateOutput& allocate) override {
        return answer_(allocate);
      }
      int64_t WorkspaceBytes(int64_t batch) const override { return 7 * batch; }
      std::vector<MemoryPoint> MeasuredMemory() const override { return {{1, 5}}; }
      bool keeps_state() const override { return true; }
      bool any_thread() const override { return true; }

     private:
      const Answer answer_;
    };
    return std::make_unique<OddModel>(answer_);
  }

 private:
  const Answer answer_;
};

TEST_F(FaultyModelTest, TouchesOnlyWhatWasWritten) {
  Values memory = {1, 2, 3, 4};
  const TensorIn input = {.datatype = "FP32", .shape = {3, 1}, .data = nullptr, .bytes = 0};
  const auto give = [&](int index, const std::vector<int64_t>&, size_t) {
    return index == 0 ? reinterpret_cast<std::byte*>(memory.data()) : nullptr;
  };
  const auto infer = [&](OddBackend::Answer answer) {
    return Load({.numeric = 0.5}, std::make_unique<OddBackend>(std::move(answer)))
        ->Infer({&input, 1}, give);
  };
  EXPECT_TRUE(infer([](const AllocateOutput&) { return absl::OkStatus(); }).ok());
  EXPECT_TRUE(infer([](const AllocateOutput& allocate) {
                allocate(5, {3}, 12);  // of an output that there is not
                allocate(0, {3, 0}, 0);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(infer([](const AllocateOutput& allocate) {
              allocate(0, {3, 1}, 12);
              return absl::InternalError("the model failed");
            }),
            absl::InternalError("the model failed"));
  EXPECT_THAT(memory, ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(infer([](const AllocateOutput& allocate) {
                allocate(0, {2, 1}, 8);  // no row for each sample: all of it is one
                return absl::OkStatus();
              }).ok());
  EXPECT_NE(memory[0], 1);
  EXPECT_EQ(memory[2], 3);
}

TEST_F(FaultyModelTest, SaysOfItselfWhatTheModelSays) {
  const auto model =
      Load({.delay = 1},
           std::make_unique<OddBackend>([](const AllocateOutput&) { return absl::OkStatus(); }));
  EXPECT_EQ(backends_[0]->name(), "odd");
  ModelSpec spec;
  EXPECT_TRUE(backends_[0]->Complete(spec).ok());
  EXPECT_EQ(spec.max_batch_size, 7);
  EXPECT_EQ(model->WorkspaceBytes(2), 14);
  EXPECT_EQ(model->MeasuredMemory().size(), 1u);
  EXPECT_TRUE(model->keeps_state());
  EXPECT_TRUE(model->any_thread());
}

TEST_F(FaultyModelTest, AModelThatCannotBeLoadedSaysWhy) {
  std::vector<std::unique_ptr<Backend>> backends;
  backends.push_back(std::make_unique<OddBackend>(nullptr));
  backends = WithFaults(std::move(backends), Faults::Create({.delay = 1}).value());
  ModelSpec spec;
  spec.name = "m";
  EXPECT_EQ(backends[0]->Load(spec).status(), absl::InvalidArgumentError("model m: odd"));
}

}  // namespace
}  // namespace normbench
