// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_wall.h"

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// What c10's CUDA and CPU allocators say; they throw no type of their own for it that is
// torch-free.
bool SaysOutOfMemory(const std::string& text) {
  return absl::StrContains(text, "out of memory") || absl::StrContains(text, "allocate memory");
}

// Later lines are a backtrace. In an error from inside a scripted module a trace through its source
// comes first.
std::string Cause(const std::string& text) {
  constexpr std::string_view kAfterTrace = "\nRuntimeError: ";
  const size_t trace = text.rfind(kAfterTrace);
  const size_t start = trace == std::string::npos ? 0 : trace + kAfterTrace.size();
  return text.substr(start, text.find('\n', start) - start);
}

}  // namespace

absl::Status BehindTorchWall(absl::FunctionRef<absl::Status()> work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("LibTorch: out of memory");
  } catch (const std::exception& error) {  // c10::Error is one
    const std::string text = error.what();
    const std::string message = absl::StrCat("LibTorch: ", Cause(text));
    if (SaysOutOfMemory(text)) return absl::ResourceExhaustedError(message);
    return absl::InternalError(message);
  }
}

}  // namespace normbench
