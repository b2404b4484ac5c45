// SPDX-License-Identifier: Apache-2.0
// `normbench doctor`: whether this machine is fit to measure on. Needs no server.
#pragma once

#include <functional>

#include "client/arguments.h"

namespace normbench {

// Examines the machine for the time given and prints what it found to standard output. Returns 0
// where it is fit or marginal, 5 where it is unfit or nothing is known, 130 where `stop` said so
// (what was found until then is printed), 1 where there is no loopback.
int Doctor(const DoctorArguments& arguments, const std::function<bool()>& stop);

}  // namespace normbench
