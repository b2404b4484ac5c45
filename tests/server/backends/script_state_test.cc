// SPDX-License-Identifier: Apache-2.0
#include "server/backends/script_state.h"

#include <gtest/gtest.h>

#include <string>

namespace normbench {
namespace {

bool Keeps(const std::string& code) {
  torch::jit::Module module("m");
  module.register_parameter("scale", torch::full({1}, 3.0f), false);
  module.register_buffer("count", torch::zeros({1}));
  module.register_attribute("training", c10::BoolType::get(), true);
  module.register_attribute("last", c10::TensorType::get(), torch::zeros({1}));
  module.register_attribute("seen", c10::ListType::ofTensors(), c10::List<at::Tensor>());
  module.define(code);
  module.eval();
  return KeepsState(module);
}

TEST(KeepsState, SeesWhatACallLeavesBehind) {
  EXPECT_TRUE(Keeps("def forward(self, x):\n  self.last = x\n  return x\n"));
  EXPECT_TRUE(Keeps("def forward(self, x):\n  self.seen.append(x)\n  return x\n"));
  EXPECT_TRUE(Keeps("def forward(self, x):\n  self.count.add_(1)\n  return x * self.scale\n"));
  EXPECT_TRUE(
      Keeps("def forward(self, x):\n  if bool(x.sum() > 0):\n    self.last = x\n  return x\n"));
  EXPECT_TRUE(
      Keeps("def keep(self, x):\n  self.last = x\n  return x\n"
            "def forward(self, x):\n  return self.keep(x)\n"));
}

// Scripted batch norm counts batches, but in training only: such networks are no exception.
TEST(KeepsState, IsFalseForAFunctionOfTheInputs) {
  EXPECT_FALSE(Keeps("def forward(self, x):\n  return x * self.scale + len(self.seen)\n"));
  EXPECT_FALSE(Keeps("def forward(self, x):\n  y = x * self.scale\n  return y.relu_()\n"));
  EXPECT_FALSE(Keeps("def forward(self, x):\n  x.add_(1)\n  return x\n")) << "its own input";
  EXPECT_FALSE(
      Keeps("def forward(self, x):\n  if self.training:\n    self.count.add_(1)\n"
            "  return x * self.scale\n"));
}

}  // namespace
}  // namespace normbench
