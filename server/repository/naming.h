// SPDX-License-Identifier: Apache-2.0
// Names that come from outside: which may be a model's, how to repeat one in a message, and which
// known one was meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace normbench {

inline constexpr size_t kMaxNameLength = 128;

// 1 to 128 of A-Z a-z 0-9 . _ - and no leading dot: safe in a path, a label and a log.
bool IsModelName(std::string_view name);

// The same for a message, behind "allowed: ".
std::string AllowedModelNames();

// Whether `name` is that of a file right in a folder: nothing may climb out by name. Links are
// checked elsewhere.
bool IsFileName(std::string_view name);

// Returns `name` in quotes, escaped, cut after kMaxNameLength bytes.
std::string Quoted(std::string_view name);

// Returns "; nearest: WORD", or "" where none is near. Cheap for a name of any length.
std::string NearestNote(std::string_view name, std::span<const std::string> known);

}  // namespace normbench
