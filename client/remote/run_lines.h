// SPDX-License-Identifier: Apache-2.0
// Runs of a server as text for people and scripts. Pure.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "normbench/v1/benchmark.pb.h"

namespace normbench {

// "normbench watch ID --server HOST:PORT", without the server where it is the default one.
std::string CommandFor(const std::string& verb, const v1::Run& run, const std::string& server);

// "run    ID queued, 2 before it; `normbench watch ID` follows it\n"
std::string QueuedLine(const v1::Run& run, const std::string& server);

// "run ID is cancelled", with the reason where it has one; without an end of line.
std::string StateWords(const v1::Run& run);

// A line a run, under a head.
std::string RunTable(const v1::ListResponse& runs);

// On one line, ended by a newline.
std::string JsonLine(const google::protobuf::Message& message);

}  // namespace normbench
