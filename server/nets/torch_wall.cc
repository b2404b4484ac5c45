// SPDX-License-Identifier: Apache-2.0
#include "server/nets/torch_wall.h"

#include <exception>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"

namespace normbench {

absl::Status BehindTorchWall(absl::FunctionRef<absl::Status()> work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {  // c10::Error is one; its later lines are a backtrace
    const std::string text = error.what();
    return absl::InternalError(absl::StrCat("LibTorch: ", text.substr(0, text.find('\n'))));
  }
}

}  // namespace normbench
