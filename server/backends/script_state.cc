// SPDX-License-Identifier: Apache-2.0
#include "server/backends/script_state.h"

#include <torch/csrc/jit/passes/freeze_module.h>

#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

bool UsesAttributes(const torch::jit::Block& block) {
  for (const torch::jit::Node* node : block.nodes()) {
    if (node->kind() == c10::prim::SetAttr || node->kind() == c10::prim::GetAttr) return true;
    // What a forked call does is in a graph of its own, which freezing does not look through.
    if (node->kind() == c10::prim::fork) return true;
    for (const torch::jit::Block* inner : node->blocks()) {
      if (UsesAttributes(*inner)) return true;
    }
  }
  return false;
}

}  // namespace

bool KeepsState(const torch::jit::Module& module) {
  bool keeps = true;
  BehindTorchWall([&] {
    // Makes constants of all attributes but those that are written to somewhere.
    const torch::jit::Module frozen = torch::jit::freeze_module(module);
    keeps = UsesAttributes(*frozen.get_method("forward").graph()->block());
    return absl::OkStatus();
  }).IgnoreError();
  return keeps;
}

}  // namespace normbench
