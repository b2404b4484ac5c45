// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/server_settings.h"

#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ServerSettingsTest : public InferenceFixture {
 protected:
  absl::StatusOr<inference::TraceSettingResponse> Trace(const std::string& name,
                                                        const std::string& value) {
    inference::TraceSettingRequest request;
    (*request.mutable_settings())[name].add_value(value);
    return AnswerTraceSetting(*repository_, tracer_.get(), request);
  }

  std::unique_ptr<Tracer> tracer_;
};

TEST_F(ServerSettingsTest, TracesAreOffAndStaySo) {
  const auto settings = AnswerTraceSetting(*repository_, nullptr, {});
  ASSERT_TRUE(settings.ok());
  EXPECT_THAT(settings->settings().at("trace_level").value(), ElementsAre("OFF"));
  EXPECT_EQ(settings->settings_size(), 6);
  EXPECT_TRUE(Trace("trace_level", "OFF").ok());
  const absl::Status other = Trace("trace_level", "TIMESTAMPS").status();
  EXPECT_TRUE(absl::IsUnimplemented(other));
  EXPECT_THAT(std::string(other.message()), HasSubstr("trace_level: 'TIMESTAMPS'; allowed: 'OFF'"));
  EXPECT_TRUE(absl::IsUnimplemented(Trace("trace_file", "/etc/passwd").status()));
  const absl::Status unknown = Trace("trace_levle", "OFF").status();
  EXPECT_TRUE(absl::IsInvalidArgument(unknown));
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("nearest: trace_level"));
}

// Where the file is is nobody's business, and nothing can be moved.
TEST_F(ServerSettingsTest, TracesThatAreWrittenAreSaid) {
  const std::string file = (root_ / "traces.jsonl").string();
  tracer_ = *Tracer::Open({.file = file, .rate = 7, .lost = {}});
  const auto settings = AnswerTraceSetting(*repository_, tracer_.get(), {});
  ASSERT_TRUE(settings.ok());
  EXPECT_THAT(settings->settings().at("trace_level").value(), ElementsAre("TIMESTAMPS"));
  EXPECT_THAT(settings->settings().at("trace_rate").value(), ElementsAre("7"));
  EXPECT_THAT(settings->settings().at("trace_file").value(), ElementsAre("traces.jsonl"));
  EXPECT_TRUE(Trace("trace_level", "TIMESTAMPS").ok());
  EXPECT_TRUE(absl::IsUnimplemented(Trace("trace_level", "OFF").status()));
  EXPECT_TRUE(absl::IsUnimplemented(Trace("trace_rate", "1").status()));
  EXPECT_TRUE(absl::IsUnimplemented(Trace("trace_file", file).status()));
}

TEST_F(ServerSettingsTest, TracesOfAModelAreThoseOfAll) {
  inference::TraceSettingRequest request;
  request.set_model_name("echo");
  EXPECT_TRUE(AnswerTraceSetting(*repository_, nullptr, request).ok());
  request.set_model_name("ehco");
  EXPECT_TRUE(absl::IsNotFound(AnswerTraceSetting(*repository_, nullptr, request).status()));
}

TEST_F(ServerSettingsTest, TheLogIsReadAndNotMoved) {
  inference::LogSettingsRequest request;
  const auto settings = AnswerLogSettings(request);
  ASSERT_TRUE(settings.ok());
  EXPECT_TRUE(settings->settings().at("log_error").bool_param());
  EXPECT_EQ(settings->settings().at("log_verbose_level").uint32_param(), 0u);
  EXPECT_EQ(settings->settings().at("log_format").string_param(), "default");
  (*request.mutable_settings())["log_info"].set_bool_param(true);
  EXPECT_TRUE(AnswerLogSettings(request).ok());
  (*request.mutable_settings())["log_file"].set_string_param("/root/.bashrc");
  const absl::Status moved = AnswerLogSettings(request).status();
  EXPECT_TRUE(absl::IsUnimplemented(moved));
  EXPECT_THAT(std::string(moved.message()), HasSubstr("log_file: '/root/.bashrc'; allowed: ''"));
  request.Clear();
  (*request.mutable_settings())["log_level"].set_bool_param(true);
  EXPECT_TRUE(absl::IsInvalidArgument(AnswerLogSettings(request).status()));
}

}  // namespace
}  // namespace normbench
