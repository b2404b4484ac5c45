// SPDX-License-Identifier: Apache-2.0
// How often the gate is right on this machine: the same comparison many times, by the programs that
// users run, with or without a slowness that the server is told to have, beside a load.
#pragma once

#include <string>

namespace normbench {

struct RealStudyOptions {
  std::string client = {}, server = {};  // programs
  std::string policy_file = {};
  std::string out = {};  // JSON lines
  int gates = 100;       // of this effect
  double effect = 0;     // B computes longer by this share (--fault-delay); 0: A and B are the same
  double load = 0;       // share of one processor that is taken, meanwhile
};

// Prints a line for each gate, and the tables of all that `out` has. Returns the exit code: 0, 2
// with what is wrong on standard error, 130 where a comparison was interrupted.
int RealStudy(const RealStudyOptions& options);

}  // namespace normbench
