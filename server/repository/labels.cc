// SPDX-License-Identifier: Apache-2.0
#include "server/repository/labels.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/repository/naming.h"

namespace normbench {

absl::StatusOr<std::vector<std::string>> ReadLabels(const std::string& path,
                                                    const std::string& shown) {
  const std::string field = absl::StrCat("label_filename: ", Quoted(shown));
  std::error_code error;
  // Opening a pipe would wait for ever.
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(field + ": there is no such file in the model's folder");
  }
  if (std::filesystem::file_size(path, error) > kMaxLabelFileBytes || error) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": the file is too long; allowed: ", kMaxLabelFileBytes, " bytes"));
  }
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> labels;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.size() > kMaxLabelBytes) {
      return absl::InvalidArgumentError(absl::StrCat(field, ": line ", labels.size() + 1, " has ",
                                                     line.size(), " bytes; allowed: 0 to ",
                                                     kMaxLabelBytes));
    }
    labels.push_back(std::move(line));
  }
  if (!file.eof()) return absl::NotFoundError(field + ": cannot be read");
  return labels;
}

}  // namespace normbench
