// SPDX-License-Identifier: Apache-2.0
#include "client/failure.h"

#include <array>
#include <iostream>

#include "bench/report/exit_code.h"

namespace normbench {

int Fail(const absl::Status& status) {
  std::cerr << "normbench: " << status.message() << "\n";
  if (absl::IsCancelled(status)) return static_cast<int>(ExitCode::kInterrupted);
  const bool usage = absl::IsInvalidArgument(status) || absl::IsNotFound(status);
  return static_cast<int>(usage ? ExitCode::kUsage : ExitCode::kTransport);
}

int WorstOf(int exit_code, const absl::Status& status) {
  if (status.ok()) return exit_code;
  const std::array codes = {static_cast<ExitCode>(exit_code), static_cast<ExitCode>(Fail(status))};
  return static_cast<int>(Worst(codes));
}

}  // namespace normbench
