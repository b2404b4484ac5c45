// SPDX-License-Identifier: Apache-2.0
#include "client/report_files.h"

#include "bench/report/console.h"
#include "bench/report/json.h"
#include "bench/report/schema.h"
#include "bench/report/writers/csv.h"
#include "bench/report/writers/google_benchmark.h"
#include "bench/report/writers/junit.h"
#include "bench/report/writers/markdown.h"

namespace normbench {

std::vector<FileContent> ReportFiles(const v1::Report& report) {
  return {{"report.json", ReportToJson(report)},
          {"report.csv", ReportToCsv(report)},
          {"report.md", ReportToMarkdown(report)},
          {"junit.xml", ReportToJunit(report)},
          {"google-benchmark.json", ReportToGoogleBenchmark(report)},
          {"report.schema.json", ReportSchema()},
          {"sweep.schema.json", SweepSchema()}};
}

std::string FormatReport(const v1::Report& report, std::string_view format,
                         const std::string& path) {
  if (format == "csv") return ReportToCsv(report);
  if (format == "md") return ReportToMarkdown(report);
  if (format == "junit") return ReportToJunit(report);
  if (format == "google-benchmark") return ReportToGoogleBenchmark(report);
  return ConsoleReport(report, path);
}

}  // namespace normbench
