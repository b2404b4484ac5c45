// SPDX-License-Identifier: Apache-2.0
// A report in every form that normbench writes: the files of a run's folder, and the text that
// `normbench report` prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/files.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// report.json first: the others can be made from it again. Then report.csv, report.md, junit.xml,
// google-benchmark.json and the JSON Schemas of report and sweep.
std::vector<FileContent> ReportFiles(const v1::Report& report);

inline constexpr std::string_view kFormats[] = {"table", "csv", "md", "junit", "google-benchmark"};

// `path` is where the report came from, for the last line of a table. REQUIRES: format is one of
// kFormats.
std::string FormatReport(const v1::Report& report, std::string_view format,
                         const std::string& path);

}  // namespace normbench
