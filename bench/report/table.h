// SPDX-License-Identifier: Apache-2.0
// Columns of numbers and words, as text or as Markdown: numbers right-aligned, words left-aligned,
// intervals left-aligned behind their number.
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

  // Lines below the rows, without an end of line.
  void SetCaption(std::vector<std::string> lines) { caption_ = std::move(lines); }

  // Header, rows and caption, each line indented by two spaces, columns two apart, no trailing
  // spaces.
  std::string ToString() const;

  // A table of GitHub-flavoured Markdown, then the caption as a paragraph. Characters that would
  // mean something there are escaped (EscapeMarkdown).
  std::string ToMarkdown() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::string> caption_;
};

// One line of plain text for Markdown, cells of tables included: nothing in it is markup, a link
// with words of its own or a mention.
std::string EscapeMarkdown(const std::string& text);

}  // namespace normbench
