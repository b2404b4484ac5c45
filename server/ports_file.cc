// SPDX-License-Identifier: Apache-2.0
#include "server/ports_file.h"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace normbench {

absl::Status WritePortsFile(const std::string& path, const BoundAddresses& addresses) {
  const std::string unfinished = path + ".part";
  std::ofstream file(unfinished);
  file << "{\n  \"grpc\": \"" << addresses.grpc << "\",\n  \"http\": \"" << addresses.http
       << "\"\n}\n";
  file.close();
  if (file && std::rename(unfinished.c_str(), path.c_str()) == 0) return absl::OkStatus();
  const std::string why = std::generic_category().message(errno);
  std::remove(unfinished.c_str());
  return absl::FailedPreconditionError(
      absl::StrCat("--print-ports: cannot write '", path, "': ", why));
}

}  // namespace normbench
