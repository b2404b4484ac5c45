// SPDX-License-Identifier: Apache-2.0
// `normbench`: measures a server and says what it found.
#include <google/protobuf/stubs/logging.h>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "bench/gate/schema.h"
#include "bench/host/allocator.h"
#include "bench/host/lock_checks.h"
#include "bench/report/schema.h"
#include "client/arguments.h"
#include "client/compare.h"
#include "client/doctor/doctor.h"
#include "client/explain.h"
#include "client/gate.h"
#include "client/interrupt.h"
#include "client/kept_report.h"
#include "client/remote/remote_run.h"
#include "client/remote/verbs.h"
#include "client/run.h"
#include "client/selftest.h"

namespace {

int PrintSchema(const std::string& name) {
  const std::pair<const char*, std::string (*)()> schemas[] = {
      {"report", normbench::ReportSchema},
      {"sweep", normbench::SweepSchema},
      {"policy", normbench::PolicySchema},
      {"comparison", normbench::ComparisonSchema}};
  for (const auto& [known, schema] : schemas) {
    if (name == known) std::cout << schema();
  }
  return 0;
}

// The verbs that take time and can be stopped.
int Measure(const normbench::Arguments& arguments, const std::string& allocator) {
  normbench::Interrupt interrupt;
  const normbench::RunContext context = {.allocator = allocator,
                                         .stop = [&interrupt] { return interrupt.requested(); }};
  if (arguments.doctor) return normbench::Doctor(*arguments.doctor, context.stop);
  if (arguments.selftest) return normbench::Selftest(*arguments.selftest, context);
  if (arguments.compare) return normbench::Compare(*arguments.compare, context);
  if (arguments.remote) return normbench::RunRemoteVerb(*arguments.remote, context.stop);
  const normbench::RunArguments& run = *arguments.run;
  // What is only planned needs no server.
  if (run.remote && !run.dry_run) return normbench::RunRemotely(run, context.stop);
  return normbench::Run(run, context);
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
  if (arguments.gate) return normbench::Gate(*arguments.gate);
  return Measure(arguments, allocator);
}
