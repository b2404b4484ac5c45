// SPDX-License-Identifier: Apache-2.0
// Models for the backend torchscript, and what LibTorch itself answers for them: the same operators
// on the same weights, called without the JIT.
#pragma once

#include <torch/torch.h>

#include <filesystem>

namespace normbench {

// Makes the repository FOLDER/torchscript: "scripted" (two outputs, names of our own) and
// "resnet_like" (the same module as a repository for another V2 server has it: platform, INPUT__0,
// a file name). FOLDER/scripted.features.f32 and FOLDER/scripted.mean.f32 hold the answers for
// `images`.
void WriteScriptModels(const torch::Tensor& images, const std::filesystem::path& folder);

// Writes the modules FOLDER/adders/0.pt to 9.pt: each adds its number to x.
void WriteAdders(const std::filesystem::path& folder);

}  // namespace normbench
