// SPDX-License-Identifier: Apache-2.0
// Everything that makes a number less trustworthy has a stable code and one line of text. Warnings
// are data in the report; writers print them. Codes are never reused.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "normbench/v1/report.pb.h"

namespace normbench {

namespace warning {
inline constexpr std::string_view kNotSteady = "NB101";
inline constexpr std::string_view kFewSamples = "NB102";
inline constexpr std::string_view kSteal = "NB103";
inline constexpr std::string_view kCoLocated = "NB104";
inline constexpr std::string_view kLoaded = "NB105";
inline constexpr std::string_view kFromHistogram = "NB106";
inline constexpr std::string_view kCopiesOutput = "NB110";
inline constexpr std::string_view kConvertsLayout = "NB111";
inline constexpr std::string_view kOverBound = "NB120";
inline constexpr std::string_view kNonfinite = "NB121";
inline constexpr std::string_view kOutputsDiffer = "NB122";
inline constexpr std::string_view kFlips = "NB123";
inline constexpr std::string_view kNotCompared = "NB124";
inline constexpr std::string_view kNotInvariant = "NB125";
inline constexpr std::string_view kErrors = "NB130";
inline constexpr std::string_view kPartial = "NB131";
inline constexpr std::string_view kClientLimited = "NB140";
inline constexpr std::string_view kWaited = "NB141";
inline constexpr std::string_view kDropped = "NB142";
inline constexpr std::string_view kOtherTraffic = "NB150";
}  // namespace warning

struct WarningText {
  std::string_view code;
  std::string_view name;         // not_steady
  std::string_view text;         // what it means: one sentence
  std::string_view advice = {};  // what to do about it: one or more sentences
};

std::span<const WarningText> AllWarnings();

// The row of `code`; a code that this version does not know has empty name and text.
WarningText DescribeWarning(std::string_view code);

// Fills report->warnings: one line for each code and case in report->cases, and those of the whole
// run from report->conditions (NB103 above 2 % steal, NB104, NB105 where other threads wanted more
// than 0.7 of the client's CPUs at the start, NB150 where others sent requests).
void CollectWarnings(v1::Report* report);

// Codes in report->warnings, and how many cases have each; 0: only the whole run has it.
std::map<std::string, int> CountWarnings(const v1::Report& report);

// "NB104 co_located", what it means and what to do, in lines of at most 100 characters.
std::string ExplainWarning(const WarningText& warning);

}  // namespace normbench
