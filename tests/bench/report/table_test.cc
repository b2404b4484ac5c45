// SPDX-License-Identifier: Apache-2.0
#include "bench/report/table.h"

#include "gtest/gtest.h"

namespace normbench {
namespace {

TEST(Table, AlignsNumbersRightWordsLeftIntervalsBehind) {
  Table table({{"n"}, {"impl", false}, {"p50 us [CI]"}, {"GB/s"}});
  table.AddRow({{"1", ""}, {"torch", ""}, {"61.0", "[60.7, 61.4]"}, {"26.3", ""}});
  table.AddRow({{"64", ""}, {"reference", ""}, {"20123", ""}, {"-", ""}});
  EXPECT_EQ(table.ToString(),
            "   n  impl       p50 us [CI]         GB/s\n"
            "   1  torch       61.0 [60.7, 61.4]  26.3\n"
            "  64  reference  20123                  -\n");
}

TEST(Table, WideHeadersWidenTheirColumn) {
  Table table({{"a long header"}, {"p50 [95% CI]"}, {"words", false}});
  table.AddRow({{"1", ""}, {"2", "[1, 3]"}, {"x", ""}});
  EXPECT_EQ(table.ToString(),
            "  a long header  p50 [95% CI]  words\n"
            "              1  2 [1, 3]      x\n");
}

TEST(Table, WithoutRowsIsItsHeader) {
  EXPECT_EQ(Table({{"a"}, {"b"}}).ToString(), "  a  b\n");
}

TEST(Table, TheCaptionIsBelowTheRows) {
  Table table({{"a"}});
  table.AddRow({{"1", ""}});
  table.SetCaption({"first line,", "second."});
  EXPECT_EQ(table.ToString(), "  a\n  1\n  first line,\n  second.\n");
  EXPECT_EQ(table.ToMarkdown(), "| a |\n| --: |\n| 1 |\n\nfirst line, second.\n");
}

TEST(Table, IsATableOfMarkdown) {
  Table table({{"n"}, {"impl", false}, {"p50 us [CI]"}});
  table.AddRow({{"1", ""}, {"a|b_c", ""}, {"61.0", "[60.7, 61.4]"}});
  EXPECT_EQ(table.ToMarkdown(),
            "| n | impl | p50 us [CI] |\n"
            "| --: | :-- | --: |\n"
            "| 1 | a\\|b\\_c | 61.0 [60.7, 61.4] |\n");
}

TEST(EscapeMarkdown, LeavesNoMarkup) {
  EXPECT_EQ(EscapeMarkdown("a *b* <c>\n`d`"), "a \\*b\\* \\<c\\> \\`d\\`");
  EXPECT_EQ(EscapeMarkdown("![a](http://b) $c$"), "![a]\\(http://b) \\$c\\$");
  EXPECT_EQ(EscapeMarkdown("@someone"), "@\xE2\x80\x8Bsomeone") << "nobody is mentioned";
}

}  // namespace
}  // namespace normbench
