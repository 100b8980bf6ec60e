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

}  // namespace
}  // namespace heliograph::server
