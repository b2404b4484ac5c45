// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_wall.h"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace normbench {
namespace {

// What c10's CUDA and CPU allocators say; they throw no type of their own for it that is
// torch-free.
bool SaysOutOfMemory(const std::string& text) {
  return absl::StrContains(text, "out of memory") || absl::StrContains(text, "allocate memory");
}

// "builtins.ValueError: too short": the line that names what was raised. Lines of source have other
// characters in front of the first ": ".
bool NamesAnError(absl::string_view line) {
  const size_t name = line.find(": ");
  return name != line.npos && name > 0 && absl::c_all_of(line.substr(0, name), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
         });
}

// Later lines are a backtrace. In an error from inside a scripted module a trace through its source
// comes first, then the class of what it raised; RuntimeError is that of everything else.
std::string Cause(const std::string& text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  const auto is_mark = [](absl::string_view line) { return absl::EndsWith(line, "<--- HERE"); };
  const auto mark = std::find_if(lines.rbegin(), lines.rend(), is_mark);
  const auto error = std::find_if(mark.base(), lines.end(), NamesAnError);
  if (mark == lines.rend() || error == lines.end()) return std::string(lines.front());
  return std::string(absl::StripPrefix(*error, "RuntimeError: "));
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
