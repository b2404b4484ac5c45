// SPDX-License-Identifier: Apache-2.0
// A report as JUnit XML, as CI systems show it: a suite named after the sweep, a test case for each
// case. A missed expectation or a wrong answer is a failure; a case that could not be measured, or
// whose schedule the client could not keep where the sweep requires it, an error; one that the run
// ended before or in is skipped. Pure.
#pragma once

#include <string>

#include "normbench/v1/report.pb.h"

namespace normbench {

std::string ReportToJunit(const v1::Report& report);

}  // namespace normbench
