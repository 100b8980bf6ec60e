#include "base/word.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace heliograph {
namespace {

constexpr std::size_t kWord = 8;

std::size_t size_before_special(std::string_view text) {
  return size_before(text, [](std::uint64_t word) {
    return find_less(word, 0x20) | find(word, '"') | find(word, '\x7f');
  });
}

bool is_special(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\x7f';
}

// What a look at one byte after the other finds, or the end of the last whole word.
std::size_t expected_size(std::string_view text) {
  const auto found = std::ranges::find_if(text, is_special) - text.begin();
  const std::size_t words = text.size() / kWord * kWord;
  return std::min(static_cast<std::size_t>(found), words);
}

TEST(Word, FindsEveryByteBehindEveryOtherAtEveryPlace) {
  for (std::size_t at = 0; at + 1 < kWord; ++at) {
    std::string text(2 * kWord, 'a');
    for (int first = 0; first < 256; ++first) {
      for (int second = 0; second < 256; ++second) {
        text[at] = static_cast<char>(first);
        text[at + 1] = static_cast<char>(second);
        ASSERT_EQ(size_before_special(text), expected_size(text)) << at << first << second;
      }
    }
  }
}

TEST(Word, LooksAtWholeWordsOnly) {
  for (std::size_t size = 0; size < 4 * kWord; ++size) {
    std::string text(size, 'a');
    EXPECT_EQ(size_before_special(text), size / kWord * kWord);
    for (char& character : text) {
      character = '"';
      EXPECT_EQ(size_before_special(text), expected_size(text));
      character = 'a';
    }
  }
}

}  // namespace
}  // namespace heliograph
