// SPDX-License-Identifier: Apache-2.0
#include "server/repository/change_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A fingerprint that is equal to others of the same number only.
Fingerprint Print(int64_t number) {
  return {{.path = "model.pt", .bytes = number}};
}

void ExpectNothing(const FolderChanges& changes, bool settling) {
  EXPECT_THAT(changes.changed, IsEmpty());
  EXPECT_THAT(changes.gone, IsEmpty());
  EXPECT_EQ(changes.settling, settling);
}

TEST(ChangeWatch, WhatIsLoadedIsNoChange) {
  ChangeWatch watch({{"m", Print(1)}});
  ExpectNothing(watch.Look({{"m", Print(1)}}), false);
  ExpectNothing(watch.Look({{"m", Print(1)}}), false);
}

TEST(ChangeWatch, ANewFolderIsToldOnceWhenItHasSettled) {
  ChangeWatch watch({});
  ExpectNothing(watch.Look({{"m", Print(1)}}), true);
  const FolderChanges changes = watch.Look({{"m", Print(1)}});
  EXPECT_THAT(changes.changed, ElementsAre("m"));
  EXPECT_FALSE(changes.settling);
  ExpectNothing(watch.Look({{"m", Print(1)}}), false);
}

TEST(ChangeWatch, AFolderThatIsBeingWrittenIsLeftAlone) {
  ChangeWatch watch({{"m", Print(1)}});
  ExpectNothing(watch.Look({{"m", Print(2)}}), true);
  ExpectNothing(watch.Look({{"m", Print(3)}}), true);
  EXPECT_THAT(watch.Look({{"m", Print(3)}}).changed, ElementsAre("m"));
}

TEST(ChangeWatch, AChangeThatIsTakenBackIsNone) {
  ChangeWatch watch({{"m", Print(1)}});
  ExpectNothing(watch.Look({{"m", Print(2)}}), true);
  ExpectNothing(watch.Look({{"m", Print(1)}}), false);
  ExpectNothing(watch.Look({{"m", Print(1)}}), false);
}

TEST(ChangeWatch, AFolderThatIsGoneIsToldOnce) {
  ChangeWatch watch({{"m", Print(1)}});
  ExpectNothing(watch.Look({}), true);
  EXPECT_THAT(watch.Look({}).gone, ElementsAre("m"));
  ExpectNothing(watch.Look({}), false);
}

TEST(ChangeWatch, AFolderThatIsAwayForOneLookIsReplaced) {
  ChangeWatch watch({{"m", Print(1)}});
  ExpectNothing(watch.Look({}), true);
  ExpectNothing(watch.Look({{"m", Print(2)}}), true);
  const FolderChanges changes = watch.Look({{"m", Print(2)}});
  EXPECT_THAT(changes.changed, ElementsAre("m"));
  EXPECT_THAT(changes.gone, IsEmpty());
}

TEST(ChangeWatch, OneThatWasNeverToldIsNotMissed) {
  ChangeWatch watch({});
  ExpectNothing(watch.Look({{"m", Print(1)}}), true);
  ExpectNothing(watch.Look({}), false);
}

TEST(ChangeWatch, FoldersDoNotWaitForEachOther) {
  ChangeWatch watch({{"a", Print(1)}, {"b", Print(1)}, {"c", Print(1)}});
  watch.Look({{"a", Print(2)}, {"b", Print(2)}});
  const FolderChanges changes = watch.Look({{"a", Print(2)}, {"b", Print(3)}});
  EXPECT_THAT(changes.changed, ElementsAre("a"));
  EXPECT_THAT(changes.gone, ElementsAre("c"));
  EXPECT_TRUE(changes.settling) << "b";
}

}  // namespace
}  // namespace normbench
