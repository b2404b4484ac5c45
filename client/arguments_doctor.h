// SPDX-License-Identifier: Apache-2.0
// The options of `normbench doctor`.
#pragma once

#include "client/arguments.h"

namespace CLI {
class App;
}

namespace normbench {

// Adds the verb; `doctor` is filled when the words are parsed and outlives `app`.
void AddDoctor(CLI::App* app, DoctorArguments* doctor);

}  // namespace normbench
