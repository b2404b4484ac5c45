// SPDX-License-Identifier: Apache-2.0
// The part of the command line that is about runs on request: those that a server executes itself.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
}

namespace normbench {

// What goes with a sweep that is submitted.
struct SubmitOptions {
  std::string key = {};                  // the same again is the same run; empty: a run of its own
  std::string other_traffic = {};        // mark | refuse; empty: as the server does
  std::vector<std::string> labels = {};  // KEY=VALUE
};

struct SubmitArguments {
  std::string source = {};  // SWEEP.json or a case key
  std::string filter = {};
  int visits = 0;  // over what the sweep says; 0: as it says
  SubmitOptions options = {};
};

struct WatchArguments {
  std::string run_id = {};
  bool json = false;     // every event as a line
  std::string out = {};  // folder for the report and its forms; empty: nothing is written
};

struct HistoryArguments {
  std::string state = {}, name = {}, after = {}, before = {};  // empty: any
  std::vector<std::string> labels = {};                        // KEY=VALUE, all of them
  int count = 20;                                              // the newest so many
  std::string format = "table";                                // table | json
};

struct ShowArguments {
  std::string run_id = {};
  std::string format = "table";  // as `normbench report` has them
};

struct CancelArguments {
  std::string run_id = {};
};

struct DeleteArguments {
  std::string run_id = {};
};

struct RemoteArguments {
  std::string server = "127.0.0.1:8001";
  double connect_timeout_seconds = 10;
  std::variant<SubmitArguments, WatchArguments, HistoryArguments, ShowArguments, CancelArguments,
               DeleteArguments>
      verb = {};
};

// Where CLI11 puts the values of the verbs.
struct RemoteValues {
  RemoteArguments common;
  SubmitArguments submit;
  WatchArguments watch;
  HistoryArguments history;
  ShowArguments show;
  CancelArguments cancel;
  DeleteArguments remove;
};

// Adds the verbs submit, watch, history, show, cancel and delete.
void AddRemoteVerbs(CLI::App* app, RemoteValues* values);

// Adds the flags of `run` that go with --remote: all but that one itself.
void AddSubmitOptions(CLI::App* app, SubmitOptions* options);

// What the parsed command line asks for; nothing: another verb.
std::optional<RemoteArguments> CollectRemote(const CLI::App& app, const RemoteValues& values);

}  // namespace normbench
