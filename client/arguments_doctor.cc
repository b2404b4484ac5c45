// SPDX-License-Identifier: Apache-2.0
#include "client/arguments_doctor.h"

#include <CLI/CLI.hpp>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr char kExamples[] = R"(Examples:
  normbench doctor
  normbench doctor --seconds 60 --format json

Exit codes: 0 fit or marginal, 1 no loopback, 2 usage, 5 unfit or not enough seen, 130 interrupted.
)";

// What is wrong with it; empty: nothing. CLI::Range takes nan.
std::string CheckSeconds(const std::string& text) {
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds) && seconds >= 3 && seconds <= 3600) return "";
  return absl::StrCat("'", text, "'; allowed: 3 to 3600");
}

}  // namespace

void AddDoctor(CLI::App* app, DoctorArguments* doctor) {
  CLI::App* verb = app->add_subcommand(
      "doctor", "Say whether this machine is fit to measure on, and what to mend");
  verb->footer(kExamples);
  verb->add_option("--seconds", doctor->seconds, "To look at it (default 30)")->check(CheckSeconds);
  verb->add_option("--format", doctor->format, "table (default) or json")
      ->check(CLI::IsMember({"table", "json"}));
}

}  // namespace normbench
