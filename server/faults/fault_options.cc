// SPDX-License-Identifier: Apache-2.0
#include "server/faults/fault_options.h"

#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

struct Flag {
  const char* name;
  double FaultOptions::*value;
  std::string FaultWords::*word;
  bool percent;  // how it is written; else a plain number
  double max;

  std::string Written(double share) const {
    return percent ? absl::StrCat(100 * share, "%") : absl::StrCat(share);
  }
  std::string range() const { return absl::StrCat(Written(0), " to ", Written(max)); }
};

constexpr std::array kFlags = {
    Flag{"--fault-delay", &FaultOptions::delay, &FaultWords::delay, true, 10},
    Flag{"--fault-tail", &FaultOptions::tail, &FaultWords::tail, true, 10},
    Flag{"--fault-cpu", &FaultOptions::cpu, &FaultWords::cpu, true, 10},
    Flag{"--fault-numeric", &FaultOptions::numeric, &FaultWords::numeric, false, 1}};

// A share without its unit is refused: nobody should have to know whether 20 means 20 or 2000 %.
bool ReadShare(const Flag& flag, const std::string& text, double* share) {
  if (!flag.percent) return absl::SimpleAtod(text, share);
  if (!text.ends_with('%')) return false;
  if (!absl::SimpleAtod(text.substr(0, text.size() - 1), share)) return false;
  *share /= 100;
  return true;
}

}  // namespace

absl::Status ReadFaults(const FaultWords& words, FaultOptions& options) {
  for (const Flag& flag : kFlags) {
    const std::string& text = words.*flag.word;
    if (text.empty() || ReadShare(flag, text, &(options.*flag.value))) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        flag.name, ": '", text, "'; allowed: ", flag.percent ? "a share with its %, " : "a share, ",
        flag.range()));
  }
  return absl::OkStatus();
}

absl::Status Validate(const FaultOptions& options, bool allowed) {
  for (const Flag& flag : kFlags) {
    const double share = options.*flag.value;
    if (!(share >= 0 && share <= flag.max)) {
      return absl::InvalidArgumentError(absl::StrCat(flag.name, ": ", flag.Written(share),
                                                     " is out of range; allowed: ", flag.range()));
    }
    if (share > 0 && !allowed) {
      return absl::InvalidArgumentError(absl::StrCat(
          flag.name, ": ", flag.Written(share), " makes the server worse on purpose; allowed: ",
          flag.range(), " with --allow-faults, else ", flag.Written(0)));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> Describe(const FaultOptions& options) {
  std::vector<std::string> lines;
  const auto add = [&lines](double share, const char* before, const char* after) {
    if (share > 0) lines.push_back(absl::StrCat(before, 100 * share, after));
  };
  add(options.delay, "busy work of ", " % of its time after each piece of work");
  add(options.tail, "busy work of ", " % of its time after one in a hundred pieces of work");
  add(options.cpu, "CPU time of ", " % of the computing time, burned at idle priority");
  add(options.numeric, "answers are wrong by ", " % of their largest value");
  return lines;
}

}  // namespace normbench
