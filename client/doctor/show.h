// SPDX-License-Identifier: Apache-2.0
// A diagnosis for people and for programs.
#pragma once

#include <string>

#include "client/doctor/judge.h"

namespace normbench {

// `findings` are those that were judged.
std::string DiagnosisTable(const Findings& findings, const Diagnosis& diagnosis);

// One object: host, seconds, interrupted, checks, noise, verdict, conclusion, exit_code,
// load_average. Numbers are in seconds, bytes and shares 0 .. 1; null where nothing is known.
std::string DiagnosisJson(const Findings& findings, const Diagnosis& diagnosis);

}  // namespace normbench
