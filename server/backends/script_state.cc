// SPDX-License-Identifier: Apache-2.0
#include "server/backends/script_state.h"

#include <torch/csrc/jit/passes/freeze_module.h>

#include <exception>

namespace normbench {
namespace {

bool UsesAttributes(const torch::jit::Block& block) {
  for (const torch::jit::Node* node : block.nodes()) {
    if (node->kind() == c10::prim::SetAttr || node->kind() == c10::prim::GetAttr) return true;
    for (const torch::jit::Block* inner : node->blocks()) {
      if (UsesAttributes(*inner)) return true;
    }
  }
  return false;
}

}  // namespace

bool KeepsState(const torch::jit::Module& module) {
  try {
    // Makes constants of all attributes but those that are written to somewhere.
    const torch::jit::Module frozen = torch::jit::freeze_module(module);
    return UsesAttributes(*frozen.get_method("forward").graph()->block());
  } catch (const std::exception&) {
    return true;
  }
}

}  // namespace normbench
