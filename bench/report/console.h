// SPDX-License-Identifier: Apache-2.0
// A report as text for people: plan and host before a run, tables and verdict after it. Each
// function returns whole lines, each ended by a newline, without colours. Pure.
#pragma once

#include <string>
#include <string_view>

#include "bench/report/plan.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// "plan   42 cases, about 3m10s, peak 210 MB   (--dry-run prints the cases)"
std::string PlanLine(const Plan& plan);

// "host   2 vCPU AVX-512, steal 0.4 %, co-located [NB104], floor p50 134 us"
std::string HostLine(const v1::Report& report);

// The same without "host" and end of line.
std::string HostWords(const v1::Report& report);

// Titles and tables of the blocks (blocks.h).
std::string Tables(const v1::Report& report);

// expect, warnings, rerun (the first case, or the first that missed something), wrote, exit.
// `written`: what was written, for example "report.json"; empty: nothing.
std::string Verdict(const v1::Report& report, std::string_view written);

// HostLine, Tables and Verdict: what `normbench report` shows of a kept report.
std::string ConsoleReport(const v1::Report& report, std::string_view written);

}  // namespace normbench
