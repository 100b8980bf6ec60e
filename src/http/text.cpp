#include "http/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace heliograph::http {

namespace {

constexpr std::string_view kWhiteSpace = " \t";

constexpr char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// By byte: ALPHA, DIGIT and the punctuation of a tchar.
constexpr auto kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (unsigned char letter = 'a'; letter <= 'z'; ++letter) {
    table[letter] = table[letter - 'a' + 'A'] = true;
  }
  for (unsigned char digit = '0'; digit <= '9'; ++digit) table[digit] = true;
  for (const char mark : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(mark)] = true;
  }
  return table;
}();

}  // namespace

bool is_token_character(char character) {
  return kTokenCharacters[static_cast<unsigned char>(character)];
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return text.substr(text.size());
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

std::string_view take_list_member(std::string_view& list) {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view member = list.substr(0, comma);
  list.remove_prefix(std::min(comma + 1, list.size()));
  return trimmed(member);
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (equal_ignoring_case(take_list_member(list), token)) return true;
  }
  return false;
}

}  // namespace heliograph::http
