// SPDX-License-Identifier: Apache-2.0
#include "client/remote/run_lines.h"

#include <google/protobuf/util/json_util.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "bench/norm/printable.h"
#include "bench/report/format.h"
#include "bench/report/table.h"
#include "client/arguments_remote.h"

namespace normbench {
namespace {

std::string Took(const v1::Run& run) {
  absl::Time started, ended;
  const bool known = absl::ParseTime(absl::RFC3339_full, run.started(), &started, nullptr) &&
                     absl::ParseTime(absl::RFC3339_full, run.ended(), &ended, nullptr);
  return known ? FormatDuration(absl::ToDoubleSeconds(ended - started)) : "-";
}

// To the second, as people read it.
std::string When(const std::string& time) {
  absl::Time parsed;
  if (!absl::ParseTime(absl::RFC3339_full, time, &parsed, nullptr)) return time;
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", parsed, absl::UTCTimeZone());
}

std::string Labels(const v1::Run& run) {
  const std::map<std::string, std::string> sorted(run.labels().begin(), run.labels().end());
  return Printable(absl::StrJoin(sorted, " ", absl::PairFormatter("=")));
}

}  // namespace

std::string CommandFor(const std::string& verb, const v1::Run& run, const std::string& server) {
  return absl::StrCat("normbench ", verb, " ", run.run_id(),
                      server == RemoteArguments().server ? "" : " --server " + server);
}

std::string QueuedLine(const v1::Run& run, const std::string& server) {
  const std::string place =
      run.has_position() ? absl::StrCat(", ", run.position(), " before it") : "";
  return absl::StrCat("run    ", run.run_id(), " ", run.state(), place, "; `",
                      CommandFor("watch", run, server), "` follows it\n");
}

std::string StateWords(const v1::Run& run) {
  return absl::StrCat("run ", run.run_id(), " is ", run.state(), run.error().empty() ? "" : ": ",
                      Printable(run.error()));
}

std::string RunTable(const v1::ListResponse& runs) {
  Table table({{"run", false},
               {"submitted", false},
               {"sweep", false},
               {"state", false},
               {"cases"},
               {"took"},
               {"exit"},
               {"labels", false}});
  for (const v1::Run& run : runs.runs()) {
    table.AddRow({{run.run_id(), ""},
                  {When(run.submitted()), ""},
                  {run.name(), ""},
                  {run.state(), ""},
                  {absl::StrCat(run.cases_done(), "/", run.cases()), ""},
                  {Took(run), ""},
                  {run.has_exit_code() ? absl::StrCat(run.exit_code()) : "-", ""},
                  {Labels(run), ""}});
  }
  return table.ToString();
}

std::string JsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // A message of valid UTF-8 always prints.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "";
  return json + "\n";
}

}  // namespace normbench
