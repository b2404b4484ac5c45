// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/authorize.h"

namespace normbench {

absl::Status Authorizer::Authorize(Access access) const {
  if (access == Access::kWork && draining()) {
    return absl::UnavailableError("server is draining and takes no new work; try another one");
  }
  return absl::OkStatus();
}

}  // namespace normbench
