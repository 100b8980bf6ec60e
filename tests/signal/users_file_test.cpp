#include "signal/users_file.hpp"

#include <string>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using Rule = UsersFileError::Rule;

const std::string kHash = "$pbkdf2-sha256$i=2$MTIzNDU2Nzg$SezGZEGgrGVwFl1FVLue0g";
const std::string kOther = "$scrypt$ln=4,r=8,p=1$MTIzNDU2Nzg$SezGZEGgrGVwFl1FVLue0g";

TEST(UsersFile, ReadsALineForEachUser) {
  const auto file = UsersFile::parse("bob:" + kHash + "\n\nalice:" + kOther + "\r\na:b c:" + kHash);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->users().size(), 3U);
  EXPECT_EQ(file->find("alice"), kOther);
  EXPECT_EQ(file->find("bob"), kHash);
  EXPECT_EQ(file->find("a:b c"), kHash);
  EXPECT_EQ(file->find("carol"), std::nullopt);
}

TEST(UsersFile, AnEmptyTextHasNoUsers) {
  EXPECT_TRUE(UsersFile::parse("")->users().empty());
  EXPECT_TRUE(UsersFile::parse("\n\r\n")->users().empty());
}

TEST(UsersFile, WritesUsersSortedByName) {
  UsersFile file;
  file.set("bob", kHash);
  file.set("alice", kHash);
  file.set("alice", kOther);
  EXPECT_EQ(file.format(), "alice:" + kOther + "\nbob:" + kHash + "\n");
  EXPECT_EQ(UsersFile::parse(file.format())->users(), file.users());
}

TEST(UsersFile, RemovesUsers) {
  UsersFile file;
  file.set("bob", kHash);
  EXPECT_FALSE(file.remove("alice"));
  EXPECT_TRUE(file.remove("bob"));
  EXPECT_FALSE(file.remove("bob"));
  EXPECT_EQ(file.format(), "");
}

TEST(UsersFile, SaysWhichLineBreaksWhichRule) {
  const auto error = [](const std::string& line) {
    const auto file = UsersFile::parse("bob:" + kHash + "\n\n" + line + "\n");
    EXPECT_FALSE(file) << line;
    EXPECT_EQ(file.error().line, 3U) << line;
    return file.error().rule;
  };
  EXPECT_EQ(error("alice"), Rule::kNoColon);
  EXPECT_EQ(error(":" + kHash), Rule::kBadName);
  EXPECT_EQ(error("a\tb:" + kHash), Rule::kBadName);
  EXPECT_EQ(error("\xff:" + kHash), Rule::kBadName);
  EXPECT_EQ(error(std::string(129, 'x') + ":" + kHash), Rule::kBadName);
  EXPECT_EQ(error("alice:"), Rule::kBadHash);
  EXPECT_EQ(error("alice:password1"), Rule::kBadHash);
  EXPECT_EQ(error("alice:" + kHash + " "), Rule::kBadHash);
  EXPECT_EQ(error("bob:" + kOther), Rule::kDuplicateName);
}

TEST(UsersFile, DescribesErrorsInOneLineWithTheirPlace) {
  for (const Rule rule : {Rule::kNoColon, Rule::kBadName, Rule::kBadHash, Rule::kDuplicateName}) {
    const std::string text = describe({.line = 12, .rule = rule});
    EXPECT_TRUE(text.starts_with("line 12: ")) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace heliograph::signal
