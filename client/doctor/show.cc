// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/show.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "bench/report/format.h"
#include "bench/report/table.h"

namespace normbench {
namespace {

using Json = nlohmann::ordered_json;

std::string PercentOr(const std::optional<double>& share, const std::string& sign) {
  return share ? absl::StrCat(sign, FormatNumber(100 * *share)) : "-";
}

std::string HostLine(const Findings& findings) {
  const HostFacts& facts = findings.facts;
  return absl::StrCat("host   ", facts.host, ", ", facts.cpu_model, " ", facts.isa, ", ", facts.os,
                      ", ", FormatDuration(findings.window.seconds), "\n");
}

std::string ChecksTable(const std::vector<HostCheck>& checks) {
  Table table(
      {{"check", false}, {"value", false}, {"good", false}, {"verdict", false}, {"advice", false}});
  for (const HostCheck& check : checks) {
    table.AddRow({{check.name, ""},
                  {check.value, ""},
                  {check.good, ""},
                  {Name(check.level), ""},
                  {check.advice, ""}});
  }
  return table.ToString();
}

std::string NoiseTable(const std::vector<NoiseCheck>& noise) {
  Table table({{"same work twice", false},
               {"figure", false},
               {"time"},
               {"pairs"},
               {"sd %"},
               {absl::StrCat("% found in ", kUsualRounds, " rounds")},
               {absl::StrCat("in ", kMostRounds)},
               {"verdict", false}});
  for (const NoiseCheck& check : noise) {
    table.AddRow({{check.row.work, ""},
                  {check.row.figure, ""},
                  {check.row.pairs > 0 ? FormatSeconds(check.row.seconds) : "-", ""},
                  {FormatCount(check.row.pairs), ""},
                  {PercentOr(check.row.sd, ""), ""},
                  {PercentOr(check.detectable_usual, "+"), ""},
                  {PercentOr(check.detectable_most, "+"), ""},
                  {Name(check.level), ""}});
  }
  table.SetCaption(
      {"sd: of ln(time / time) of the pairs, robust against single ones. found: what a gate with",
       absl::StrCat("four cells and a margin of ", FormatCount(100 * kGateMargin),
                    " % finds 4 times in 5; good: +", FormatCount(100 * kMustDetect),
                    " or less.")});
  return table.ToString();
}

Json NumberOrNull(const std::optional<double>& number) {
  return number ? Json(*number) : Json();
}

Json ToJson(const HostCheck& check) {
  return {{"name", check.name}, {"number", NumberOrNull(check.number)}, {"value", check.value},
          {"good", check.good}, {"verdict", Name(check.level)},         {"advice", check.advice}};
}

Json ToJson(const NoiseCheck& check) {
  return {
      {"work", check.row.work},
      {"figure", check.row.figure},
      {"seconds", check.row.seconds},
      {"pairs", check.row.pairs},
      {"sd_log_ratio", NumberOrNull(check.row.sd)},
      {absl::StrCat("detectable_", kUsualRounds, "_rounds"), NumberOrNull(check.detectable_usual)},
      {absl::StrCat("detectable_", kMostRounds, "_rounds"), NumberOrNull(check.detectable_most)},
      {"verdict", Name(check.level)}};
}

template <typename Row>
Json ArrayOf(const std::vector<Row>& rows) {
  Json array = Json::array();
  for (const Row& row : rows) array.push_back(ToJson(row));
  return array;
}

}  // namespace

std::string DiagnosisTable(const Findings& findings, const Diagnosis& diagnosis) {
  return absl::StrCat(HostLine(findings), ChecksTable(diagnosis.checks),
                      NoiseTable(diagnosis.noise), "VERDICT  ", diagnosis.conclusion, "\n");
}

std::string DiagnosisJson(const Findings& findings, const Diagnosis& diagnosis) {
  const HostFacts& facts = findings.facts;
  const Json json = {{"host", facts.host},
                     {"cpu_model", facts.cpu_model},
                     {"isa", facts.isa},
                     {"os", facts.os},
                     {"seconds", findings.window.seconds},
                     {"load_average", NumberOrNull(findings.window.load_average)},
                     {"interrupted", findings.interrupted},
                     {"checks", ArrayOf(diagnosis.checks)},
                     {"noise", ArrayOf(diagnosis.noise)},
                     {"verdict", Name(diagnosis.fitness)},
                     {"conclusion", diagnosis.conclusion},
                     {"exit_code", static_cast<int>(diagnosis.exit_code)}};
  // A host may have any bytes for its name.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace normbench
