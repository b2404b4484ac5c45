// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_wall.h"

#include <exception>
#include <new>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// What c10's CUDA and CPU allocators say; they throw no type of their own for it that is
// torch-free.
bool SaysOutOfMemory(const std::string& text) {
  return absl::StrContains(text, "out of memory") || absl::StrContains(text, "allocate memory");
}

}  // namespace

absl::Status BehindTorchWall(absl::FunctionRef<absl::Status()> work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("LibTorch: out of memory");
  } catch (const std::exception& error) {  // c10::Error is one; its later lines are a backtrace
    const std::string text = error.what();
    const std::string message = absl::StrCat("LibTorch: ", text.substr(0, text.find('\n')));
    if (SaysOutOfMemory(text)) return absl::ResourceExhaustedError(message);
    return absl::InternalError(message);
  }
}

}  // namespace normbench
