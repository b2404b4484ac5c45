// SPDX-License-Identifier: Apache-2.0
#include "bench/report/table.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {
namespace {

struct Widths {
  size_t text = 0;
  size_t tail = 0;

  // A header is as wide as it needs: over text and tail where there are tails.
  size_t total() const { return text + (tail == 0 ? 0 : tail + 1); }
};

std::string Pad(const std::string& text, size_t width, bool right) {
  const std::string spaces(width > text.size() ? width - text.size() : 0, ' ');
  return right ? spaces + text : text + spaces;
}

std::string PadCell(const Cell& cell, const Widths& widths, bool right) {
  const std::string text = Pad(cell.text, widths.text, right);
  return widths.tail == 0 ? text : text + " " + Pad(cell.tail, widths.tail, false);
}

std::string Trimmed(std::string line) {
  absl::StripTrailingAsciiWhitespace(&line);
  return line + "\n";
}

std::string MarkdownLine(const std::vector<std::string>& cells) {
  return absl::StrCat("| ", absl::StrJoin(cells, " | "), " |\n");
}

}  // namespace

std::string Table::ToString() const {
  std::vector<Widths> widths(columns_.size());
  std::string header;
  for (size_t i = 0; i < columns_.size(); ++i) {
    for (const std::vector<Cell>& row : rows_) {
      widths[i].text = std::max(widths[i].text, row[i].text.size());
      widths[i].tail = std::max(widths[i].tail, row[i].tail.size());
    }
    const size_t needed = columns_[i].header.size();
    if (needed > widths[i].total()) {
      (widths[i].tail == 0 ? widths[i].text : widths[i].tail) += needed - widths[i].total();
    }
    const bool right = columns_[i].right && widths[i].tail == 0;
    header += "  " + Pad(columns_[i].header, widths[i].total(), right);
  }
  std::string text = Trimmed(header);
  for (const std::vector<Cell>& row : rows_) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      line += "  " + PadCell(row[i], widths[i], columns_[i].right);
    }
    text += Trimmed(line);
  }
  for (const std::string& line : caption_) text += Trimmed("  " + line);
  return text;
}

std::string Table::ToMarkdown() const {
  std::vector<std::string> headers, rules;
  for (const Column& column : columns_) {
    headers.push_back(EscapeMarkdown(column.header));
    rules.push_back(column.right ? "--:" : ":--");
  }
  std::string text = MarkdownLine(headers) + MarkdownLine(rules);
  for (const std::vector<Cell>& row : rows_) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) {
      cells.push_back(EscapeMarkdown(cell.tail.empty() ? cell.text : cell.text + " " + cell.tail));
    }
    text += MarkdownLine(cells);
  }
  if (caption_.empty()) return text;
  return absl::StrCat(text, "\n", EscapeMarkdown(absl::StrJoin(caption_, " ")), "\n");
}

std::string EscapeMarkdown(const std::string& text) {
  constexpr std::string_view kMarkup = "\\`*_<>|~#&$";
  constexpr std::string_view kZeroWidthSpace = "\xE2\x80\x8B";
  std::string escaped;
  for (const char c : text) {
    const bool ends_link_text = c == '(' && escaped.ends_with(']');
    if (kMarkup.find(c) != std::string_view::npos || ends_link_text) escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
    if (c == '@') escaped += kZeroWidthSpace;  // mentions are looked for in what is rendered
  }
  return escaped;
}

}  // namespace normbench
