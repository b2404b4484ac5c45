// SPDX-License-Identifier: Apache-2.0
// A report as JUnit XML, as CI systems show it: a suite named after the sweep, a test case for each
// case. A missed expectation is a failure, a case that could not be measured an error, one that the
// run ended before is skipped. Pure.
#pragma once

#include <string>

#include "normbench/v1/report.pb.h"

namespace normbench {

std::string ReportToJunit(const v1::Report& report);

}  // namespace normbench
