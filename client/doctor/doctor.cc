// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/doctor.h"

#include <iostream>

#include "bench/report/exit_code.h"
#include "bench/report/format.h"
#include "client/doctor/examine.h"
#include "client/doctor/judge.h"
#include "client/doctor/show.h"

namespace normbench {

int Doctor(const DoctorArguments& arguments, const std::function<bool()>& stop) {
  std::cerr << "normbench: examines this machine for " << FormatDuration(arguments.seconds)
            << "; Ctrl-C ends it with what there is" << std::endl;
  const auto findings = Examine({.seconds = arguments.seconds, .stop = stop});
  if (!findings.ok()) {
    std::cerr << "normbench: " << findings.status().message() << "\n";
    return static_cast<int>(ExitCode::kTransport);
  }
  const Diagnosis diagnosis = Judge(*findings);
  std::cout << (arguments.format == "json" ? DiagnosisJson(*findings, diagnosis)
                                           : DiagnosisTable(*findings, diagnosis))
            << std::flush;
  return static_cast<int>(diagnosis.exit_code);
}

}  // namespace normbench
