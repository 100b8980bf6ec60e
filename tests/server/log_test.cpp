#include "server/log.hpp"

#include <array>

#include <gtest/gtest.h>

#include "tests/base/memory_meter.hpp"

namespace heliograph::server::log {
namespace {

constexpr std::string_view kForged = "x\" level=error event=\"forged\"\r\n{\"event\":\"forged\"}\n";

TEST(Log, WritesTheSameEventInBothFormats) {
  const Fields fields = {{"result", Word("ok")}, {"user", "anna"}, {"count", 3U},
                         {"signal", -1},         {"held", true},   {"peer", net::HostAddress()}};
  EXPECT_EQ(format_event(Format::kLogfmt, "login", fields),
            R"(event=login result=ok user="anna" count=3 signal=-1 held=true peer=)");
  EXPECT_EQ(
      format_event(Format::kJson, "login", fields),
      R"("event":"login","result":"ok","user":"anna","count":3,"signal":-1,"held":true,"peer":"")");
}

TEST(Log, NamesAPeerByItsAddress) {
  const std::array<std::uint8_t, 4> bytes = {192, 0, 2, 1};
  const net::HostAddress host(bytes);
  EXPECT_EQ(format_event(Format::kLogfmt, "connected", {{"peer", host}}),
            "event=connected peer=192.0.2.1");
  EXPECT_EQ(format_event(Format::kJson, "connected", {{"peer", host}}),
            R"("event":"connected","peer":"192.0.2.1")");
}

TEST(Log, NoValueForgesALineOrAField) {
  for (const Field& field : {Field("user", kForged), Field("user", Word(kForged))}) {
    EXPECT_EQ(
        format_event(Format::kLogfmt, "login", {field}),
        R"(event=login user="x\" level=error event=\"forged\"\x0d\x0a{\"event\":\"forged\"}\x0a")");
    EXPECT_EQ(
        format_event(Format::kJson, "login", {field}),
        R"("event":"login","user":"x\" level=error event=\"forged\"\u000d\u000a{\"event\":\"forged\"}\u000a")");
  }
}

TEST(Log, AWordThatIsNoneIsQuoted) {
  EXPECT_EQ(format_event(Format::kLogfmt, "e", {{"file", Word("/etc/x.crt")}}),
            "event=e file=/etc/x.crt");
  EXPECT_EQ(format_event(Format::kLogfmt, "e", {{"file", Word("a b=c")}}),
            R"(event=e file="a b=c")");
  EXPECT_EQ(format_event(Format::kLogfmt, "e", {{"file", Word("")}}), R"(event=e file="")");
}

TEST(Log, KnowsEveryLevelByItsName) {
  EXPECT_EQ(parse_level("trace"), Level::kTrace);
  EXPECT_EQ(parse_level("warn"), Level::kWarning);
  EXPECT_EQ(parse_level("off"), Level::kOff);
  EXPECT_EQ(parse_level("loud"), std::nullopt);
}

TEST(Log, ALineBelowTheLevelIsNotBuilt) {
  set_level(Level::kInfo);
  const std::string name(1000, 'x');
  EXPECT_TRUE(is_on(Level::kInfo));
  EXPECT_FALSE(is_on(Level::kDebug));
  const MemoryMeter meter;
  debug("connected", {{"user", name}, {"peer", net::HostAddress()}, {"count", 1}});
  EXPECT_EQ(meter.allocations(), 0);
}

}  // namespace
}  // namespace heliograph::server::log
