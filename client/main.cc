// SPDX-License-Identifier: Apache-2.0
// `normbench`: measures a server and says what it found.
#include <google/protobuf/stubs/logging.h>

#include <iostream>
#include <string>
#include <vector>

#include "bench/host/allocator.h"
#include "bench/host/lock_checks.h"
#include "bench/report/schema.h"
#include "client/arguments.h"
#include "client/explain.h"
#include "client/interrupt.h"
#include "client/kept_report.h"
#include "client/remote/remote_run.h"
#include "client/remote/verbs.h"
#include "client/run.h"

namespace {

int PrintSchema(const std::string& name) {
  std::cout << (name == "report" ? normbench::ReportSchema() : normbench::SweepSchema());
  return 0;
}

int RunVerb(const normbench::Arguments& arguments, const std::string& allocator) {
  normbench::Interrupt interrupt;
  const auto stop = [&interrupt] { return interrupt.requested(); };
  if (arguments.remote) return normbench::RunRemoteVerb(*arguments.remote, stop);
  const normbench::RunArguments& run = *arguments.run;
  // What is only planned needs no server.
  if (run.remote && !run.dry_run) return normbench::RunRemotely(run, stop);
  return normbench::Run(run, {.allocator = allocator, .stop = stop});
}

}  // namespace

int main(int argc, char** argv) {
  normbench::StopLockChecks();
  // What is malformed is in the report, where it belongs to a case; protobuf's own lines do not.
  google::protobuf::SetLogHandler(nullptr);
  const std::string allocator = normbench::KeepLargeBlocks();
  const auto arguments = normbench::ParseArguments(std::vector<std::string>(argv + 1, argv + argc));
  if (arguments.exit_code) {
    (*arguments.exit_code == 0 ? std::cout : std::cerr) << arguments.text;
    return *arguments.exit_code;
  }
  if (arguments.schema) return PrintSchema(arguments.schema->name);
  if (arguments.report) return normbench::ShowKeptReport(*arguments.report);
  if (arguments.explain) return normbench::Explain(*arguments.explain);
  return RunVerb(arguments, allocator);
}
