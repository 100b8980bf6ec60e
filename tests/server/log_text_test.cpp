#include "server/log_text.hpp"

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

TEST(LogText, KeepsWhatIsPrintable) {
  EXPECT_EQ(quoted("user 1"), R"("user 1")");
}

TEST(LogText, ANameCannotLeaveItsQuotesItsLineOrPaintTheTerminal) {
  EXPECT_EQ(quoted(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(quoted("a\r\nlevel=error"), R"("a\x0d\x0alevel=error")");
  EXPECT_EQ(quoted("\x1b[31m\x7f\xc3\xa9"), R"("\x1b[31m\x7f\xc3\xa9")");
}

TEST(LogText, AJsonStringEscapesWhatEndsALineOrPaints) {
  EXPECT_EQ(json_quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json_quoted("\r\n\x1b\x7f"), R"("\u000d\u000a\u001b\u007f")");
  EXPECT_EQ(json_quoted("J\xc3\xb6rg \xe2\x82\xac"), "\"J\xc3\xb6rg \xe2\x82\xac\"");
  EXPECT_EQ(json_quoted("\xc2\x85\xe2\x80\xa8\xe2\x80\xa9"), R"("\u0085\u2028\u2029")");
}

TEST(LogText, AJsonStringReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json_quoted("a\xff\xc3"), R"("a\ufffd\ufffd")");
  EXPECT_EQ(json_quoted("\xe2\x80"), R"("\ufffd\ufffd")");
}

TEST(LogText, KeepsTheLettersOfALineForPeople) {
  EXPECT_EQ(printable("'J\xc3\xb6rg' \\ 12 \xc2\xb5s\xc2\xa0\xe2\x82\xac"),
            "'J\xc3\xb6rg' \\ 12 \xc2\xb5s\xc2\xa0\xe2\x82\xac");
}

TEST(LogText, ALineForPeopleStaysOneLineAndPaintsNothing) {
  EXPECT_EQ(printable("ERR\r\nok    redis\x1b[2J\x7f"), R"(ERR\x0d\x0aok    redis\x1b[2J\x7f)");
  EXPECT_EQ(printable("\xc2\x80-\xc2\x9f"), R"(\xc2\x80-\xc2\x9f)");
  EXPECT_EQ(printable("\x9b\xc3\xb6"), R"(\x9b\xc3\xb6)");
}

}  // namespace
}  // namespace heliograph::server
