// SPDX-License-Identifier: Apache-2.0
#include "client/kept_report.h"

#include <filesystem>
#include <iostream>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bench/report/exit_code.h"
#include "bench/report/json.h"
#include "client/files.h"
#include "client/report_files.h"

namespace normbench {
namespace {

// The file itself, or the one in the folder that a run wrote.
std::string FileOf(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) ? path + "/report.json" : path;
}

}  // namespace

absl::StatusOr<v1::Report> ReadKeptReport(const std::string& path) {
  const std::string file = FileOf(path);
  const auto text = ReadWhole(file);
  if (!text.ok()) return text.status();
  auto report = ReportFromJson(*text);
  if (report.ok()) return report;
  return absl::InvalidArgumentError(absl::StrCat("'", file, "': ", report.status().message()));
}

int ShowKeptReport(const ReportArguments& arguments) {
  const auto report = ReadKeptReport(arguments.path);
  if (!report.ok()) {
    std::cerr << "normbench: " << report.status().message() << "\n";
    return static_cast<int>(ExitCode::kUsage);
  }
  std::cout << FormatReport(*report, arguments.format, FileOf(arguments.path)) << std::flush;
  return 0;
}

}  // namespace normbench
