// SPDX-License-Identifier: Apache-2.0
// `normbench submit | watch | history | show | cancel | delete`: runs that a server executes by
// itself and keeps.
#pragma once

#include <functional>

#include "client/arguments_remote.h"

namespace normbench {

// Prints what the verb is for to standard output, all else to standard error. Returns the exit
// code; that of `watch` is the run's, 130 where Ctrl-C (stop) ended it: the run goes on.
int RunRemoteVerb(const RemoteArguments& arguments, const std::function<bool()>& stop);

}  // namespace normbench
