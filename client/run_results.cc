// SPDX-License-Identifier: Apache-2.0
#include "client/run_results.h"

#include <iostream>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/report/console.h"
#include "client/failure.h"
#include "client/files.h"
#include "client/report_files.h"

namespace normbench {
namespace {

// One more thing that went wrong: the exit code says the worst of all.
void Count(const absl::Status& status, v1::Report* report) {
  report->set_exit_code(WorstOf(report->exit_code(), status));
}

}  // namespace

int KeepAndShow(const std::string& folder, MetricsExporter& exporter, v1::Report* report) {
  const absl::Status written = WriteTogether(folder, ReportFiles(*report));
  Count(written, report);
  exporter.metrics().EndRun(*report, absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
  Count(exporter.Publish(), report);
  std::cout << ConsoleReport(*report, written.ok() ? folder + "/report.json" : "") << std::flush;
  return report->exit_code();
}

}  // namespace normbench
