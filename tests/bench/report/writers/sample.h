// SPDX-License-Identifier: Apache-2.0
// The report with one of everything that the console's golden text shows, too.
#pragma once

#include "bench/report/json.h"
#include "gtest/gtest.h"
#include "tests/bench/report/golden.h"

namespace normbench {

inline v1::Report SampleReport() {
  auto report = ReportFromJson(ReadFile(NORMBENCH_SAMPLE));
  EXPECT_TRUE(report.ok()) << report.status();
  return *report;
}

}  // namespace normbench
