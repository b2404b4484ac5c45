// SPDX-License-Identifier: Apache-2.0
#include "server/exec/guarded.h"

#include <exception>
#include <new>

#include "absl/strings/str_cat.h"

namespace normbench {

absl::Status Guarded(const std::function<absl::Status()>& step) {
  try {
    return step();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("memory: not enough for this request; send a smaller one");
  } catch (const std::exception& e) {
    return absl::InternalError(absl::StrCat("unexpected exception: ", e.what()));
  }
}

}  // namespace normbench
