// SPDX-License-Identifier: Apache-2.0
// The table of metrics that READMEs have, made from a scrape: so they say what is true.
#pragma once

#include <sstream>
#include <string>

namespace normbench {

// The names of the labels in front of the value, without le.
inline std::string LabelNames(const std::string& line) {
  std::string names;
  const std::string labels = line.substr(0, line.rfind('}')).substr(line.find('{') + 1);
  for (size_t at = 0; at < labels.size(); at = labels.find('"', labels.find('"', at) + 1) + 2) {
    const std::string name = labels.substr(at, labels.find('=', at) - at);
    if (name != "le") names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

// A Markdown row per family, from what Prometheus gets to read.
inline std::string MarkdownTable(const std::string& scrape) {
  std::string table = "| name | type | labels | what |\n|---|---|---|---|\n";
  std::istringstream text(scrape);
  std::string name, help, type;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::string mark, kind;
    if (line.rfind("# HELP ", 0) == 0) {
      words >> mark >> kind >> name;
      help = line.substr(line.find(name) + name.size() + 1);
    } else if (line.rfind("# TYPE ", 0) == 0) {
      words >> mark >> kind >> name >> type;
    } else if (!name.empty()) {
      const std::string labels = line.find('{') == std::string::npos ? "" : LabelNames(line);
      table += "| " + name + " | " + type + " | " + (labels.empty() ? "-" : labels) + " | " + help +
               " |\n";
      name.clear();
    }
  }
  return table;
}

}  // namespace normbench
