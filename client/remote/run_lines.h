// SPDX-License-Identifier: Apache-2.0
// Runs of a server as text for people and scripts. Pure.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "normbench/v1/benchmark.pb.h"

namespace normbench {

// "run    ID queued, 2 before it: watch it with `normbench watch ID`\n"
std::string QueuedLine(const v1::Run& run);

// "run ID is cancelled", with the reason where it has one; without an end of line.
std::string StateWords(const v1::Run& run);

// A line a run, under a head.
std::string RunTable(const v1::ListResponse& runs);

// On one line, ended by a newline.
std::string JsonLine(const google::protobuf::Message& message);

}  // namespace normbench
