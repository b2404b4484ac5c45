// SPDX-License-Identifier: Apache-2.0
#include "client/explain.h"

#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "bench/norm/nearest.h"
#include "bench/report/exit_code.h"
#include "bench/report/table.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

std::string ListOfCodes() {
  Table table({{"code", false}, {"name", false}, {"means", false}});
  for (const WarningText& row : AllWarnings()) {
    table.AddRow(
        {{std::string(row.code), ""}, {std::string(row.name), ""}, {std::string(row.text), ""}});
  }
  return table.ToString();
}

// Null for an unknown one.
const WarningText* Find(const std::string& word) {
  for (const WarningText& row : AllWarnings()) {
    if (absl::AsciiStrToUpper(word) == row.code || word == row.name) return &row;
  }
  return nullptr;
}

std::string NearestTo(const std::string& word) {
  std::vector<std::string> known;
  for (const WarningText& row : AllWarnings()) {
    known.emplace_back(row.code);
    known.emplace_back(row.name);
  }
  const std::string nearest = Nearest(word, known);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

}  // namespace

int Explain(const ExplainArguments& arguments) {
  if (arguments.code.empty()) {
    std::cout << ListOfCodes();
    return 0;
  }
  if (const WarningText* row = Find(arguments.code); row != nullptr) {
    std::cout << ExplainWarning(*row);
    return 0;
  }
  std::cerr << "normbench: unknown warning code '" << arguments.code << "'"
            << NearestTo(arguments.code) << "\n(normbench explain lists all)\n";
  return static_cast<int>(ExitCode::kUsage);
}

}  // namespace normbench
