// SPDX-License-Identifier: Apache-2.0
// A report as CSV (RFC 4180): a header, then one row a case. Rows name their run, so that files of
// several runs can be joined. Numbers in base units (seconds, bytes per second) and shortest
// round-trip form; a number that cannot be said is an empty field, infinity is inf. `norm` and
// `stats` of a model are those its server names. Histograms, error counts by code, the steps of a
// rate search and latency_ok are in the report only. Pure.
#pragma once

#include <string>

#include "normbench/v1/report.pb.h"

namespace normbench {

std::string ReportToCsv(const v1::Report& report);

}  // namespace normbench
