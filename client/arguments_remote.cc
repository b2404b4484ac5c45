// SPDX-License-Identifier: Apache-2.0
#include "client/arguments_remote.h"

#include <CLI/CLI.hpp>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/report/visits.h"
#include "client/report_files.h"

namespace normbench {
namespace {

CLI::App* AddVerb(CLI::App* app, const char* name, const char* about, RemoteArguments* common) {
  CLI::App* verb = app->add_subcommand(name, about);
  verb->add_option("--server", common->server, "host:port (default 127.0.0.1:8001)");
  verb->add_option("--connect-timeout", common->connect_timeout_seconds,
                   "Seconds to wait for the server (default 10)")
      ->check(CLI::Range(0.0, 86400.0));
  return verb;
}

void AddRunId(CLI::App* verb, std::string* run_id) {
  verb->add_option("run", *run_id, "Its id, as submit and history print it")->required();
}

void AddLabels(CLI::App* verb, std::vector<std::string>* labels, const char* about) {
  verb->add_option("--label", *labels, about)->allow_extra_args(false)->type_name("KEY=VALUE");
}

void AddHistory(CLI::App* app, RemoteValues* values) {
  HistoryArguments& history = values->history;
  CLI::App* verb = AddVerb(app, "history", "List runs of a server, newest first", &values->common);
  verb->add_option("--state", history.state, "Only those that are so")
      ->check(
          CLI::IsMember({"queued", "running", "complete", "interrupted", "cancelled", "failed"}));
  verb->add_option("--name", history.name, "Only those of a sweep of this name");
  AddLabels(verb, &history.labels, "Only those with this label; may be given again");
  verb->add_option("--after", history.after, "Submitted after: 2026-01-31T12:00:00Z");
  verb->add_option("--before", history.before, "Submitted before, likewise");
  verb->add_option("--count", history.count, "At most so many (default 20)")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--format", history.format, "table (default) or json")
      ->check(CLI::IsMember({"table", "json"}));
}

void AddShow(CLI::App* app, RemoteValues* values) {
  CLI::App* verb = AddVerb(app, "show", "Print the report of a run of a server", &values->common);
  AddRunId(verb, &values->show.run_id);
  const std::vector<std::string> formats(std::begin(kFormats), std::end(kFormats));
  verb->add_option("--format", values->show.format,
                   absl::StrCat(absl::StrJoin(formats, ", "), " (default table)"))
      ->check(CLI::IsMember(formats));
}

}  // namespace

void AddSubmitOptions(CLI::App* app, SubmitOptions* options) {
  app->add_option("--key", options->key,
                  "Idempotency key: the same again gives the same run (default: a new one)");
  app->add_option("--other-traffic", options->other_traffic,
                  "Of other clients during the run: mark (default) counts it, refuse")
      ->check(CLI::IsMember({"mark", "refuse"}));
  AddLabels(app, &options->labels, "To find the run again; may be given again");
}

void AddRemoteVerbs(CLI::App* app, RemoteValues* values) {
  RemoteArguments* common = &values->common;
  CLI::App* submit = AddVerb(
      app, "submit", "Have a server execute a sweep by itself; prints the run's id", common);
  submit->add_option("source", values->submit.source, "SWEEP.json or a case key")->required();
  submit->add_option("--filter", values->submit.filter,
                     "Only cases whose key contains this; * for anything");
  submit->add_option("--visits", values->submit.visits, "To each case, over what the sweep says")
      ->check(CLI::Range(1, kMaxVisits));
  AddSubmitOptions(submit, &values->submit.options);
  CLI::App* watch = AddVerb(app, "watch", "Follow a run of a server to its end", common);
  AddRunId(watch, &values->watch.run_id);
  watch->add_flag("--json", values->watch.json, "Every event as a line of JSON, no table");
  watch->add_option("--out", values->watch.out, "Folder for report.json and its other forms");
  AddHistory(app, values);
  AddShow(app, values);
  AddRunId(AddVerb(app, "cancel", "End a run of a server, with what it has", common),
           &values->cancel.run_id);
  AddRunId(AddVerb(app, "delete", "Delete a run of a server that has ended", common),
           &values->remove.run_id);
}

std::optional<RemoteArguments> CollectRemote(const CLI::App& app, const RemoteValues& values) {
  RemoteArguments arguments = values.common;
  if (app.got_subcommand("submit")) {
    arguments.verb = values.submit;
  } else if (app.got_subcommand("watch")) {
    arguments.verb = values.watch;
  } else if (app.got_subcommand("history")) {
    arguments.verb = values.history;
  } else if (app.got_subcommand("show")) {
    arguments.verb = values.show;
  } else if (app.got_subcommand("cancel")) {
    arguments.verb = values.cancel;
  } else if (app.got_subcommand("delete")) {
    arguments.verb = values.remove;
  } else {
    return std::nullopt;
  }
  return arguments;
}

}  // namespace normbench
