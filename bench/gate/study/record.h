// SPDX-License-Identifier: Apache-2.0
// Verdicts of many gates, kept as JSON lines so that a study goes on where it ended.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

namespace normbench {

// A row of the table: what the gates of a study have in common.
struct StudySetting {
  std::string noise;
  double effect = 0;  // B is slower by this share

  bool operator<(const StudySetting& other) const {
    return std::tie(noise, effect) < std::tie(other.noise, other.effect);
  }
};

class StudyRecord {
 public:
  // An empty path keeps nothing beyond this object.
  explicit StudyRecord(std::string path) : path_(std::move(path)) {}

  // Reads what is there, and writes `head` where there is nothing. A line that was torn as a study
  // was killed is cut off. Returns INVALID_ARGUMENT naming --out where the file begins with another
  // head or cannot be written.
  absl::Status Open(const nlohmann::ordered_json& head);

  // `more`: an object whose fields are kept behind the verdict.
  absl::Status Add(const StudySetting& setting, const std::string& verdict,
                   const nlohmann::ordered_json& more = nlohmann::ordered_json::object());

  int CountOf(const StudySetting& setting) const;

  // A line for each gate, the head not among them.
  const std::vector<nlohmann::ordered_json>& gates() const { return gates_; }

  // Shares of the verdicts with 95 % intervals (Clopper and Pearson), a row for each of `settings`,
  // and lines ended.
  std::string Table(const std::vector<StudySetting>& settings) const;

 private:
  absl::Status Unwritable() const;
  absl::Status Read(const nlohmann::ordered_json& head, const std::string& text);
  void Count(nlohmann::ordered_json line);

  const std::string path_;
  std::ofstream file_;
  std::vector<nlohmann::ordered_json> gates_;
  std::map<StudySetting, std::map<std::string, int>> verdicts_;
};

}  // namespace normbench
