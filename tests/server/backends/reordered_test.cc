// SPDX-License-Identifier: Apache-2.0
#include "server/backends/reordered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace normbench {
namespace {

using testing::ElementsAre;

// Output i has the bytes of input i, and says so to whoever asks.
class Copies : public Model {
 public:
  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    for (size_t i = 0; i < inputs.size(); ++i) {
      std::memcpy(allocate(static_cast<int>(i), inputs[i].shape, inputs[i].bytes), inputs[i].data,
                  inputs[i].bytes);
    }
    return absl::OkStatus();
  }
  int64_t WorkspaceBytes(int64_t batch) const override { return 7 * batch; }
  std::vector<MemoryPoint> MeasuredMemory() const override { return {{.batch = 1, .bytes = 5}}; }
  bool keeps_state() const override { return true; }
};

ModelSpec Spec(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  ModelSpec spec;
  for (const std::string& name : inputs) spec.inputs.push_back({name, "UINT8", {1}});
  for (const std::string& name : outputs) spec.outputs.push_back({name, "UINT8", {1}});
  return spec;
}

TEST(Reordered, AsTheModuleHasThem) {
  const ModelSpec spec = Spec({"b__1", "c__2", "a__0"}, {"y__2", "x__1", "z__0"});
  const auto order = OrderOf(spec);
  ASSERT_TRUE(order.ok());
  const ModelSpec in_order = InOrder(spec, *order);
  EXPECT_EQ(in_order.inputs[0].name, "a__0");
  EXPECT_EQ(in_order.outputs[2].name, "y__2");
  const auto model = Reordered(std::make_unique<Copies>(), *order);
  const std::byte values[] = {std::byte{11}, std::byte{12}, std::byte{10}};  // b, c, a
  std::vector<TensorIn> inputs;
  for (const std::byte& value : values) inputs.push_back({"UINT8", {1}, &value, 1});
  std::byte answers[3] = {};
  ASSERT_TRUE(model
                  ->Infer(inputs, [&](int index, const std::vector<int64_t>&,
                                      size_t) { return &answers[index]; })
                  .ok());
  EXPECT_THAT(answers, ElementsAre(std::byte{12}, std::byte{11}, std::byte{10}))
      << "y: the module's third, of c; x: its second, of b; z: its first, of a";
  EXPECT_EQ(model->WorkspaceBytes(2), 14);
  EXPECT_EQ(model->MeasuredMemory().size(), 1U);
  EXPECT_TRUE(model->keeps_state());
}

TEST(Reordered, NothingIsInTheWayWhereTheOrderIsTheSame) {
  const ModelSpec spec = Spec({"x__0", "y__1"}, {"z"});
  auto copies = std::make_unique<Copies>();
  const Model* const same = copies.get();
  EXPECT_EQ(Reordered(std::move(copies), *OrderOf(spec)).get(), same);
}

TEST(OrderOf, NamesTheTensorsOfWhichItIsWrong) {
  EXPECT_FALSE(OrderOf(Spec({"x__1"}, {"y"})).ok());
  EXPECT_EQ(OrderOf(Spec({"x"}, {"y__0", "z__0"})).status().message().substr(0, 7), "output:");
}

}  // namespace
}  // namespace normbench
