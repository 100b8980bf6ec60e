#include "http/text.hpp"

#include <algorithm>

namespace heliograph::http {

namespace {

constexpr std::string_view kTokenPunctuation = "!#$%&'*+-.^_`|~";
constexpr std::string_view kWhiteSpace = " \t";

char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_letter_or_digit(char character) {
  const char lower = to_lower(character);
  return (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
}

}  // namespace

bool is_token_character(char character) {
  return is_letter_or_digit(character) || kTokenPunctuation.contains(character);
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
