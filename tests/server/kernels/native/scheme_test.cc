// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/scheme.h"

#include <gtest/gtest.h>

#include <vector>

#include "server/kernels/native/loops.h"

namespace normbench {
namespace {

constexpr TensorFormat kNhwc = {.layout = Layout::kNhwc};

Scheme Of(const NormSpec& spec, std::string_view shape, TensorFormat format = {}) {
  return SchemeOf(spec, Shape::Parse(shape).value(), format);
}

TEST(Scheme, GroupsOfContiguousChannelsAreRows) {
  const NormSpec group = {.method = Method::kGroup, .groups = 4};
  EXPECT_EQ(
      Of(group, "3x8x10x20"),
      (Scheme{.form = Form::kShortRows, .rows = 12, .length = 400, .segment = 200, .period = 4}));
  EXPECT_EQ(
      Of({.method = Method::kInstance}, "3x8x40x50"),
      (Scheme{.form = Form::kRows, .rows = 24, .length = 2000, .segment = 2000, .period = 8}));
}

TEST(Scheme, SamplesAreRows) {
  EXPECT_EQ(Of({.method = Method::kLayer, .affine = Affine::kElement}, "5x2x700"),
            (Scheme{.form = Form::kRows, .rows = 5, .length = 1400}));
  EXPECT_EQ(
      Of({.method = Method::kRms, .affine = Affine::kNone}, "5x700"),
      (Scheme{
          .form = Form::kShortRows, .centred = false, .rows = 5, .length = 700, .segment = 700}));
  EXPECT_EQ(Of({.method = Method::kLayer}, "5x3x100"),
            (Scheme{.form = Form::kShortRows, .rows = 5, .length = 300, .segment = 100}));
}

TEST(Scheme, RowsAreShortUpToALimit) {
  const NormSpec layer = {.method = Method::kLayer};
  EXPECT_EQ(kShortRow, 1024);
  EXPECT_EQ(Of(layer, "2x1024").form, Form::kShortRows);
  EXPECT_EQ(Of(layer, "2x1025").form, Form::kRows);
}

TEST(Scheme, SegmentsShorterThanAPackAreExpanded) {
  const NormSpec group = {.method = Method::kGroup, .groups = 2};
  for (int64_t spatial = 1; spatial <= 40; ++spatial) {
    const Scheme scheme = SchemeOf(
        group, Shape::Create(std::vector<int64_t>{3, 12, spatial}).value(), TensorFormat{});
    const bool expands = spatial > 1 && spatial < 16;
    EXPECT_EQ(scheme.expands_affine, expands) << spatial;
    EXPECT_EQ(scheme.segment, expands ? 1 : spatial) << spatial;
  }
  // One channel a group: a segment is the whole row, and there is nothing to expand.
  EXPECT_FALSE(Of({.method = Method::kInstance}, "3x12x5").expands_affine);
}

TEST(Scheme, ChannelsLastIsATableASample) {
  const Scheme table = {.form = Form::kColumns,
                        .tables = 3,
                        .table_rows = 50,
                        .channels = 8,
                        .groups = 2,
                        .unit_channels = 8};
  EXPECT_EQ(Of({.method = Method::kGroup, .groups = 2}, "3x8x5x10", kNhwc), table);
  Scheme each = table;
  each.groups = 8;
  EXPECT_EQ(Of({.method = Method::kInstance}, "3x8x5x10", kNhwc), each);
  Scheme whole = table;
  whole.groups = 1;
  EXPECT_EQ(Of({.method = Method::kLayer}, "3x8x5x10", kNhwc), whole);
  whole.centred = false;
  EXPECT_EQ(Of({.method = Method::kRms}, "3x8x5x10", kNhwc), whole);
}

TEST(Scheme, UnitsOfAWideTableAreWholeGroupsAndPacks) {
  const auto of = [](int64_t rows, int64_t channels, int64_t groups) {
    const std::vector<int64_t> dims = {1, channels, rows};
    const NormSpec group = {.method = Method::kGroup, .groups = groups};
    return SchemeOf(group, Shape::Create(dims).value(), kNhwc).unit_channels;
  };
  EXPECT_EQ(of(49, 2048, 32), 512);
  EXPECT_EQ(of(49, 2048, 2048), 512);
  EXPECT_EQ(of(64, 2048, 32), 512);
  EXPECT_EQ(of(65, 2048, 32), 2048) << "not few rows";
  EXPECT_EQ(of(49, 2048, 2), 1024);
  EXPECT_EQ(of(49, 2048, 1), 2048) << "one group";
  EXPECT_EQ(of(49, 1000, 1000), 1000) << "half of it is no whole packs";
  EXPECT_EQ(of(49, 512, 32), 512);
  EXPECT_EQ(of(49, 1536, 64), 768) << "576 does not divide it";
}

// Statistics over a whole sample do not care about the order in it.
TEST(Scheme, ChannelsLastIsRowsWhereChannelsDoNotMatter) {
  const Scheme plain = {.form = Form::kShortRows, .rows = 3, .length = 400, .segment = 400};
  EXPECT_EQ(Of({.method = Method::kLayer, .affine = Affine::kNone}, "3x8x5x10", kNhwc), plain);
  Scheme element = plain;
  element.segment = 1;
  element.expands_affine = true;
  EXPECT_EQ(Of({.method = Method::kLayer, .affine = Affine::kElement}, "3x8x5x10", kNhwc), element);
}

// With one place a channel both layouts are the same bytes.
TEST(Scheme, OnePlaceAChannelIsRowsInEitherLayout) {
  const NormSpec group = {.method = Method::kGroup, .groups = 4};
  const Scheme rows = {.form = Form::kShortRows, .rows = 12, .length = 2, .period = 4};
  EXPECT_EQ(Of(group, "3x8x1x1"), rows);
  EXPECT_EQ(Of(group, "3x8x1x1", kNhwc), rows);
}

TEST(Scheme, BatchIsPlanesOrOneTable) {
  NormSpec batch = {.method = Method::kBatch};
  const Scheme planes = {
      .form = Form::kScaledPlanes, .channels = 8, .groups = 8, .samples = 3, .plane = 50};
  EXPECT_EQ(Of(batch, "3x8x50"), planes);
  const Scheme table = {.form = Form::kScaledColumns,
                        .tables = 1,
                        .table_rows = 150,
                        .channels = 8,
                        .groups = 8,
                        .unit_channels = 8};
  EXPECT_EQ(Of(batch, "3x8x50", kNhwc), table);
  EXPECT_EQ(Of(batch, "150x8").form, Form::kScaledColumns);
  EXPECT_EQ(Of(batch, "150x8x1x1").form, Form::kScaledColumns);
  batch.stats = StatsSource::kFolded;
  Scheme folded = planes;
  folded.centred = false;
  EXPECT_EQ(Of(batch, "3x8x50"), folded);
  batch.stats = StatsSource::kBatch;
  EXPECT_EQ(Of(batch, "3x8x50").form, Form::kPlanes);
  EXPECT_EQ(Of(batch, "3x8x50", kNhwc).form, Form::kColumns);
  EXPECT_EQ(Of(batch, "150x8").form, Form::kColumns);
}

// What the bits depend on may not depend on how many samples there are.
TEST(Scheme, TheBatchChangesOnlyHowManyThereAre) {
  for (Layout layout : kLayouts) {
    for (Method method : kMethods) {
      for (std::string_view rest : {"x6x7x5", "x6x2x1", "x2x800"}) {
        const auto of = [&](int n) {
          return Of({.method = method}, std::to_string(n) + std::string(rest), {.layout = layout});
        };
        Scheme one = of(1), many = of(100);
        for (Scheme* s : {&one, &many}) s->rows = s->tables = s->samples = 0;
        // A table without statistics goes over all samples.
        if (many.form == Form::kScaledColumns) one.table_rows = many.table_rows = 0;
        EXPECT_EQ(one, many) << rest;
      }
    }
  }
}

TEST(Scheme, CountsWhatAThreadCanWorkOnAlone) {
  EXPECT_EQ(Of({.method = Method::kGroup, .groups = 4}, "3x8x10x20").units(), 12);
  EXPECT_EQ(Of({.method = Method::kInstance}, "3x8x40x50").units(), 24);
  EXPECT_EQ(Of({.method = Method::kInstance}, "3x8x40x50", kNhwc).units(), 3);
  EXPECT_EQ(Of({.method = Method::kInstance}, "3x1024x4x4", kNhwc).units(), 6);
  EXPECT_EQ(Of({.method = Method::kBatch}, "3x8x40x50").units(), 8);
  EXPECT_EQ(Of({.method = Method::kBatch}, "3x8x40x50", kNhwc).units(), 1);
}

TEST(Scheme, SaysWhatItIs) {
  const auto says = [](const NormSpec& spec, std::string_view shape, TensorFormat format = {}) {
    return Of(spec, shape, format).ToString();
  };
  EXPECT_EQ(says({.method = Method::kLayer}, "3x700"), "short rows of 700");
  EXPECT_EQ(says({.method = Method::kLayer}, "3x50176"), "rows of 50176 in chunks of 12288");
  EXPECT_EQ(says({.method = Method::kInstance}, "3x8x50", kNhwc), "columns of tables of 50 x 8");
  EXPECT_EQ(says({.method = Method::kInstance}, "3x1024x4x4", kNhwc),
            "columns of tables of 16 x 1024, 512 at a time");
  EXPECT_EQ(says({.method = Method::kBatch}, "3x8x50"), "scaled planes of 50");
  EXPECT_EQ(says({.method = Method::kBatch}, "3x8"), "scaled columns of a table of 3 x 8");
  EXPECT_EQ(says({.method = Method::kBatch, .stats = StatsSource::kBatch}, "3x8x50"),
            "channels of 3 planes of 50");
}

TEST(Fold, FillsPacksAsFarAsColumnsAreFew) {
  EXPECT_EQ(FoldOf(100, 64), (Fold{1, 64, 100, 0}));
  EXPECT_EQ(FoldOf(100, 3), (Fold{16, 48, 6, 12}));
  EXPECT_EQ(FoldOf(64, 63), (Fold{16, 1008, 4, 0}));
  EXPECT_EQ(FoldOf(50, 100), (Fold{4, 400, 12, 200}));
  EXPECT_EQ(FoldOf(49, 1000), (Fold{2, 2000, 24, 1000}));
  EXPECT_EQ(FoldOf(1000, 2049), (Fold{1, 2049, 1000, 0}));
  EXPECT_EQ(FoldOf(1000, 1025), (Fold{1, 1025, 1000, 0})) << "wider than is worth it";
  EXPECT_EQ(FoldOf(63, 3), (Fold{1, 3, 63, 0})) << "fewer than four rows would be left";
  EXPECT_EQ(FoldOf(64, 3), (Fold{16, 48, 4, 0}));
}

TEST(Fold, CoversTheTable) {
  for (int64_t channels = 1; channels < 300; ++channels) {
    for (int64_t rows : {1, 2, 5, 49, 64, 100, 961}) {
      const Fold fold = FoldOf(rows, channels);
      EXPECT_EQ(fold.columns, fold.fold * channels);
      EXPECT_EQ(fold.rows * fold.columns + fold.tail, rows * channels);
      EXPECT_LT(fold.tail, fold.columns);
      EXPECT_GE(fold.rows, 1);
      EXPECT_TRUE(fold.fold == 1 || fold.columns % 16 == 0) << channels;
    }
  }
}

}  // namespace
}  // namespace normbench
