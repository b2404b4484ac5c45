// SPDX-License-Identifier: Apache-2.0
// Text columns: numbers right-aligned, words left-aligned, intervals left-aligned behind their
// number.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace normbench {

struct Column {
  std::string header;
  bool right = true;
};

struct Cell {
  std::string text;
  std::string tail;  // behind the text, "[60.7, 61.4]"
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns.
  void AddRow(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

  // Header and rows, each line indented by two spaces, columns two apart, no trailing spaces.
  std::string ToString() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace normbench
