// SPDX-License-Identifier: Apache-2.0
#include "server/backends/aoti_package.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/export/pt2_archive_constants.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;
namespace spec = torch::_export::archive_spec;
using Reader = caffe2::serialize::PyTorchStreamReader;

constexpr std::string_view kModel = "data/aotinductor/model/";
constexpr size_t kChunk = 1 << 20;

absl::Status Invalid(const std::string& why) {
  return absl::InvalidArgumentError(
      absl::StrCat(why, "; allowed: what torch._inductor.aoti_compile_and_package writes"));
}

// LibTorch says what is wrong with the file, then what may be the reason of that.
absl::Status NoPackage(const absl::Status& status) {
  const std::string text(status.message());
  return Invalid(absl::StrCat("no AOTInductor package: ", text.substr(0, text.find(". "))));
}

// A short record; empty where it is not there.
std::string TextOf(Reader& reader, std::string_view record) {
  const std::string name(record);
  if (!reader.hasRecord(name)) return "";
  const auto [data, size] = reader.getRecord(name);
  return {static_cast<const char*>(data.get()), size};
}

absl::Status CheckFormat(Reader& reader) {
  if (TextOf(reader, spec::ARCHIVE_FORMAT_PATH) != spec::ARCHIVE_FORMAT_VALUE) {
    return Invalid("no AOTInductor package");
  }
  const std::string version = TextOf(reader, spec::ARCHIVE_VERSION_PATH);
  if (version == spec::ARCHIVE_VERSION_VALUE) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the package is of archive_version ", version,
                   "; allowed, by this LibTorch: ", std::string(spec::ARCHIVE_VERSION_VALUE)));
}

// Of the model and of the constants that it shares with others.
bool IsWanted(const std::string& record) {
  return (record.starts_with(kModel) || record.starts_with(spec::CONSTANTS_DIR)) &&
         record.find("..") == std::string::npos;
}

absl::Status CheckRecords(const std::vector<std::string>& records) {
  const auto holds = [&](std::string_view end) {
    return std::ranges::any_of(records, [&](const std::string& record) {
      return record.starts_with(kModel) && record.ends_with(end);
    });
  };
  if (!holds("wrapper_metadata.json")) {
    return Invalid("the package holds no AOTInductor model called \"model\"");
  }
  if (holds(".so")) return absl::OkStatus();
  return Invalid("the package holds no compiled code (aot_inductor.package_cpp_only)");
}

absl::Status Unpack(Reader& reader, const std::string& record, const fs::path& file) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  const size_t size = reader.getRecordSize(record);
  auto chunks = reader.createChunkReaderIter(record, size, kChunk);
  std::vector<char> chunk(kChunk);
  for (size_t done = 0; out && done < size;) {
    const size_t count = chunks.next(chunk.data());
    if (count == 0) return Invalid(absl::StrCat("the package is damaged at ", record));
    out.write(chunk.data(), static_cast<std::streamsize>(count));
    done += count;
  }
  out.close();
  if (out) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("no room in the temporary folder (TMPDIR) for ", record));
}

absl::Status UnpackAll(Reader& reader, const fs::path& folder) {
  const std::vector<std::string> records = reader.getAllRecords();
  absl::Status status = CheckFormat(reader);
  if (status.ok()) status = CheckRecords(records);
  for (const std::string& record : records) {
    if (status.ok() && IsWanted(record)) status = Unpack(reader, record, folder / record);
  }
  return status;
}

}  // namespace

absl::StatusOr<AotiPackage> AotiPackage::Open(const std::string& path) {
  auto folder = CodeFolder::Create();
  if (!folder.ok()) return folder.status();
  const std::string& root = (*folder)->path();
  absl::Status unpacked;
  AotiMetadata metadata;
  const absl::Status status = BehindTorchWall([&] {
    Reader reader(path);
    unpacked = UnpackAll(reader, root);
    if (!unpacked.ok()) return absl::OkStatus();
    const auto note =
        torch::inductor::AOTIModelPackageLoader::load_metadata_from_package(root, "model");
    metadata.insert(note.begin(), note.end());
    return absl::OkStatus();
  });
  if (!unpacked.ok()) return unpacked;
  if (!status.ok()) return NoPackage(status);
  return AotiPackage(*std::move(folder), std::move(metadata));
}

AotiPackage::AotiPackage(std::unique_ptr<CodeFolder> folder, AotiMetadata metadata)
    : folder_(std::move(folder)), metadata_(std::move(metadata)) {}

}  // namespace normbench
